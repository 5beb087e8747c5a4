import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { LabelMatcher } from './matcher.ts';

/** A node of Alertmanager's routing tree with everything inherited already filled in. */
export interface Route {
  /** The matchers on the way to it, `{}/{severity="critical"}`: part of the group's identity, so that other routes may come and go. */
  readonly id: string;
  readonly channel: string;
  readonly matchers: readonly LabelMatcher[];
  /** Null: group by all labels (`group_by: [...]`). */
  readonly groupBy: readonly string[] | null;
  readonly groupWait: Millis;
  readonly groupInterval: Millis;
  readonly repeatInterval: Millis;
  readonly continue: boolean;
  readonly routes: readonly Route[];
}

/** The labels by which a route groups an alert. */
export function groupLabels(route: Route, labels: Labels): Labels {
  if (route.groupBy === null) return labels;
  const picked: [string, string][] = [];
  for (const name of route.groupBy) {
    if (Object.hasOwn(labels, name)) picked.push([name, labels[name] ?? '']);
  }
  return Object.fromEntries(picked);
}
