import type { Note } from './readers.ts';
import { allowName } from './shared-readers.ts';
import { suggest } from './suggest.ts';
import { type Entry, entryOf, type Spot, type Tree } from './tree.ts';

/** Sections that hold things by name; several files may add to them. */
const NAMED = ['rules', 'channels', 'actions', 'triggers', 'recommendations', 'teams', 'users'] as const;
export type NamedSection = (typeof NAMED)[number];

/** Sections that one file may hold. */
const SINGLE = ['server', 'storage', 'route', 'agent_silent_after', 'built_in', 'global', 'otlp'] as const;
type SingleSection = (typeof SINGLE)[number];

/** Lists, to which several files may add. */
const LISTS = ['scrape_configs', 'remote_write'] as const;
type ListSection = (typeof LISTS)[number];

/** What the configuration will hold one day. Silently ignoring it would be worse than refusing it. */
const PLANNED = [
  'alerting',
  'checks',
  'dashboards',
  'dependencies',
  'escalations',
  'inhibit_rules',
  'maintenance',
  'panels',
  'remote_read',
  'rule_files',
  'schedules',
  'scrape_config_files',
  'time_ranges',
  'tokens',
  'tracing',
];

/** The sections of all files, put together. */
export interface Sections {
  readonly named: Readonly<Record<NamedSection, readonly Entry[]>>;
  readonly single: Readonly<Record<SingleSection, Tree | null>>;
  /** The section of each file that has one. */
  readonly lists: Readonly<Record<ListSection, readonly Tree[]>>;
}

/** Puts the sections of several files together; names are unique over all of them. */
export function mergeSections(trees: readonly Tree[], note: Note): Sections {
  const named: Record<NamedSection, Entry[]> = {
    rules: [],
    channels: [],
    actions: [],
    triggers: [],
    recommendations: [],
    teams: [],
    users: [],
  };
  const single: Record<SingleSection, Tree | null> = {
    server: null,
    storage: null,
    route: null,
    agent_silent_after: null,
    built_in: null,
    global: null,
    otlp: null,
  };
  const lists: Record<ListSection, Tree[]> = { scrape_configs: [], remote_write: [] };
  const places = new Map<string, Spot>();
  for (const tree of trees) {
    for (const entry of topEntries(tree, note)) {
      const { key, at, value } = entry;
      const isName = NAMED.find((section) => section === key);
      const isList = LISTS.find((section) => section === key);
      const isSingle = SINGLE.find((section) => section === key);
      if (isName !== undefined) {
        for (const each of namedEntries(entry, note)) {
          if (isFirst(places, `${key}.${each.key}`, each.at, note)) named[isName].push(each);
        }
      } else if (isSingle !== undefined) {
        if (value.kind === 'scalar' && value.value === null) continue;
        if (isFirst(places, key, at, note)) single[isSingle] = value;
      } else if (isList !== undefined) {
        if (value.kind !== 'scalar' || value.value !== null) lists[isList].push(value);
      } else if (PLANNED.includes(key)) {
        note(at, `the section ${key} is not supported by this version`);
      } else if (key !== 'include') {
        note(at, `unknown section ${JSON.stringify(key)}${suggest(key, [...NAMED, ...SINGLE, ...PLANNED, ...LISTS, 'include'])}`);
      }
    }
  }
  return { named, single, lists };
}

function topEntries(tree: Tree, note: Note): readonly Entry[] {
  if (tree.kind === 'map') return tree.entries;
  // An empty file, or one of comments only.
  if (tree.kind === 'scalar' && tree.value === null) return [];
  note(tree, 'expected sections such as rules, channels or actions');
  return [];
}

function namedEntries({ key, value }: Entry, note: Note): readonly Entry[] {
  if (value.kind === 'map') return value.entries.filter((entry) => allowName(entry, note));
  if (value.kind !== 'scalar' || value.value !== null) note(value, `expected a map of ${key} by name`);
  return [];
}

function isFirst(places: Map<string, Spot>, name: string, at: Spot, note: Note): boolean {
  const first = places.get(name);
  if (first === undefined) places.set(name, at);
  else note(at, `${name} is already defined in ${first.file}:${first.line}`);
  return first === undefined;
}

/** The patterns of the section `include`, with their place; null when the section is something else than texts. */
export function includePatterns(tree: Tree): readonly { readonly pattern: string; readonly at: Spot }[] | null {
  const section = entryOf(tree, 'include')?.value;
  if (section === undefined || (section.kind === 'scalar' && section.value === null)) return [];
  const items = section.kind === 'list' ? section.items : [section];
  const patterns = items.flatMap((item) =>
    item.kind === 'scalar' && typeof item.value === 'string' && item.value !== '' ? [{ pattern: item.value, at: item }] : [],
  );
  return patterns.length === items.length ? patterns : null;
}
