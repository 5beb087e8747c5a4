import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMatchers } from './parse-matchers.ts';
import type { Route } from './route.ts';
import { routesFor } from './routes-for.ts';

function route(id: string, match: string, more: Partial<Route> = {}): Route {
  return {
    id,
    channel: id,
    matchers: parseMatchers(match).value ?? [],
    groupBy: [],
    groupWait: 0,
    groupInterval: 1,
    repeatInterval: 1,
    continue: false,
    routes: [],
    ...more,
  };
}

// The tree of Alertmanager's own documentation, in our words.
const tree = route('root', '', {
  routes: [
    route('audit', 'owner=~".+"', { continue: true }),
    route('db', 'owner="db"', {
      routes: [route('db-test', 'env="test"'), route('db-live', 'env="live"', { continue: true }), route('db-any', '')],
    }),
    route('web', 'owner="web"'),
  ],
});

const taken = (labels: Record<string, string>): string[] => routesFor(tree, labels).map(({ id }) => id);

test('the first matching child wins, `continue` lets the next ones speak too', () => {
  assert.deepEqual(taken({}), ['root']);
  assert.deepEqual(taken({ owner: 'db' }), ['audit', 'db-any']);
  assert.deepEqual(taken({ owner: 'db', env: 'test' }), ['audit', 'db-test']);
  assert.deepEqual(taken({ owner: 'db', env: 'live' }), ['audit', 'db-live', 'db-any']);
  assert.deepEqual(taken({ owner: 'web' }), ['audit', 'web']);
  assert.deepEqual(taken({ owner: 'nobody' }), ['audit']);
});
