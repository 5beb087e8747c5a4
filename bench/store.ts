// What the state database does in a second, and how long lists take with many open alerts.
//   npm run bench:store [-- ALERTS]
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AlertFilter } from '../src/core/alerts/alert-filter.ts';
import type { Alert } from '../src/core/alerts/alert.ts';
import { SYSTEM } from '../src/core/access/actor.ts';
import { fingerprint } from '../src/core/base/labels.ts';
import { openStore, type StateStore } from '../src/io/db/open-store.ts';
import type { Change, Write } from '../src/core/change/change.ts';

const ALERTS = Number(process.argv[2] ?? 50_000);
const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
const path = join(folder, 'state.db');

function line(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(64)} ${figure.padStart(16)}\n`);
}

function change(writes: readonly Write[], about: readonly string[]): Change {
  return { at: 1_000, who: SYSTEM, why: 'measured', about, writes };
}

function alertOf(index: number, state: Alert['state']): Alert {
  const labels = {
    alertname: `Rule${index % 40}`,
    instance: `host-${index % 5_000}.example.com:9100`,
    job: 'node',
    team: `team-${index % 12}`,
    mountpoint: `/var/lib/volume-${index}`,
    zone: `zone-${index % 3}`,
  };
  const mark = fingerprint(labels);
  const at = 1_700_000_000_000 + index * 10;
  const severity = (['critical', 'error', 'warning', 'notice'] as const)[index % 4] ?? 'warning';
  return {
    id: `${mark}-${at.toString(36)}`,
    fingerprint: mark,
    rule: index % 5 === 0 ? null : `rule-${index % 40}`,
    labels,
    annotations: {
      summary: `The file system ${labels.mountpoint} of ${labels.instance} is 97.3 % full`,
      runbook: 'https://runbooks.example.com/disk',
    },
    state,
    severity,
    value: 97.3,
    activeAt: at,
    firedAt: at,
    resolvedAt: state === 'resolved' ? at + 1 : null,
    levels: { [severity]: at },
    recoveringSince: null,
    silentSince: null,
    endsAt: null,
    generatorUrl: 'https://prometheus.example.com/graph?g0.expr=up',
    acknowledged: null,
    updatedAt: at,
  };
}

async function perSecond(what: string, count: number, work: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const seconds = (performance.now() - begin) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  line(what, `${Math.round(count / seconds).toLocaleString('en')}/s`);
  line('  CPU of each', `${((user + system) / count).toFixed(1)} us`);
}

/** One row, one moment and a line of the audit log in each. */
async function commits(store: StateStore): Promise<void> {
  const one = async (id: string, at: number): Promise<void> => {
    const row = await store.load('cooldown', id);
    const writes: Write[] = [
      { op: 'put', row, value: { id, at } },
      { op: 'wake', kind: 'run', id, at },
    ];
    const result = await store.commit(change(writes, [`run/${id}`]));
    if (result !== 'done') throw new Error(`the commit was ${result}`);
  };
  await perSecond('load and commit, one after the other', 20_000, async () => {
    for (let index = 0; index < 20_000; index += 1) await one(`a${index % 1_000}`, index);
  });
  await perSecond('load and commit, 64 at a time', 40_000, async () => {
    for (let index = 0; index < 40_000; index += 64) {
      await Promise.all(Array.from({ length: 64 }, (_, offset) => one(`b${(index + offset) % 5_000}`, index)));
    }
  });
}

async function due(store: StateStore): Promise<void> {
  await perSecond('due, 100 moments each, one after the other', 2_000, async () => {
    for (let index = 0; index < 2_000; index += 1) await store.due(1_000_000, 100);
  });
  await perSecond('next due moment', 20_000, async () => {
    for (let index = 0; index < 20_000; index += 1) await store.nextDue();
  });
}

async function fill(store: StateStore, state: Alert['state'], from: number, count: number): Promise<void> {
  const made = Array.from({ length: count }, (_, index) => alertOf(from + index, state));
  await perSecond(`new ${state} alerts, 64 a commit, ${count.toLocaleString('en')}`, count, async () => {
    for (let index = 0; index < count; index += 64) {
      const alerts = made.slice(index, index + 64);
      const writes = alerts.map((value): Write => ({ op: 'put', row: { table: 'alert', id: value.id, version: 0, value: null }, value }));
      const result = await store.commit(
        change(
          writes,
          alerts.map((alert) => `alert/${alert.id}`),
        ),
      );
      if (result !== 'done') throw new Error(`the commit was ${result}`);
    }
  });
}

const LISTS: readonly (readonly [string, Omit<AlertFilter, 'limit'>])[] = [
  ['newest', {}],
  ['open', { states: ['pending', 'firing'] }],
  ['firing and critical', { states: ['firing'], severities: ['critical'] }],
  ['pending (there is none)', { states: ['pending'] }],
  ['one host', { states: ['firing'], host: 'host-17.example.com' }],
  ['one rule', { states: ['firing'], rule: 'rule-7' }],
  ['job="node" (all of them)', { states: ['firing'], matchers: [{ name: 'job', op: '=', value: 'node' }] }],
  ['team="team-3"', { states: ['firing'], matchers: [{ name: 'team', op: '=', value: 'team-3' }] }],
  [
    'team and zone and alertname',
    {
      states: ['firing'],
      matchers: [
        { name: 'team', op: '=', value: 'team-3' },
        { name: 'zone', op: '=', value: 'zone-0' },
        { name: 'alertname', op: '=', value: 'Rule3' },
      ],
    },
  ],
  [
    'zone and team that never meet',
    {
      states: ['firing'],
      matchers: [
        { name: 'team', op: '=', value: 'team-3' },
        { name: 'zone', op: '=', value: 'zone-1' },
      ],
    },
  ],
  ['mountpoint of one alert', { states: ['firing'], matchers: [{ name: 'mountpoint', op: '=', value: '/var/lib/volume-7' }] }],
  ['team=~"team-3|team-4"', { states: ['firing'], matchers: [{ name: 'team', op: '=~', value: 'team-3|team-4' }] }],
  ['mountpoint=~".*-1[23]4" (a few)', { states: ['firing'], matchers: [{ name: 'mountpoint', op: '=~', value: '.*-1[23]4' }] }],
  ['team!="team-3"', { states: ['firing'], matchers: [{ name: 'team', op: '!=', value: 'team-3' }] }],
  ['text in every alert', { states: ['firing'], text: 'file system' }],
  ['text in one alert', { states: ['firing'], text: 'VOLUME-77 ' }],
  ['text in none', { states: ['firing'], text: 'nothing of the kind' }],
];

async function lists(store: StateStore, limit: number): Promise<void> {
  for (const [what, filter] of LISTS) {
    const times: number[] = [];
    let found = 0;
    for (let round = 0; round < 7; round += 1) {
      const begin = performance.now();
      const page = await store.findAlerts({ ...filter, limit });
      times.push(performance.now() - begin);
      found = page.items.length;
    }
    times.sort((a, b) => a - b);
    line(`  ${what} (${found})`, `${(times[3] ?? 0).toFixed(2)} ms`);
  }
}

async function others(store: StateStore): Promise<void> {
  for (const [what, read] of [
    ['count of alerts', () => store.countAlerts()],
    ['firing alerts without a group, 100', () => store.ungroupedAlerts(100)],
    ['open alerts of one rule', () => store.openAlerts('rule-7')],
    [
      '64 open alerts by fingerprint',
      () => store.openAlertsByFingerprint(Array.from({ length: 64 }, (_, index) => alertOf(index * 7, 'firing').fingerprint)),
    ],
  ] as const) {
    const begin = performance.now();
    await read();
    line(`  ${what}`, `${(performance.now() - begin).toFixed(2)} ms`);
  }
  const begin = performance.now();
  let cursor: string | undefined;
  let count = 0;
  do {
    const page = await store.findAlerts({ states: ['firing', 'pending'], limit: 1_000, cursor });
    count += page.items.length;
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  line(`  the whole list of ${count.toLocaleString('en')} open alerts, page by page`, `${(performance.now() - begin).toFixed(0)} ms`);
}

const store = await openStore({ path });
await commits(store);
await due(store);
await fill(store, 'firing', 0, ALERTS);
line(`pages of 100 of ${ALERTS.toLocaleString('en')} open alerts`, '');
await lists(store, 100);
await others(store);
await fill(store, 'resolved', ALERTS, ALERTS * 4);
line(`the same with ${(ALERTS * 4).toLocaleString('en')} resolved ones beside them`, '');
await lists(store, 100);
await others(store);
line('size of the file', `${(statSync(path).size / 1e6).toFixed(0)} MB`);
line('memory of the process', `${(process.memoryUsage().rss / 1e6).toFixed(0)} MB`);
await store.close();
rmSync(folder, { recursive: true });
