import type { Parsed } from '../base/problem.ts';
import { parseTree, type Tree } from '../config/tree.ts';
import type { TargetGroup } from './scrape-job.ts';

const MOST_TARGETS = 1_000_000;

/** Target groups as file and HTTP discovery give them: `[{"targets": ["host:port"], "labels": {"name": "value"}}]`, in JSON or YAML. */
export function parseTargetGroups(text: string, format: 'json' | 'yaml', path: string): Parsed<readonly TargetGroup[]> {
  if (format === 'json') return readGroups(parseJson(text));
  const { tree, problems } = parseTree({ path, text });
  return tree === null ? { value: null, problems } : readGroups(plain(tree));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function plain(tree: Tree): unknown {
  if (tree.kind === 'list') return tree.items.map(plain);
  if (tree.kind === 'map') return Object.fromEntries(tree.entries.map(({ key, value }) => [key, plain(value)]));
  return tree.value === null ? null : tree.text;
}

function readGroups(value: unknown): Parsed<readonly TargetGroup[]> {
  // An empty YAML file holds no groups.
  if (value === null) return { value: [], problems: [] };
  if (!Array.isArray(value)) return wrong('expected a list of groups, each with targets');
  const groups: TargetGroup[] = [];
  let count = 0;
  for (const [index, item] of value.entries()) {
    const group = readGroup(item);
    if (typeof group === 'string') return wrong(`group ${index + 1}: ${group}`);
    count += group.targets.length;
    if (count > MOST_TARGETS) return wrong(`more than ${MOST_TARGETS} targets`);
    groups.push(group);
  }
  return { value: groups, problems: [] };
}

function wrong(message: string): Parsed<never> {
  return { value: null, problems: [{ message }] };
}

function readGroup(item: unknown): TargetGroup | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return 'expected a map with targets and labels';
  const stranger = Object.keys(item).find((key) => key !== 'targets' && key !== 'labels');
  if (stranger !== undefined) return `unknown key ${JSON.stringify(stranger.slice(0, 100))}`;
  const targets: unknown = 'targets' in item ? item.targets : [];
  if (!Array.isArray(targets) || !targets.every((target) => typeof target === 'string')) return 'targets must be a list of texts';
  const given: unknown = 'labels' in item ? (item.labels ?? {}) : {};
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return 'labels must be a map';
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (name === '') return `${JSON.stringify(name.slice(0, 100))} is no label name`;
    if (typeof value !== 'string') return `the label ${name} must be a text`;
    labels[name] = value;
  }
  return { targets, labels };
}
