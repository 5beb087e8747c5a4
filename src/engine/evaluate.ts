import { stepAlert, type AlertStep, type Finding } from '../core/alerts/step.ts';
import { alertHost, type Alert } from '../core/alerts/alert.ts';
import { fingerprint, NAME, type Labels } from '../core/base/labels.ts';
import { MINUTE, NEVER, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { isWorth } from '../core/rules/meets.ts';
import type { Rule } from '../core/rules/rule.ts';
import { expandTemplate } from '../core/templates/expand-template.ts';
import type { Found } from '../core/change/change.ts';
import type { InstantAnswer, Sample, World } from '../world.ts';
import { find, fresh } from './change.ts';
import { commitSteps } from './commit-steps.ts';
import type { Judged } from './judge.ts';
import { raiseTrouble } from './trouble.ts';

/** How often the value of an alert that stays as it is goes to the database. */
const REFRESH: Millis = MINUTE;

export interface Evaluation {
  /** `stale`: somebody else wrote meanwhile, judge again soon. */
  readonly outcome: 'done' | 'stale' | 'failed';
  /** When each open alert must be judged again, whatever arrives. */
  readonly wakeAt: ReadonlyMap<string, Millis>;
}

const NO_MOMENTS: ReadonlyMap<string, Millis> = new Map();
/** There was nothing to judge. */
export const NOTHING: Evaluation = { outcome: 'done', wakeAt: NO_MOMENTS };

/** Samples become alert states: the rule's expression is asked, and each of its series is judged on its own. */
export async function evaluateRule(world: World, settings: Settings, name: string, now: Millis): Promise<Evaluation> {
  const rule = settings.rules.get(name);
  const open = await world.store.openAlerts(name);
  if (rule === undefined) return retire(world, settings, open, now);
  return judgeAnswer(world, settings, { rule, open, answer: await world.series.instant(rule.expr, now) }, now);
}

/** A rule, its open alerts, and what its expression gave; of a rule without open alerts, what meets no level may be left out. */
export interface Answered {
  readonly rule: Rule;
  readonly open: readonly Found<'alert'>[];
  readonly answer: InstantAnswer;
}

/** Judges each series that a rule's expression gave. */
export async function judgeAnswer(world: World, settings: Settings, { rule, open, answer }: Answered, now: Millis): Promise<Evaluation> {
  if ('error' in answer) {
    const { name } = rule;
    await raiseTrouble(world, settings, { alertname: 'RuleFailing', rule: name }, `The rule ${name} cannot be judged: ${answer.error}`);
    return { outcome: 'failed', wakeAt: NO_MOMENTS };
  }
  if (open.length === 0 && answer.samples.length === 0) return NOTHING;

  const rows = new Map(open.map((row) => [row.value.fingerprint, row]));
  const findings = findingsOf(rule, answer.samples);
  for (const [print, row] of rows) if (!findings.has(print)) findings.set(print, { labels: row.value.labels, value: null });

  const wakeAt = new Map<string, Millis>();
  const judged: Judged[] = [];
  for (const [print, finding] of findings) {
    const previous = rows.get(print) ?? null;
    // Of a host whose agent is silent nothing is known: its alerts stay as they are, and another alert says so.
    if (finding.value === null && previous?.value.state === 'firing' && (await isAway(world, finding.labels))) continue;
    const step = annotate(stepAlert(previous?.value ?? null, finding, rule, now), rule, settings);
    if (step.alert !== null) wakeAt.set(step.alert.id, step.wakeAt);
    if (!isWorthWriting(previous?.value ?? null, step)) continue;
    judged.push({ row: previous ?? fresh('alert', step.alert?.id ?? ''), step });
  }
  return { outcome: await commit(world, settings, judged, now), wakeAt };
}

/** By the fingerprint of the labels that an alert would have. Where they are the same for several series, the last counts that meets a level. */
function findingsOf(rule: Rule, samples: readonly Sample[]): Map<string, Finding> {
  const findings = new Map<string, Finding>();
  for (const sample of samples) {
    const labels = identityOf(rule, sample.labels);
    const print = fingerprint(labels);
    if (findings.has(print) && !isWorth(rule.levels, sample.value)) continue;
    findings.set(print, { labels, value: sample.value });
  }
  return findings;
}

async function commit(world: World, settings: Settings, judged: readonly Judged[], now: Millis): Promise<'done' | 'stale'> {
  const { stale, failures } = await commitSteps(world, settings, judged, now);
  if (failures.length > 0) throw failures[0];
  for (const { row, step } of stale) {
    if (row.value !== null || step.alert === null || !(await isReportedByOthers(world, step.alert))) return 'stale';
  }
  return 'done';
}

/** Whether another system's alert with the same labels is open: then there is nothing to add, and nobody is told twice. */
async function isReportedByOthers(world: World, { fingerprint: print, rule }: Alert): Promise<boolean> {
  const [open] = await world.store.openAlertsByFingerprint([print]);
  return open !== undefined && open.value.rule !== rule;
}

async function isAway(world: World, labels: Labels): Promise<boolean> {
  const host = alertHost(labels);
  if (host === null || world.agents.isConnected(host)) return false;
  return (await find(world.store, 'host', host)) !== null;
}

/** The labels an alert of this rule has: the series' own without the metric name, then the rule's, and never a severity. */
function identityOf(rule: Rule, labels: Labels): Labels {
  const { [NAME]: _metric, severity: _severity, ...rest } = { ...labels, ...rule.labels, alertname: rule.name } as Record<string, string>;
  return rest;
}

function annotate(step: AlertStep, rule: Rule, settings: Settings): AlertStep {
  const { alert } = step;
  if (alert === null || alert.value === null) return step;
  const context = { labels: alert.labels, value: alert.value, externalUrl: settings.server.externalUrl };
  const annotations = Object.fromEntries(Object.entries(rule.annotations).map(([key, text]) => [key, expandTemplate(text, context)]));
  return { ...step, alert: { ...alert, annotations } };
}

function isWorthWriting(previous: Alert | null, step: AlertStep): boolean {
  if (step.transition !== null) return true;
  if (previous === null || step.alert === null) return false;
  const { alert } = step;
  return (
    alert.recoveringSince !== previous.recoveringSince ||
    alert.silentSince !== previous.silentSince ||
    JSON.stringify(alert.levels) !== JSON.stringify(previous.levels) ||
    alert.updatedAt - previous.updatedAt >= REFRESH
  );
}

/** The rule is gone from the configuration: its alerts end and say so. */
async function retire(world: World, settings: Settings, open: readonly Found<'alert'>[], now: Millis): Promise<Evaluation> {
  const judged = open.map((row): Judged => {
    const firing = row.value.state === 'firing';
    const alert: Alert | null = firing ? { ...row.value, state: 'resolved', resolvedAt: now, updatedAt: now } : null;
    return { row, step: { alert, transition: firing ? 'resolved' : 'dropped', why: 'its rule was removed', wakeAt: NEVER } };
  });
  return { outcome: await commit(world, settings, judged, now), wakeAt: NO_MOMENTS };
}
