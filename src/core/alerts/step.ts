import { fingerprint, type Labels } from '../base/labels.ts';
import { formatDuration, formatSpan, MINUTE, NEVER, type Millis } from '../base/time.ts';
import { meets } from '../rules/meets.ts';
import type { Condition, Level, Rule } from '../rules/rule.ts';
import type { Alert } from './alert.ts';
import { compareSeverity, type LevelName } from './severity.ts';

/** What one judgement changed. `dropped`: a pending alert is over before it fired, and is forgotten. */
export type Transition = 'pending' | 'fired' | 'worse' | 'better' | 'resolved' | 'dropped';

export interface AlertStep {
  /** Null: there is nothing to remember. */
  readonly alert: Alert | null;
  readonly transition: Transition | null;
  /** One sentence for people. */
  readonly why: string;
  /** The next moment at which the same value would be judged differently. */
  readonly wakeAt: Millis;
}

/** What the rule's expression gave for one label set: its value, or null when there is none any more. */
export interface Finding {
  readonly labels: Labels;
  readonly value: number | null;
}

type Levels = Readonly<Partial<Record<LevelName, Millis>>>;

/**
 * One judgement of one alert. Each level counts once its condition has held for its own time; the worst such level is the severity and
 * worsens at once, so a firing alert escalates in place. It resolves when the recovery condition has held for its time, or without one as
 * soon as no level holds. A value that vanishes resolves a rule that asks for presence; a threshold then cannot be judged, and its alert
 * stays until the rule's `forgetAfter`. docs/spec/alerts.md numbers these rules.
 */
export function stepAlert(previous: Alert | null, finding: Finding, rule: Rule, now: Millis): AlertStep {
  const { value } = finding;
  if (value === null && !asksForPresence(rule)) return stepSilent(previous, rule, now);

  const levels = holdLevels(heldSoFar(previous, now), rule.levels, value, now);
  const reached = rule.levels.find((level) => now - (levels[level.name] ?? NEVER) >= level.for) ?? null;
  const base = { ...(previous ?? newAlert(finding.labels, rule, now)), value, levels, silentSince: null, updatedAt: now };
  const wakeAt = nextLevelMoment(levels, rule.levels, now);

  if (previous?.state !== 'firing') return stepUnfired(previous, base, { reached, rule, wakeAt }, now);

  const recovering = isRecovering(levels, rule, value) ? noLater(previous.recoveringSince, now) : null;
  const hold = rule.recovery?.for ?? 0;
  if (recovering !== null && now - recovering >= hold) {
    return {
      alert: { ...base, state: 'resolved', severity: previous.severity, recoveringSince: null, resolvedAt: now },
      transition: 'resolved',
      why: whyResolved(rule, value, hold),
      wakeAt: NEVER,
    };
  }
  const severity = reached?.name ?? mildestHeld(levels, rule) ?? previous.severity;
  const change = compareSeverity(severity, previous.severity);
  return {
    alert: { ...base, severity, recoveringSince: recovering },
    transition: change < 0 ? 'worse' : change > 0 ? 'better' : null,
    why: change === 0 ? 'still firing' : `${previous.severity} -> ${severity}: the value is ${formatValue(value)}`,
    wakeAt: Math.min(wakeAt, recovering === null ? NEVER : recovering + hold),
  };
}

function stepUnfired(
  previous: Alert | null,
  base: Alert,
  held: { readonly reached: Level | null; readonly rule: Rule; readonly wakeAt: Millis },
  now: Millis,
): AlertStep {
  const { reached, rule, wakeAt } = held;
  if (reached !== null) {
    const condition = formatCondition(reached);
    const hold = reached.for === 0 ? '' : ` for ${formatDuration(reached.for)}`;
    const why = `fires as ${reached.name}: ${condition === '' ? 'found' : `${formatValue(base.value)} is ${condition}`}${hold}`;
    return {
      alert: { ...base, state: 'firing', severity: reached.name, firedAt: now, recoveringSince: null },
      transition: 'fired',
      why,
      wakeAt,
    };
  }
  if (Object.keys(base.levels).length === 0) {
    const why = previous === null ? 'nothing abnormal' : `over before it fired: the value is ${formatValue(base.value)}`;
    return { alert: null, transition: previous === null ? null : 'dropped', why, wakeAt: NEVER };
  }
  const severity = mildestHeld(base.levels, rule) ?? mildest(rule);
  const why = `abnormal (${formatValue(base.value)}), waits ${formatSpan(wakeAt - now)} before it fires`;
  return { alert: { ...base, state: 'pending', severity }, transition: previous === null ? 'pending' : null, why, wakeAt };
}

/** There is no value: nothing begins, a pending alert ends, a firing one is kept for a while because silence is not health. */
function stepSilent(previous: Alert | null, rule: Rule, now: Millis): AlertStep {
  if (previous?.state !== 'firing') {
    return { alert: null, transition: previous === null ? null : 'dropped', why: 'no value to judge', wakeAt: NEVER };
  }
  const since = noLater(previous.silentSince, now);
  if (now - since >= rule.forgetAfter) {
    const why = `no value for ${formatDuration(rule.forgetAfter)}: given up`;
    return {
      alert: { ...previous, state: 'resolved', value: null, resolvedAt: now, updatedAt: now },
      transition: 'resolved',
      why,
      wakeAt: NEVER,
    };
  }
  const alert = { ...previous, silentSince: since, recoveringSince: null, updatedAt: now };
  return { alert, transition: null, why: 'no value to judge; kept as it was', wakeAt: since + rule.forgetAfter };
}

/** Nobody judged for longer than this: what was held before is not proof that it held meanwhile. */
const OUTAGE: Millis = 5 * MINUTE;

/** Since when the levels have been held; the time in which nobody looked does not count, so an outage never fires an alert early. */
function heldSoFar(previous: Alert | null, now: Millis): Levels {
  if (previous === null) return {};
  const gap = now - previous.updatedAt;
  if (previous.state !== 'pending' || gap <= OUTAGE) return previous.levels;
  return Object.fromEntries(Object.entries(previous.levels).map(([name, since]) => [name, since + gap]));
}

function newAlert(labels: Labels, rule: Rule, now: Millis): Alert {
  const print = fingerprint(labels);
  return {
    id: alertId(print, now),
    fingerprint: print,
    rule: rule.name,
    labels,
    annotations: {},
    state: 'pending',
    severity: mildest(rule),
    value: null,
    activeAt: now,
    firedAt: null,
    resolvedAt: null,
    levels: {},
    recoveringSince: null,
    silentSince: null,
    endsAt: null,
    generatorUrl: '',
    acknowledged: null,
    updatedAt: now,
  };
}

/** The id of the alert that began at `activeAt`: the same whoever computes it. */
export function alertId(print: string, activeAt: Millis): string {
  return `${print}-${activeAt.toString(36)}`;
}

/** Whether the rule fires on being there (no threshold), as Prometheus' rules do. */
function asksForPresence(rule: Rule): boolean {
  return rule.levels.every((level) => level.above === null && level.below === null);
}

function holdLevels(previous: Levels, levels: readonly Level[], value: number | null, now: Millis): Levels {
  const held: Partial<Record<LevelName, Millis>> = {};
  for (const level of levels) if (meets(level, value)) held[level.name] = noLater(previous[level.name], now);
  return held;
}

/** The moment since when something holds; where the clock was set back meanwhile, since now, so that nobody waits longer than the hold time. */
function noLater(since: Millis | null | undefined, now: Millis): Millis {
  return Math.min(since ?? now, now);
}

function nextLevelMoment(held: Levels, levels: readonly Level[], now: Millis): Millis {
  let next = NEVER;
  for (const level of levels) {
    const since = held[level.name];
    if (since !== undefined && since + level.for > now) next = Math.min(next, since + level.for);
  }
  return next;
}

function isRecovering(held: Levels, rule: Rule, value: number | null): boolean {
  if (Object.keys(held).length > 0) return false;
  return rule.recovery === null || asksForPresence(rule) || meets(rule.recovery, value);
}

function mildestHeld(held: Levels, rule: Rule): LevelName | null {
  return rule.levels.findLast((level) => held[level.name] !== undefined)?.name ?? null;
}

function mildest(rule: Rule): LevelName {
  return rule.levels.at(-1)?.name ?? 'warning';
}

/** `above 90`, `below 5`, `between 5 and 90`; empty for a rule that asks for presence. */
export function formatCondition(condition: Condition): string {
  if (condition.above !== null && condition.below !== null) return `between ${condition.above} and ${condition.below}`;
  if (condition.above !== null) return `above ${condition.above}`;
  return condition.below === null ? '' : `below ${condition.below}`;
}

/** A value as people read it: at most four significant digits beyond the point. */
export function formatValue(value: number | null): string {
  if (value === null) return 'no value';
  return Number.isInteger(value) || !Number.isFinite(value) ? String(value) : String(Number(value.toPrecision(6)));
}

function whyResolved(rule: Rule, value: number | null, hold: Millis): string {
  if (value === null) return 'resolved: no longer found';
  const condition = rule.recovery === null ? 'no level holds' : formatCondition(rule.recovery);
  return `resolved: ${formatValue(value)}, ${condition}${hold === 0 ? '' : ` for ${formatDuration(hold)}`}`;
}
