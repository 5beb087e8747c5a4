import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ForeignAlert } from '../core/alerts/foreign.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import type { Settings } from '../core/config/settings.ts';
import { openStore, type StateStore } from '../io/db/open-store.ts';
import { ingestAlerts } from './ingest.ts';

const NOW = 1_700_000_000_000;

function settingsOf(text = ''): Settings {
  const { value, problems } = parseConfig([{ path: 'tocsin.yml', text }], { builtIn: null });
  assert.ok(value !== null, problems[0]?.message);
  return value;
}

async function withStore(work: (store: StateStore, take: typeof takeInto) => Promise<void>): Promise<void> {
  const store = await openStore({ path: ':memory:' });
  try {
    await work(store, takeInto);
  } finally {
    await store.close();
  }
}

function takeInto(store: StateStore, stated: readonly ForeignAlert[], { at = NOW, step = 0, settings = settingsOf() } = {}) {
  let now = at - step;
  const tick = (): number => (now += step);
  return ingestAlerts({ store, clock: { now: tick, startedAt: NOW } }, settings, stated);
}

function stateOf(index: number, more: Partial<ForeignAlert> = {}): ForeignAlert {
  const labels = { alertname: 'DiskFull', instance: `host-${index}`, severity: 'critical' };
  return { labels, annotations: {}, startsAt: null, endsAt: null, generatorUrl: '', status: null, ...more };
}

const many = (count: number, more: Partial<ForeignAlert> = {}): ForeignAlert[] =>
  Array.from({ length: count }, (_, index) => stateOf(index, more));

async function membersOf(store: StateStore): Promise<number> {
  const { items } = await store.findAlerts({ limit: 1 });
  const [group] = await store.groupsWithAlert(items[0]?.id ?? '');
  return group?.value.members.length ?? 0;
}

test('the alerts of one request join one group, and each has its own line in the audit log', async () => {
  await withStore(async (store, take) => {
    assert.deepEqual(await take(store, many(300)), { fired: 300, resolved: 0, repeated: 0 });
    assert.equal((await store.countAlerts())['firing'], 300);
    assert.equal(await membersOf(store), 300);
    const { items } = await store.findAlerts({ limit: 1 });
    const timeline = await store.findAudit({ about: `alert/${items[0]?.id}`, limit: 10 });
    assert.deepEqual(
      timeline.items.map(({ why, about }) => [why, about]),
      [['DiskFull fires: reported by another system', [`alert/${items[0]?.id}`]]],
    );
  });
});

test('what is said twice in one request is taken in its order', async () => {
  await withStore(async (store, take) => {
    const stated = [stateOf(1), stateOf(2), stateOf(1, { status: 'resolved' }), stateOf(1)];
    assert.deepEqual(await take(store, stated, { step: 1 }), { fired: 3, resolved: 1, repeated: 0 });
    const { items } = await store.findAlerts({ limit: 10 });
    assert.deepEqual(items.map(({ labels, state }) => `${labels['instance']} ${state}`).sort(), [
      'host-1 firing',
      'host-1 resolved',
      'host-2 firing',
    ]);
  });
});

test('repeated statements move the end, and resolved ones end their alerts together', async () => {
  await withStore(async (store, take) => {
    await take(store, many(100));
    assert.deepEqual(await take(store, many(100), { at: NOW + 60_000 }), { fired: 0, resolved: 0, repeated: 100 });
    const { items } = await store.findAlerts({ limit: 1 });
    assert.equal(items[0]?.endsAt, NOW + 60_000 + 300_000);
    assert.deepEqual(await take(store, many(100, { status: 'resolved' })), { fired: 0, resolved: 100, repeated: 0 });
    assert.equal((await store.countAlerts())['firing'], 0);
  });
});

test('requests with the same alerts at the same time open each once', async () => {
  await withStore(async (store, take) => {
    const counts = await Promise.all([take(store, many(100)), take(store, many(100).toReversed()), take(store, many(50))]);
    assert.equal(
      counts.reduce((sum, { fired }) => sum + fired, 0),
      100,
    );
    assert.equal((await store.countAlerts())['firing'], 100);
    assert.equal(await membersOf(store), 100);
  });
});

test('a request that sets off one trigger many times keeps to its limits', async () => {
  await withStore(async (store, take) => {
    const settings = settingsOf(`
actions: { fix: { description: x, command: [/bin/true], approval: { expires: 1h } } }
triggers: { t: { match: 'alertname="DiskFull"', run: fix, concurrency: 2 } }
`);
    const seen = {
      name: 'box',
      os: '',
      agentVersion: '',
      labels: {},
      firstSeenAt: NOW,
      lastSeenAt: NOW,
      allowedActions: null,
      local: true,
    };
    const row = { table: 'host', id: 'box', version: 0, value: null } as const;
    const who = { kind: 'system', name: 'test' } as const;
    await store.commit({ at: NOW, who, why: 'x', about: [], writes: [{ op: 'put', row, value: seen }] });
    assert.equal((await take(store, many(5), { settings })).fired, 5);
    const { items } = await store.findRuns({ limit: 10 });
    assert.deepEqual(items.map(({ state }) => state).sort(), ['awaiting approval', 'refused', 'refused', 'refused', 'refused']);
  });
});
