import type { Labels } from '../base/labels.ts';
import { matchesAll } from './matches-all.ts';
import type { Route } from './route.ts';

/**
 * The routes an alert takes, as in Alertmanager: the first matching child of each matching node, and the next ones too while they say
 * `continue`; a node without a matching child is itself the answer. Empty only when the top node itself does not match.
 */
export function routesFor(route: Route, labels: Labels): Route[] {
  if (!matchesAll(route.matchers, labels)) return [];
  const taken: Route[] = [];
  for (const child of route.routes) {
    const below = routesFor(child, labels);
    taken.push(...below);
    if (below.length > 0 && !child.continue) break;
  }
  return taken.length > 0 ? taken : [route];
}
