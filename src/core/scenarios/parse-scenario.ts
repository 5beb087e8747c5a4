import { parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { parseInstant } from '../base/calendar.ts';
import { NAME, type Labels } from '../base/labels.ts';
import type { Parsed, Problem } from '../base/problem.ts';
import { parseDuration, type Millis } from '../base/time.ts';
import { parseMatchers } from '../routing/parse-matchers.ts';

/** A script for the simulation: what the world does while the configuration is played. All moments count from the start. */
export interface Scenario {
  readonly name: string;
  readonly start: Millis;
  readonly length: Millis;
  readonly seed: number;
  readonly servers: number;
  readonly staleRate: number;
  /** A configuration file beside the scenario; null: `configuration` holds its text. */
  readonly config: string | null;
  readonly configuration: string;
  readonly hosts: readonly string[];
  readonly series: readonly ScriptedSeries[];
  readonly actions: ReadonlyMap<string, ScriptedAction>;
  readonly people: readonly ScriptedDeed[];
  readonly alerts: readonly ScriptedAlert[];
  readonly faults: readonly ScriptedFault[];
  /** The lines the trace must have, in order; other lines may stand between them. */
  readonly expect: readonly string[];
}

export interface ScriptedSeries {
  readonly labels: Labels;
  readonly moves: readonly { readonly at: Millis; readonly value: number | null }[];
}

export interface ScriptedAction {
  readonly takes: Millis;
  readonly exitCode: number;
  /** What its success changes. */
  readonly sets: readonly { readonly labels: Labels; readonly value: number | null }[];
}

/** What people do. `..._by_link`: with the link of the last mail that asked them about that action. */
const DEEDS = ['approve', 'reject', 'approve_by_link', 'reject_by_link', 'cancel', 'acknowledge', 'resolve', 'run'] as const;

/** What a person does; `target` names an alert (by `alertname`) or an action. */
export interface ScriptedDeed {
  readonly at: Millis;
  readonly who: string;
  readonly does: (typeof DEEDS)[number];
  readonly target: string;
  readonly comment: string;
  readonly with: Readonly<Record<string, string | number | boolean>>;
}

export interface ScriptedAlert {
  readonly at: Millis;
  readonly status: 'firing' | 'resolved';
  readonly labels: Labels;
  readonly annotations: Labels;
}

export type ScriptedFault =
  | { readonly at: Millis; readonly kind: 'crash'; readonly when: 'before' | 'after' }
  | { readonly at: Millis; readonly kind: 'sends fail'; readonly rate: number }
  | { readonly at: Millis; readonly kind: 'agent'; readonly host: string; readonly connected: boolean }
  | { readonly at: Millis; readonly kind: 'agent dies'; readonly host: string }
  | { readonly at: Millis; readonly kind: 'clock'; readonly by: Millis }
  /** Another configuration, as text, from here on: all of it, or nothing where it is wrong. */
  | { readonly at: Millis; readonly kind: 'configuration'; readonly text: string };

const Duration = z.string().transform((text, context): Millis => {
  const negative = text.startsWith('-');
  const length = parseDuration(text.replace(/^[+-]/, ''));
  if (length === null) context.addIssue({ code: 'custom', message: `${JSON.stringify(text)} is no duration (like 90s or 1h30m)` });
  return (length ?? 0) * (negative ? -1 : 1);
});
const Value = z.union([z.number(), z.null()]);
const Texts = z.record(z.string(), z.string());
const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Rate = z.number().min(0).max(1);

const Deed = z.strictObject({
  at: Duration,
  who: z.string(),
  comment: z.string().default(''),
  with: z.record(z.string(), Scalar).default({}),
  approve: z.string().optional(),
  reject: z.string().optional(),
  approve_by_link: z.string().optional(),
  reject_by_link: z.string().optional(),
  cancel: z.string().optional(),
  acknowledge: z.string().optional(),
  resolve: z.string().optional(),
  run: z.string().optional(),
});
const Fault = z.strictObject({
  at: Duration,
  crash: z.enum(['before', 'after']).optional(),
  sends_fail: Rate.optional(),
  agent_away: z.string().optional(),
  agent_back: z.string().optional(),
  agent_dies: z.string().optional(),
  clock: Duration.optional(),
  configuration: z.record(z.string(), z.unknown()).optional(),
});
const Shape = z.strictObject({
  name: z.string().default('scenario'),
  start: z.string().default('2026-01-01T00:00:00Z'),
  length: Duration,
  seed: z.number().int().default(1),
  servers: z.number().int().min(1).max(5).default(1),
  stale_commits: Rate.default(0),
  config: z.string().optional(),
  configuration: z.record(z.string(), z.unknown()).optional(),
  hosts: z.array(z.string()).min(1).default(['host-1']),
  series: z.record(z.string(), z.record(z.string(), Value)).default({}),
  actions: z
    .record(
      z.string(),
      z.strictObject({
        takes: Duration.prefault('1s'),
        exit_code: z.number().int().default(0),
        sets: z.record(z.string(), Value).default({}),
      }),
    )
    .default({}),
  people: z.array(Deed).default([]),
  alerts: z
    .array(
      z.strictObject({
        at: Duration,
        status: z.enum(['firing', 'resolved']).default('firing'),
        labels: Texts,
        annotations: Texts.default({}),
      }),
    )
    .default([]),
  faults: z.array(Fault).default([]),
  expect: z.array(z.string()).default([]),
});

/** Reads a scenario file; all problems at once. An inline configuration is kept as text, so that it is checked like a file. */
export function parseScenario(file: string, text: string): Parsed<Scenario> {
  const document = parseDocument(text, { uniqueKeys: true });
  const broken = document.errors.map(
    (error): Problem => ({ file, message: error.message, line: error.linePos?.[0].line ?? 1, column: error.linePos?.[0].col ?? 1 }),
  );
  if (broken.length > 0) return { value: null, problems: broken };
  const parsed = Shape.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (!parsed.success)
    return { value: null, problems: parsed.error.issues.map((issue) => ({ file, path: issue.path.join('.'), message: issue.message })) };
  const problems: Problem[] = [];
  const report = (path: string, message: string): void => void problems.push({ file, path, message });
  const value = toScenario(parsed.data, report);
  return { value: problems.length === 0 ? value : null, problems };
}

type Report = (path: string, message: string) => void;

function toScenario(shape: z.output<typeof Shape>, report: Report): Scenario {
  const start = parseInstant(shape.start);
  if (start === null) report('start', `${shape.start} is no moment (like 2026-01-01T00:00:00Z)`);
  if ((shape.config === undefined) === (shape.configuration === undefined))
    report('config', 'give either config (a file) or configuration (the settings themselves)');
  return {
    name: shape.name,
    start: start ?? 0,
    length: shape.length,
    seed: shape.seed,
    servers: shape.servers,
    staleRate: shape.stale_commits,
    config: shape.config ?? null,
    configuration: shape.configuration === undefined ? '' : stringify(shape.configuration),
    hosts: shape.hosts,
    series: Object.entries(shape.series).map(([name, moves]) => ({
      labels: parseSeries(name, `series.${name}`, report),
      moves: parseMoves(moves, name, report),
    })),
    actions: new Map(
      Object.entries(shape.actions).map(([name, action]) => [
        name,
        {
          takes: action.takes,
          exitCode: action.exit_code,
          sets: Object.entries(action.sets).map(([series, value]) => ({
            labels: parseSeries(series, `actions.${name}.sets`, report),
            value,
          })),
        },
      ]),
    ),
    people: shape.people.map((deed, index) => toDeed(deed, `people.${index}`, report)),
    alerts: shape.alerts,
    faults: shape.faults.flatMap((fault, index) => toFault(fault, `faults.${index}`, report)),
    expect: shape.expect,
  };
}

function parseMoves(moves: Readonly<Record<string, number | null>>, name: string, report: Report) {
  const parsed = Object.entries(moves).map(([text, value]) => {
    const at = parseDuration(text);
    if (at === null) report(`series.${name}`, `${JSON.stringify(text)} is no duration`);
    return { at: at ?? 0, value };
  });
  return parsed.sort((a, b) => a.at - b.at);
}

/** `name{label="value"}` as a label set. */
function parseSeries(text: string, path: string, report: Report): Labels {
  const [, name, body] = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})?$/.exec(text) ?? [];
  const matchers = body === undefined ? [] : parseMatchers(body).value;
  if (name === undefined || matchers === null || matchers.some((matcher) => matcher.op !== '=')) {
    report(path, `${text} is no series (like disk_used{instance="web-1"})`);
    return {};
  }
  return { [NAME]: name, ...Object.fromEntries(matchers.map((matcher) => [matcher.name, matcher.value])) };
}

function toDeed(deed: z.output<typeof Deed>, path: string, report: Report): ScriptedDeed {
  const said = DEEDS.filter((does) => deed[does] !== undefined);
  if (said.length !== 1) report(path, `give exactly one of ${DEEDS.join(', ')}`);
  const does = said[0] ?? 'run';
  return { at: deed.at, who: deed.who, comment: deed.comment, with: deed.with, does, target: deed[does] ?? '' };
}

function toFault(fault: z.output<typeof Fault>, path: string, report: Report): ScriptedFault[] {
  const { at } = fault;
  const faults: ScriptedFault[] = [];
  if (fault.crash !== undefined) faults.push({ at, kind: 'crash', when: fault.crash });
  if (fault.sends_fail !== undefined) faults.push({ at, kind: 'sends fail', rate: fault.sends_fail });
  if (fault.agent_away !== undefined) faults.push({ at, kind: 'agent', host: fault.agent_away, connected: false });
  if (fault.agent_back !== undefined) faults.push({ at, kind: 'agent', host: fault.agent_back, connected: true });
  if (fault.agent_dies !== undefined) faults.push({ at, kind: 'agent dies', host: fault.agent_dies });
  if (fault.clock !== undefined) faults.push({ at, kind: 'clock', by: fault.clock });
  if (fault.configuration !== undefined) faults.push({ at, kind: 'configuration', text: stringify(fault.configuration) });
  if (faults.length !== 1) report(path, 'give exactly one of crash, sends_fail, agent_away, agent_back, agent_dies, clock, configuration');
  return faults;
}
