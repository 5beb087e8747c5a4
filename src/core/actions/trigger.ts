import { alertHost, alertLabels, type Alert } from '../alerts/alert.ts';
import type { Labels } from '../base/labels.ts';
import type { Problem } from '../base/problem.ts';
import { matchesAll } from '../routing/matches-all.ts';
import type { Trigger } from './action.ts';

/** The triggers that an alert sets off by what just happened to it, in the order of the configuration. */
export function triggersFor(triggers: Iterable<Trigger>, alert: Alert, on: 'firing' | 'resolved'): Trigger[] {
  const labels = alertLabels(alert);
  return [...triggers].filter((trigger) => trigger.on === on && matchesAll(trigger.matchers, labels));
}

/**
 * The parameter values a trigger takes from its alert. `$labels.x`, `$annotations.x`, `$value` and `$host` (the instance without its
 * port) stand for whole values; anything else is itself. A value that the alert does not have is a problem.
 */
export function valuesFromAlert(
  given: Trigger['with'],
  alert: Alert,
): { readonly values: Readonly<Record<string, string | number | boolean>>; readonly problems: readonly Problem[] } {
  const values: Record<string, string | number | boolean> = {};
  const problems: Problem[] = [];
  for (const [name, value] of Object.entries(given)) {
    const found = typeof value === 'string' ? lookUp(value, alert) : value;
    if (found === null) problems.push({ path: name, message: `the alert has no ${String(value)}` });
    else values[name] = found;
  }
  return { values, problems };
}

function lookUp(text: string, alert: Alert): string | number | null {
  if (text === '$value') return alert.value;
  if (text === '$host') return alertHost(alert.labels);
  if (text.startsWith('$labels.')) return ownText(alertLabels(alert), text.slice('$labels.'.length));
  if (text.startsWith('$annotations.')) return ownText(alert.annotations, text.slice('$annotations.'.length));
  return text;
}

function ownText(texts: Labels, name: string): string | null {
  return Object.hasOwn(texts, name) ? (texts[name] ?? null) : null;
}

/** What an action's process learns of its alert, as `TOCSIN_ALERT_*`: values only, in names made of safe characters. */
export function alertEnvironment(alert: Alert): Readonly<Record<string, string>> {
  const env: Record<string, string> = {
    TOCSIN_ALERT_ID: alert.id,
    TOCSIN_ALERT_STATE: alert.state,
    TOCSIN_ALERT_VALUE: alert.value === null ? '' : String(alert.value),
  };
  const add = (prefix: string, name: string, value: string): void => {
    const safe = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    env[`${prefix}${safe}`] = value.replaceAll('\0', '');
  };
  for (const [name, value] of Object.entries(alertLabels(alert))) add('TOCSIN_ALERT_LABEL_', name, value);
  for (const [name, value] of Object.entries(alert.annotations)) add('TOCSIN_ALERT_ANNOTATION_', name, value);
  return env;
}
