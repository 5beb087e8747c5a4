import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { HOUR, MINUTE, SECOND } from '../../src/core/base/time.ts';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import type { Settings } from '../../src/core/config/settings.ts';
import type { Scenario, ScriptedDeed, ScriptedFault } from '../../src/core/scenarios/parse-scenario.ts';
import { playScenario } from '../../src/sim/play-scenario.ts';
import type { Simulation } from '../../src/sim/simulation.ts';

const CONFIGURATION = `
channels:
  ops: { type: webhook, url: "http://127.0.0.1:9/hook" }
  pager: { type: webhook, url: "http://127.0.0.1:9/pager" }
route:
  channel: ops
  group_by: [alertname, instance]
  group_wait: 10s
  group_interval: 1m
  routes: [{ channel: pager, matchers: ['severity="critical"'], continue: true }, { channel: ops }]
rules:
  DiskFull: { expr: disk_used, warning: { above: 85, for: 1m }, critical: { above: 95, for: 30s }, recovery: { below: 80, for: 30s } }
  Down: { expr: up == 0, critical: { for: 1m } }
actions:
  clean: { command: [clean, "{host}"], parameters: { host: { type: host, required: true } }, run_on: "{host}", timeout: 2m, approval: { expires: 20m } }
  restart: { command: [restart], run_on: web-2, timeout: 1m, retry_safe: true }
triggers:
  clean: { match: 'alertname="DiskFull"', run: clean, with: { host: $labels.instance }, verify: { within: 5m } }
  restart: { match: 'alertname="Down"', run: restart, cooldown: 10m, verify: { within: 5m } }
`;
const parsed = parseConfig([{ path: 'property.yml', text: CONFIGURATION }], { builtIn: null });
assert.deepEqual(parsed.problems, []);
const settings = parsed.value as Settings;

/** The same with other routes, another version of an action, a trigger and a channel less. */
const OTHER = CONFIGURATION.replace('[clean, "{host}"]', '[clean, --all, "{host}"]')
  .replace(/ {2}restart: \{ match.*\n/, '')
  .replace(/ {2}pager:.*\n/, '')
  .replace(/ {2}routes: .*\n/, '  routes: [{ channel: ops, matchers: [\'severity="critical"\'], group_by: ["..."] }]\n');
assert.deepEqual(parseConfig([{ path: 'other.yml', text: OTHER }], { builtIn: null }).problems, []);
const WRONG = `${CONFIGURATION}nonsense: true\n`;

const figures = { scenarios: 0, kills: 0, deeds: 0, lost: 0, doubled: 0 };
after(() => console.log(`simulated: ${JSON.stringify(figures)}`));

const START = Date.UTC(2026, 0, 1);
const LENGTH = 2 * HOUR;

function scenario(over: Partial<Scenario>): Scenario {
  const moves = (bad: number, from: number, to: number, good: number) => [
    { at: 0, value: good },
    { at: from, value: bad },
    { at: to, value: good },
  ];
  return {
    name: 'property',
    start: START,
    length: LENGTH,
    seed: 1,
    servers: 1,
    staleRate: 0,
    config: null,
    configuration: '',
    hosts: ['web-1', 'web-2'],
    series: [
      { labels: { __name__: 'disk_used', instance: 'web-1' }, moves: moves(97, 5 * MINUTE, 50 * MINUTE, 40) },
      { labels: { __name__: 'disk_used', instance: 'web-2' }, moves: moves(90, 7 * MINUTE, 30 * MINUTE, 40) },
      { labels: { __name__: 'up', instance: 'web-2' }, moves: moves(0, 10 * MINUTE, 25 * MINUTE, 1) },
    ],
    actions: new Map([
      ['clean', { takes: 30 * SECOND, exitCode: 0, sets: [{ labels: { __name__: 'disk_used', instance: 'web-1' }, value: 40 }] }],
      ['restart', { takes: 20 * SECOND, exitCode: 1, sets: [] }],
    ]),
    people: [
      { at: 12 * MINUTE, who: 'bob', does: 'approve', target: 'clean', comment: '', with: {} },
      { at: 13 * MINUTE, who: 'bob', does: 'approve', target: 'clean', comment: '', with: {} },
      { at: 14 * MINUTE, who: 'alice', does: 'acknowledge', target: 'Down', comment: '', with: {} },
    ],
    alerts: [
      { at: 6 * MINUTE, status: 'firing', labels: { alertname: 'Foreign', instance: 'db-1', severity: 'error' }, annotations: {} },
      { at: 40 * MINUTE, status: 'resolved', labels: { alertname: 'Foreign', instance: 'db-1', severity: 'error' }, annotations: {} },
    ],
    faults: [],
    expect: [],
    ...over,
  };
}

/** What must hold at the end of every history, whatever went wrong in it. */
async function checkInvariants(simulation: Simulation): Promise<void> {
  const doubled = simulation.started.length - new Set(simulation.started).size;
  figures.doubled += doubled;
  assert.equal(doubled, 0, 'a run was started twice');

  const { items: alerts } = await simulation.store.findAlerts({ limit: 500 });
  const names = alerts.map((alert) => `${alert.labels['alertname']}/${alert.labels['instance']}`);
  for (const wanted of ['DiskFull/web-1', 'DiskFull/web-2', 'Down/web-2', 'Foreign/db-1'])
    assert.ok(names.includes(wanted), `${wanted} never fired`);
  const told = (id: string, state: 'firing' | 'resolved') =>
    simulation.received.some((message) =>
      message.body.webhook?.alerts.some((item, index) => message.alerts[index] === id && item.status === state),
    );
  const { items: runs } = await simulation.store.findRuns({ limit: 500 });
  const stateOf = (id: string | undefined) => runs.find((run) => run.id === id)?.state;
  for (const { id } of runs.filter(({ state }) => state === 'unknown'))
    assert.ok(
      alerts.some(({ labels }) => labels['run'] === id),
      `nobody was to hear that ${id} is unknown`,
    );
  for (const alert of alerts) {
    if (alert.firedAt === null) continue;
    const run = alert.labels['run'];
    const unclear = stateOf(run) === 'unknown' && stateOf(`${run}-again`) !== 'succeeded';
    assert.equal(alert.state, unclear ? 'firing' : 'resolved', `${alert.id} is still ${alert.state}`);
    const heard = told(alert.id, 'firing');
    const ended = told(alert.id, 'resolved');
    // An alert may come and go before its group speaks; once told, its end is told.
    const short = (alert.resolvedAt ?? 0) - alert.firedAt <= MINUTE;
    if (!heard && !short) figures.lost += 1;
    assert.ok(heard || short, `nobody heard of ${alert.id}`);
    // What came back before its end was told is told as firing.
    const cameBack = alerts.some(
      (other) =>
        other.id !== alert.id && other.fingerprint === alert.fingerprint && other.activeAt >= alert.activeAt && told(other.id, 'firing'),
    );
    if (heard && !ended && !cameBack && !unclear) figures.lost += 1;
    assert.ok(!heard || ended || cameBack || unclear, `nobody heard of the end of ${alert.id}`);
  }
  assert.ok(runs.length > 0);
  for (const run of runs) {
    assert.match(run.state, /^(succeeded|failed|expired|refused|unknown|failed to start|cancelled)$/, `${run.id} is ${run.state}`);
    assert.notEqual(run.verification, 'waiting');
    if (run.state === 'succeeded') assert.ok(simulation.started.includes(run.id));
  }
  const owed = await simulation.store.findMessages({ limit: 500 });
  for (const message of owed.items) assert.match(message.state, /^(sent|given up)$/);
  // What still fires is told again some day.
  const lasting = alerts.some(({ state }) => state === 'firing') ? /^(watchdog|retain|host|group)$/ : /^(watchdog|retain|host)$/;
  for (const due of await simulation.store.agenda(500)) assert.match(due.kind, lasting, `${due.kind} ${due.id} is still due`);
  figures.scenarios += 1;
  figures.kills += simulation.trace.filter((line) => line.includes('CRASH')).length;
  figures.deeds += simulation.received.length + simulation.started.length;
}

function digest(simulation: Simulation): string {
  return createHash('sha256').update(simulation.trace.join('\n')).digest('hex');
}

const fault = (): fc.Arbitrary<ScriptedFault> => {
  const at = fc.integer({ min: 4 * 60, max: 45 * 60 }).map((seconds) => seconds * SECOND);
  return fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ at, kind: fc.constant('crash' as const), when: fc.constantFrom('before' as const, 'after' as const) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({ at, kind: fc.constant('sends fail' as const), rate: fc.double({ min: 0, max: 0.7, noNaN: true }) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        at,
        kind: fc.constant('clock' as const),
        by: fc.integer({ min: -90, max: 90 }).map((seconds) => seconds * SECOND),
      }),
    },
    { weight: 1, arbitrary: fc.record({ at, kind: fc.constant('agent' as const), host: fc.constant('web-1'), connected: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ at, kind: fc.constant('agent dies' as const), host: fc.constantFrom('web-1', 'web-2') }) },
    {
      weight: 2,
      arbitrary: fc.record({ at, kind: fc.constant('configuration' as const), text: fc.constantFrom(CONFIGURATION, OTHER, WRONG) }),
    },
  );
};

const deed = (): fc.Arbitrary<ScriptedDeed> =>
  fc
    .record({
      at: fc.integer({ min: 5 * 60, max: 45 * 60 }).map((seconds) => seconds * SECOND),
      who: fc.constantFrom('alice', 'bob'),
      deed: fc.constantFrom(
        ['approve', 'clean'] as const,
        ['cancel', 'clean'] as const,
        ['cancel', 'restart'] as const,
        ['resolve', 'DiskFull'] as const,
        ['resolve', 'Down'] as const,
        ['acknowledge', 'DiskFull'] as const,
        ['run', 'restart'] as const,
      ),
    })
    .map(({ at, who, deed: [does, target] }) => ({ at, who, does, target, comment: '', with: {} }));

test('property: whatever fails and whenever it dies, everybody is told, and no action starts twice', async () => {
  const seed = Number(process.env['TOCSIN_SEED'] ?? 20260101);
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.double({ min: 0, max: 0.4, noNaN: true }),
      fc.array(fault(), { maxLength: 8 }),
      fc.tuple(fc.array(deed(), { maxLength: 5 }), fc.integer({ min: 1, max: 2 })),
      async (random, staleRate, faults, [deeds, servers]) => {
        const mended: ScriptedFault[] = [
          { at: 46 * MINUTE, kind: 'sends fail', rate: 0 },
          { at: 46 * MINUTE, kind: 'agent', host: 'web-1', connected: true },
        ];
        const over = { seed: random, staleRate, faults: [...faults, ...mended], servers };
        const simulation = await playScenario(scenario({ ...over, people: [...scenario({}).people, ...deeds] }), settings);
        try {
          await checkInvariants(simulation);
        } finally {
          await simulation.close();
        }
      },
    ),
    { numRuns: Number(process.env['TOCSIN_RUNS'] ?? 50), seed },
  );
});

test('two servers on one database do everything exactly once', async () => {
  const simulation = await playScenario(scenario({ servers: 2, seed: 3 }), settings);
  await checkInvariants(simulation);
  const sent = simulation.received.map((message) => message.id);
  assert.deepEqual([...sent].sort(), [...new Set(sent)].sort());
  assert.ok(simulation.started.length >= 2);
  await simulation.close();
});

test('the same seed gives the same history, bit for bit', async () => {
  const play = async (seed: number): Promise<string> => {
    const simulation = await playScenario(
      scenario({
        seed,
        staleRate: 0.2,
        faults: [
          { at: 0, kind: 'sends fail', rate: 0.5 },
          { at: 46 * MINUTE, kind: 'sends fail', rate: 0 },
        ],
      }),
      settings,
    );
    const result = digest(simulation);
    await simulation.close();
    return result;
  };
  assert.equal(await play(7), await play(7));
  assert.notEqual(await play(7), await play(8));
});
