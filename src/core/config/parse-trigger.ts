import type { Action, Trigger } from '../actions/action.ts';
import { checkValue } from '../actions/parameters.ts';
import { approval } from './parse-action.ts';
import {
  describe,
  duration,
  fullText,
  integer,
  mapOf,
  type Note,
  oneOf,
  optional,
  positiveDuration,
  type Reader,
  record,
  required,
} from './readers.ts';
import { checked, matchers, sourceOf } from './shared-readers.ts';
import { suggest } from './suggest.ts';
import { type Entry, entryOf, spotOf, type Tree } from './tree.ts';

/** What a trigger may name. An action that is itself wrong is `null`: its trigger is not blamed for it. */
export interface TriggerTargets {
  readonly actions: ReadonlyMap<string, Action | null>;
  readonly recommendations: ReadonlySet<string>;
}

const REFERENCE = /^\$(?:value|host|labels\.[a-zA-Z_][a-zA-Z0-9_]*|annotations\.[a-zA-Z_][a-zA-Z0-9_]*)$/;

/** A whole value: a literal, or what it refers to. */
const given: Reader<string | number | boolean> = (tree, note) => {
  if (tree.kind !== 'scalar' || tree.value === null) note(tree, `expected a value, found ${describe(tree)}`);
  else if (typeof tree.value !== 'string' || REFERENCE.test(tree.value) || !/\$|\{\{/.test(tree.value)) return tree.value;
  else if (/\{\{/.test(tree.value)) note(tree, 'templates never reach a command: give a whole value such as $labels.mountpoint');
  else note(tree, 'expected $labels.NAME, $annotations.NAME, $host or $value as a whole value, or a text without $');
  return undefined;
};

const fields = record(
  {
    match: required(checked(matchers, (list) => (list.length > 0 ? null : 'no matchers: this would be set off by every alert'))),
    on: optional(oneOf('firing', 'resolved'), 'firing' as const),
    run: optional(fullText, null),
    recommend: optional(fullText, null),
    with: optional(
      mapOf(({ value }, note) => given(value, note)),
      null,
    ),
    cooldown: optional(duration, 0),
    concurrency: optional(integer(1, 1_000), null),
    approval: optional(approval, null),
    verify: optional(record({ within: required(positiveDuration) }, ['extend', 'escalate']), null),
  },
  ['delay', 'enable', 'max_per_hour'],
);

/** A trigger of the section `triggers`. */
export function parseTrigger({ key, at, value: tree }: Entry, targets: TriggerTargets, note: Note): Trigger | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const { run, recommend } = value;
  const aims = [run, recommend].filter((aim) => aim !== null).length;
  if (aims !== 1) {
    note(at, aims === 0 ? 'a trigger needs run or recommend' : 'a trigger has either run or recommend, not both');
    return undefined;
  }
  const whole = run === null ? allowRecommend(tree, targets, note) : allowRun(tree, run, targets, note);
  if (!whole) return undefined;
  if (value.on === 'resolved' && value.verify !== null) {
    note(spotOf(tree, 'verify'), 'there is nothing to verify when the alert is already resolved');
    return undefined;
  }
  const action = run === null ? null : (targets.actions.get(run) ?? null);
  return {
    name: key,
    matchers: value.match,
    on: value.on,
    run,
    recommend,
    with: Object.fromEntries(value.with ?? []),
    cooldown: value.cooldown,
    approval: value.approval,
    concurrency: value.concurrency ?? action?.concurrency ?? 1,
    verifyWithin: value.verify?.within ?? null,
    source: sourceOf(at),
  };
}

function allowRecommend(tree: Tree, targets: TriggerTargets, note: Note): boolean {
  const named = entryOf(tree, 'recommend')?.value;
  const name = named?.kind === 'scalar' ? named.text : '';
  let whole = targets.recommendations.has(name);
  if (!whole && named !== undefined)
    note(named, `no recommendation is called ${JSON.stringify(name)}${suggest(name, targets.recommendations)}`);
  for (const key of ['with', 'verify', 'approval', 'concurrency']) {
    const entry = entryOf(tree, key);
    if (entry === undefined) continue;
    note(entry.at, `${key} belongs to run, not to recommend`);
    whole = false;
  }
  return whole;
}

function allowRun(tree: Tree, run: string, targets: TriggerTargets, note: Note): boolean {
  const action = targets.actions.get(run);
  if (action === undefined) {
    note(spotOf(tree, 'run'), `no action is called ${JSON.stringify(run)}${suggest(run, targets.actions.keys())}`);
    return false;
  }
  if (action === null) return true;
  const withTree = entryOf(tree, 'with');
  const entries = withTree?.value.kind === 'map' ? withTree.value.entries : [];
  const parameters = new Map(action.parameters.map((parameter) => [parameter.name, parameter]));
  let whole = true;
  for (const { key, at, value } of entries) {
    const parameter = parameters.get(key);
    const literal = value.kind === 'scalar' && !(typeof value.value === 'string' && value.value.startsWith('$')) ? value.value : null;
    if (parameter === undefined) {
      note(at, `${run} has no parameter ${JSON.stringify(key)}${suggest(key, parameters.keys())}`);
      whole = false;
    } else if (literal !== null) {
      const outcome = checkValue(parameter, literal);
      if ('problem' in outcome) note(value, outcome.problem);
      whole = whole && !('problem' in outcome);
    }
  }
  const missing = action.parameters.filter(
    ({ name, required: needed, default: fallback }) => needed && fallback === null && !entries.some(({ key }) => key === name),
  );
  for (const { name } of missing) note(withTree?.at ?? tree, `${run} needs the parameter ${name}`);
  return whole && missing.length === 0;
}
