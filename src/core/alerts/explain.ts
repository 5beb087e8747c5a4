import { formatInstant } from '../base/calendar.ts';
import { formatDuration, formatSpan, type Millis } from '../base/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Alert } from './alert.ts';
import { isOwn } from './foreign.ts';
import { formatCondition, formatValue } from './step.ts';

/** Why an alert is in its state and what is waited for, one sentence a fact, for people. `rule` is null when it is gone or never was. */
export function explainAlert(alert: Alert, rule: Rule | null, now: Millis): string[] {
  const lines: string[] = [];
  if (rule === null) lines.push(...explainForeign(alert, now));
  else {
    lines.push(`The rule ${rule.name} asks: ${rule.expr}`);
    if (alert.value !== null) lines.push(`The last value was ${formatValue(alert.value)}.`);
    for (const level of rule.levels) {
      const since = alert.levels[level.name];
      const condition = formatCondition(level) || 'found';
      if (since === undefined) lines.push(`${level.name} (${condition}) does not hold.`);
      else lines.push(`${level.name} (${condition}) holds since ${formatInstant(since)}${waiting(since + level.for, now)}.`);
    }
    if (rule.recovery !== null && alert.state === 'firing') {
      const condition = formatCondition(rule.recovery);
      const since = alert.recoveringSince;
      const hold = rule.recovery.for === 0 ? '' : ` for ${formatDuration(rule.recovery.for)}`;
      lines.push(
        since === null
          ? `It resolves when the value is ${condition}${hold}.`
          : `It recovers: ${condition} since ${formatInstant(since)}${waiting(since + rule.recovery.for, now)}.`,
      );
    }
    if (alert.silentSince !== null)
      lines.push(
        `There is no value since ${formatInstant(alert.silentSince)}; it stays as it was for ${formatDuration(rule.forgetAfter)}.`,
      );
  }
  if (alert.acknowledged !== null) lines.push(`${alert.acknowledged.by} takes care of it since ${formatInstant(alert.acknowledged.at)}.`);
  if (alert.resolvedAt !== null) lines.push(`It ended at ${formatInstant(alert.resolvedAt)}.`);
  return lines;
}

function explainForeign(alert: Alert, now: Millis): string[] {
  if (alert.rule !== null) return [`The rule ${alert.rule} is no longer in the configuration.`];
  if (isOwn(alert)) return ['Tocsin raised it about itself; it ends when the trouble is over.'];
  const end =
    alert.endsAt === null || alert.state === 'resolved'
      ? ''
      : ` It ends in ${formatSpan(Math.max(0, alert.endsAt - now))} unless it is repeated.`;
  return [`Another system reported it.${end}`];
}

function waiting(until: Millis, now: Millis): string {
  return until > now ? `, counts in ${formatSpan(until - now)}` : '';
}
