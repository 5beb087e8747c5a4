import { HOUR, MINUTE, type Millis, SECOND } from '../base/time.ts';
import type { LabelMatcher } from '../routing/matcher.ts';
import { formatMatchers } from '../routing/parse-matchers.ts';
import type { Route } from '../routing/route.ts';
import { boolean, describe, duration, fullText, listOf, type Note, optional, positiveDuration, type Reader, record } from './readers.ts';
import { labelName, matcherMap, matchers } from './shared-readers.ts';
import { entryOf, itemsOf, spotOf, type Tree } from './tree.ts';

/** The id of the top route: it has no matchers. */
const TOP = '{}';

/** What a route passes on to those below it. */
interface Inherited {
  readonly channel: string;
  readonly groupBy: readonly string[] | null;
  readonly groupWait: Millis;
  readonly groupInterval: Millis;
  readonly repeatInterval: Millis;
}

/** Alertmanager's defaults (dispatch/route.go). */
const DEFAULTS = { groupWait: 30 * SECOND, groupInterval: 5 * MINUTE, repeatInterval: 4 * HOUR } as const;

const groupBy: Reader<readonly string[]> = (tree, note) => {
  if (tree.kind === 'list' && tree.items.some((item) => item.kind === 'scalar' && item.text === '...')) {
    if (tree.items.length === 1) return ['...'];
    note(tree, '... stands for all labels and cannot have company');
    return undefined;
  }
  const names = listOf(labelName)(tree, note);
  if (names === undefined || new Set(names).size === names.length) return names;
  note(tree, 'a label is there twice');
  return undefined;
};

const PLANNED = ['mute_time_intervals', 'active_time_intervals', 'escalation'];

const fields = record(
  {
    channel: optional(fullText, null),
    match: optional(matchTextOrMap, null),
    match_re: optional(matcherMap('=~'), null),
    matchers: optional(matchers, null),
    group_by: optional(groupBy, null),
    group_wait: optional(duration, null),
    group_interval: optional(positiveDuration, null),
    repeat_interval: optional(positiveDuration, null),
    continue: optional(boolean, false),
    routes: optional(rawList, null),
  },
  PLANNED,
);

function matchTextOrMap(tree: Tree, note: Note): readonly LabelMatcher[] | undefined {
  return tree.kind === 'map' ? matcherMap('=')(tree, note) : matchers(tree, note);
}

/** The children are read with what they inherit, later. */
function rawList(tree: Tree, note: Note): readonly Tree[] | undefined {
  if (tree.kind === 'list') return tree.items;
  note(tree, `expected a list, found ${describe(tree)}`);
  return undefined;
}

/** The section `route`: Alertmanager's tree with everything inherited filled in. `top`: the channel of a tree that names none. */
export function parseRoute(tree: Tree, top: string | null, note: Note): Route | undefined {
  const inherited = { channel: top ?? '', groupBy: [], ...DEFAULTS };
  const route = parseNode(tree, { parent: '', inherited }, note);
  if (route === undefined) return undefined;
  if (route.channel === '') note(tree, 'channel is missing: the top route says where everything else goes');
  for (const key of ['match', 'match_re', 'matchers'] as const) {
    const there = entryOf(tree, key);
    if (there !== undefined) note(there.value, 'the top route takes every alert and cannot have matchers');
  }
  if (route.continue) note(spotOf(tree, 'continue'), 'nothing comes after the top route: continue has no meaning here');
  return route;
}

/** Where alerts go when the configuration says nothing: one message per name of alert. */
export function defaultRoute(channel: string): Route {
  return { id: TOP, channel, matchers: [], groupBy: ['alertname'], ...DEFAULTS, continue: false, routes: [] };
}

function parseNode(tree: Tree, at: { readonly parent: string; readonly inherited: Inherited }, note: Note): Route | undefined {
  const value = fields(tree, note);
  if (value === undefined) {
    // What stands below a bad route is still looked at.
    for (const child of itemsOf(entryOf(tree, 'routes')?.value)) parseNode(child, at, note);
    return undefined;
  }
  const inherited: Inherited = {
    channel: value.channel ?? at.inherited.channel,
    groupBy: value.group_by === null ? at.inherited.groupBy : value.group_by[0] === '...' ? null : value.group_by,
    groupWait: value.group_wait ?? at.inherited.groupWait,
    groupInterval: value.group_interval ?? at.inherited.groupInterval,
    repeatInterval: value.repeat_interval ?? at.inherited.repeatInterval,
  };
  const own = [...(value.match ?? []), ...(value.match_re ?? []), ...(value.matchers ?? [])];
  const id = at.parent === '' ? TOP : `${at.parent}/${formatMatchers(own)}`;
  const routes = (value.routes ?? []).map((child) => parseNode(child, { parent: id, inherited }, note));
  return routes.every((route) => route !== undefined)
    ? {
        id,
        ...inherited,
        matchers: own,
        continue: value.continue,
        routes: numbered(routes),
      }
    : undefined;
}

/** Siblings with the same matchers are told apart by their order. */
function numbered(routes: readonly Route[]): readonly Route[] {
  const seen = new Map<string, number>();
  return routes.map((route) => {
    const count = (seen.get(route.id) ?? 0) + 1;
    seen.set(route.id, count);
    return count === 1 ? route : renamed(route, route.id, `${route.id}#${count}`);
  });
}

function renamed(route: Route, from: string, to: string): Route {
  return { ...route, id: to + route.id.slice(from.length), routes: route.routes.map((child) => renamed(child, from, to)) };
}

/** Asks for every channel that the tree names. */
export function checkRouteChannels(tree: Tree, allow: (name: Tree) => void): void {
  const channel = entryOf(tree, 'channel')?.value;
  if (channel?.kind === 'scalar' && channel.value !== null) allow(channel);
  for (const child of itemsOf(entryOf(tree, 'routes')?.value)) checkRouteChannels(child, allow);
}
