import { MINUTE } from '../base/time.ts';
import type { Parsed, Problem } from '../base/problem.ts';
import type { Attachments } from './attachments.ts';
import { type BuiltIn, builtInTree, DEMO_NAMES } from './built-in.ts';
import { allowApprovers, allowNotified, allowOwner, allowResponsible } from './check-people.ts';
import { parseAction } from './parse-action.ts';
import { parseChannel, RECORD_CHANNEL } from './parse-channel.ts';
import { parseTeam, parseUser } from './parse-people.ts';
import { parseOtlpRules } from './parse-otlp.ts';
import { parseRemoteWrite } from './parse-remote-write.ts';
import { parseRecommendation } from './parse-recommendation.ts';
import { checkRouteChannels, defaultRoute, parseRoute } from './parse-route.ts';
import { parseRule } from './parse-rule.ts';
import { parseScrapeDefaults, parseScrapeJobs } from './parse-scrape.ts';
import { parseServer, parseStorage } from './parse-server.ts';
import { parseTrigger } from './parse-trigger.ts';
import { boolean, type Note, Notes, optional, positiveDuration, record } from './readers.ts';
import { mergeSections, type NamedSection, type Sections } from './sections.ts';
import type { Settings } from './settings.ts';
import { suggest } from './suggest.ts';
import { type ConfigFile, type Entry, parseTree, type Tree } from './tree.ts';

export interface ConfigOptions {
  /** What the built-in demonstration needs to know; null: no built-in rules and no demonstration at all. */
  readonly builtIn: BuiltIn | null;
  /** The files that recommendations and actions refer to. */
  readonly attachments?: Attachments;
  /** What went wrong before, while the files were read. */
  readonly problems?: readonly Problem[];
}

/**
 * The settings of one or more configuration files, or every problem in them with file, line and column. No file at all gives the built-in
 * configuration.
 */
export function parseConfig(files: readonly ConfigFile[], options: ConfigOptions): Parsed<Settings> {
  const notes = new Notes();
  notes.add(options.problems ?? []);
  const trees: Tree[] = [];
  for (const file of files) {
    const { tree, problems } = parseTree(file);
    notes.add(problems);
    if (tree !== null) trees.push(tree);
  }
  const own = mergeSections(trees, notes.note);
  const sections = withBuiltIn(own, options.builtIn, notes.note);
  const settings = parseSections(sections, own, { attachments: options.attachments ?? new Map(), note: notes.note });
  const { problems } = notes;
  return { value: problems.length === 0 ? settings : null, problems };
}

const builtInFields = record({ rules: optional(boolean, true), demo: optional(boolean, true) });

/** The configuration with what ships added below it: a name that the configuration defines itself is left alone. */
function withBuiltIn(own: Sections, builtIn: BuiltIn | null, note: Note): Sections {
  const wanted = own.single.built_in === null ? { rules: true, demo: true } : builtInFields(own.single.built_in, note);
  if (builtIn === null || wanted === undefined) return own;
  const names = new Set(Object.entries(own.named).flatMap(([section, entries]) => entries.map(({ key }) => `${section}.${key}`)));
  const shipped = mergeSections([builtInTree(builtIn)], note);
  const demoIsOwn = DEMO_NAMES.some((name) => names.has(name));
  const isWanted = (section: NamedSection, { key }: Entry): boolean => {
    const name = `${section}.${key}`;
    return DEMO_NAMES.includes(name) ? wanted.demo && !demoIsOwn : wanted.rules && !names.has(name);
  };
  const add = (section: NamedSection): readonly Entry[] => [
    ...own.named[section],
    ...shipped.named[section].filter((entry) => isWanted(section, entry)),
  ];
  const { channels, teams, users } = own.named;
  const named = {
    rules: add('rules'),
    actions: add('actions'),
    triggers: add('triggers'),
    recommendations: add('recommendations'),
    channels,
    teams,
    users,
  };
  return { named, single: own.single, lists: own.lists };
}

interface Reading {
  readonly attachments: Attachments;
  readonly note: Note;
}

function parseSections(sections: Sections, own: Sections, { attachments, note }: Reading): Settings | null {
  const { named, single } = sections;
  const server = parseServer(single.server, note);
  const storage = parseStorage(single.storage, note);
  const silent = single.agent_silent_after === null ? MINUTE : positiveDuration(single.agent_silent_after, note);
  const scrapeDefaults = parseScrapeDefaults(single.global, note);
  const otlp = parseOtlpRules(single.otlp, note);
  const teams = readAll(named.teams, parseTeam, note);
  const users = readAll(named.users, parseUser, note);
  const rules = readAll(named.rules, parseRule, note);
  const ownChannels = readAll(named.channels, parseChannel, note);
  const actions = readAll(named.actions, (entry) => parseAction(entry, attachments, note), note);
  const recommendations = readAll(named.recommendations, (entry) => parseRecommendation(entry, attachments, note), note);
  const targets = {
    actions: new Map(named.actions.map(({ key }) => [key, actions.get(key) ?? null])),
    recommendations: new Set(named.recommendations.map(({ key }) => key)),
  };
  const triggers = readAll(named.triggers, (entry) => parseTrigger(entry, targets, note), note);

  const channels = ownChannels.has(RECORD_CHANNEL.name) ? ownChannels : new Map([...ownChannels, [RECORD_CHANNEL.name, RECORD_CHANNEL]]);
  const route = routeOf(single.route, own.named.channels, note);
  const teamNames = named.teams.map(({ key }) => key);
  for (const entry of [...named.actions, ...named.triggers]) {
    allowApprovers(entry, teamNames, note);
    allowNotified(entry, { channels: named.channels, teams: teamNames, users }, note);
  }
  for (const entry of named.actions) allowOwner(entry, teamNames, note);
  for (const entry of named.recommendations) allowResponsible(entry, teamNames, note);

  const scrapeJobs = scrapeDefaults && parseScrapeJobs(sections.lists.scrape_configs, scrapeDefaults, note);
  const remoteWrite = parseRemoteWrite(sections.lists.remote_write, note);
  const [sent] = sections.lists.remote_write;
  if (sent !== undefined && storage !== undefined && storage.series.remote !== null)
    note(sent, 'the embedded store sends samples on; here another server keeps them (storage.series)');

  if (
    server === undefined ||
    storage === undefined ||
    silent === undefined ||
    route === undefined ||
    scrapeJobs === undefined ||
    otlp === undefined
  )
    return null;
  return {
    server,
    rules,
    channels,
    route,
    actions,
    triggers,
    recommendations,
    teams,
    users,
    ...storage,
    agentSilentAfter: silent,
    scrapeJobs,
    otlp,
    remoteWrite,
  };
}

function readAll<T>(entries: readonly Entry[], read: (entry: Entry, note: Note) => T | undefined, note: Note): ReadonlyMap<string, T> {
  const values = new Map<string, T>();
  for (const entry of entries) {
    const value = read(entry, note);
    if (value !== undefined) values.set(entry.key, value);
  }
  return values;
}

function routeOf(tree: Tree | null, channels: readonly Entry[], note: Note): Settings['route'] | undefined {
  const [only, ...others] = channels;
  const names = [...channels.map(({ key }) => key), RECORD_CHANNEL.name];
  if (tree === null) {
    if (only !== undefined && others.length > 0) {
      note(only.at, `with ${channels.length} channels a route must say what goes where: route: { channel: ${only.key} }`);
    }
    return defaultRoute(only?.key ?? RECORD_CHANNEL.name);
  }
  const allow = (name: Tree): void => {
    const text = name.kind === 'scalar' ? name.text : '';
    if (!names.includes(text)) note(name, `no channel is called ${JSON.stringify(text)}${suggest(text, names)}`);
  };
  checkRouteChannels(tree, allow);
  return parseRoute(tree, only === undefined ? RECORD_CHANNEL.name : null, note);
}
