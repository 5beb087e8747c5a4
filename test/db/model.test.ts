import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SYSTEM } from '../../src/core/access/actor.ts';
import type { AlertFilter } from '../../src/core/alerts/alert-filter.ts';
import { NEVER } from '../../src/core/base/time.ts';
import type { RunFilter } from '../../src/core/actions/run-filter.ts';
import type { StateStore } from '../../src/io/db/open-store.ts';
import type { Change, DueKind, Page, Row, TableName, Tables, Write } from '../../src/core/change/change.ts';
import { DIALECTS, type Database } from './dialects.ts';
import { isOpenAdvice, isOpenRun, keyOf, Model, type Seen } from './model.ts';
import { adviceOf, alertOf, groupOf, messageOf, put, runOf } from './records.ts';

const nat = (max: number) => fc.nat({ max });
const at = nat(6).map((n) => n * 10);
const activeAt = nat(2).map((n) => n * 10);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const severity = fc.constantFrom('critical', 'error', 'warning', 'notice', 'none', 'unknown');
const alertState = fc.constantFrom('pending', 'firing', 'resolved');
const word = fc.constantFrom('a', 'b', 'C"', "d'\n", 'é😀', '%_', '');
const labels = fc.record(
  { alertname: fc.constantFrom('Disk', 'Cpu'), instance: fc.constantFrom('web-1:9100', '[::1]:80'), team: fc.constantFrom('a', 'é😀') },
  { requiredKeys: ['alertname'], noNullPrototype: true },
);

const alert = fc
  .record({
    labels,
    at: activeAt,
    state: alertState,
    severity,
    note: word,
    rule: maybe(fc.constantFrom('r1', 'r2')),
    value: maybe(fc.double()),
    by: maybe(word),
  })
  .map((of) =>
    alertOf(of.labels, of.at, {
      state: of.state,
      severity: of.severity,
      annotations: { note: of.note },
      rule: of.rule,
      value: of.value,
      resolvedAt: of.state === 'resolved' ? of.at + 5 : null,
      acknowledged: of.by === null ? null : { by: of.by, at: 3, comment: of.note },
    }),
  );
const run = fc
  .record({
    number: nat(5),
    at,
    state: fc.constantFrom('awaiting approval', 'running', 'succeeded', 'failed', 'unknown'),
    action: fc.constantFrom('clean', 'restart'),
    host: fc.constantFrom('web-1', 'web-2'),
    alert: maybe(fc.constantFrom('x1', 'x2')),
    verification: maybe(fc.constantFrom('waiting', 'fixed')),
    by: fc.constantFrom('alice', 'bob'),
    comment: word,
  })
  .map((of) =>
    runOf(`run${of.number}`, of.at, {
      state: of.state,
      action: of.action,
      host: of.host,
      alert: of.alert,
      verification: of.verification,
      // Several runs want the same key, but no run ever changes its own.
      idempotencyKey: of.number < 2 ? null : `k${of.number % 2}`,
      requestedBy: { kind: 'user', name: of.by },
      comment: of.comment,
      parameters: {},
      finishedAt: ['running', 'awaiting approval'].includes(of.state) ? null : of.at + 1,
    }),
  );
const member = fc
  .record({ alert: nat(7), told: fc.constantFrom('firing' as const, 'resolved' as const, null), severity: maybe(severity) })
  .map((of) => ({ alert: `x${of.alert}`, told: of.told, severity: of.severity }));
const group = fc
  .record({
    id: nat(2).map((n) => `g${n}`),
    members: fc.uniqueArray(member, { selector: (one) => one.alert, maxLength: 8 }),
    at: maybe(at),
  })
  .map((of) => groupOf(of.id, of.members, { toldAt: of.at }));
const message = fc
  .record({
    id: nat(5).map((n) => `m${n}`),
    at,
    alerts: fc.uniqueArray(
      nat(4).map((n) => `x${n}`),
      { maxLength: 4 },
    ),
    text: word,
  })
  .map((of) => messageOf(of.id, of.at, of.alerts, { body: { subject: of.text, text: '', link: null, webhook: null } }));
const advice = fc
  .record({
    id: nat(3).map((n) => `d${n}`),
    at,
    alert: fc.constantFrom('x1', 'x2'),
    state: fc.constantFrom('active', 'acknowledged', 'helped', 'over'),
  })
  .map((of) => adviceOf(of.id, of.alert, of.at, { state: of.state }));
const cooldown = fc.record({ id: fc.constantFrom('a', 'b\0c', '😀'), at }, { noNullPrototype: true });

type Record_ = { readonly [K in TableName]: { readonly table: K; readonly value: Tables[K] } }[TableName];
const record: fc.Arbitrary<Record_> = fc.oneof(
  { weight: 6, arbitrary: alert.map((value) => ({ table: 'alert' as const, value })) },
  { weight: 3, arbitrary: run.map((value) => ({ table: 'run' as const, value })) },
  { weight: 3, arbitrary: group.map((value) => ({ table: 'group' as const, value })) },
  { weight: 3, arbitrary: message.map((value) => ({ table: 'message' as const, value })) },
  { weight: 1, arbitrary: advice.map((value) => ({ table: 'advice' as const, value })) },
  { weight: 1, arbitrary: cooldown.map((value) => ({ table: 'cooldown' as const, value })) },
);

const kind = fc.constantFrom<DueKind>('alert', 'group', 'run');
const wake = fc
  .record({ op: fc.constant('wake' as const), kind, id: fc.constantFrom('1', '2'), at: fc.oneof(at, fc.constant(NEVER)), failures: nat(2) })
  .map((of): Write => of);

/** A change of some records by one server, on what it just loaded or on what it loaded some time ago. */
interface Deed {
  readonly records: readonly { readonly record: Record_; readonly drop: boolean; readonly remembered: boolean }[];
  readonly wakes: readonly Write[];
  readonly about: readonly string[];
}
const deed: fc.Arbitrary<Deed> = fc.record({
  records: fc.uniqueArray(fc.record({ record, drop: fc.boolean(), remembered: nat(3).map((n) => n === 0) }), {
    selector: ({ record: { table, value } }) => `${table}/${keyOf(table, value)}`,
    maxLength: 4,
  }),
  wakes: fc.array(wake, { maxLength: 2 }),
  about: fc.uniqueArray(fc.constantFrom('alert/1', 'run/1', 'run/2'), { maxLength: 2 }),
});
const act = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ type: fc.constant('deeds' as const), server: nat(1), deeds: fc.array(deed, { minLength: 1, maxLength: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('restart' as const), server: nat(1) }) },
);

const matcher = fc.record({
  name: fc.constantFrom('alertname', 'team', 'instance', 'severity', 'none'),
  op: fc.constantFrom('=' as const, '!=' as const, '=~' as const, '!~' as const),
  value: fc.constantFrom('Disk', 'a', 'a|b', '.*e.*', '', 'web-1:9100', 'critical|error', 'web-.*'),
});
const question = fc.record({
  limit: fc.constantFrom(1, 2, 3, 100),
  alerts: fc.record({
    states: some(fc.uniqueArray(alertState)),
    severities: some(fc.uniqueArray(severity, { minLength: 1 })),
    rule: some(fc.constantFrom('r1', 'r3')),
    host: some(fc.constantFrom('web-1', 'web-2', '[::1]')),
    matchers: some(fc.array(matcher, { maxLength: 2 })),
    text: some(fc.constantFrom('a', 'c"', 'É😀', '_', 'WEB')),
    from: some(at),
    to: some(at),
  }),
  runs: fc.record({
    states: some(fc.uniqueArray(fc.constantFrom('running' as const, 'failed' as const), { minLength: 1 })),
    action: some(fc.constantFrom('clean', 'restart')),
    host: some(fc.constantFrom('web-1', 'web-2')),
    alert: some(fc.constantFrom('x1', 'x2')),
    requestedBy: some(fc.constantFrom('alice', 'user:bob', 'token:bob')),
    verification: some(fc.constantFrom('waiting' as const, 'fixed' as const)),
    text: some(fc.constantFrom('CLEAN', 'é', '%')),
    from: some(at),
    to: some(at),
  }),
});

async function allPages<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
}

/** Two servers on one database, and the model of it. */
class Play {
  readonly model = new Model();
  readonly #database: Database;
  readonly #servers: StateStore[] = [];
  readonly #remembered: Map<string, { readonly row: Row; readonly seen: Seen }>[] = [new Map(), new Map()];

  constructor(database: Database) {
    this.#database = database;
  }

  async start(): Promise<void> {
    for (let index = 0; index < 2; index += 1) this.#servers.push(await this.#database.open());
  }

  server(index: number): StateStore {
    const server = this.#servers[index];
    assert.ok(server);
    return server;
  }

  async restart(index: number): Promise<void> {
    await this.server(index).close();
    this.#servers[index] = await this.#database.open();
  }

  async stop(): Promise<void> {
    for (const server of this.#servers) await server.close();
  }

  async #write(
    index: number,
    { record: { table, value }, drop, remembered }: Deed['records'][number],
  ): Promise<{ write: Write; seen: Seen }> {
    const id = keyOf(table, value);
    const known = this.#remembered[index]?.get(`${table}/${id}`);
    const fresh = { row: await this.server(index).load(table, id), seen: this.model.seen(table, id) };
    const { row, seen } = remembered && known !== undefined ? known : fresh;
    this.#remembered[index]?.set(`${table}/${id}`, fresh);
    return { write: drop ? { op: 'drop', row } : putAs(row, table, value), seen };
  }

  /** All are decided first and committed at once: a later one may find its rows changed by an earlier one. */
  async perform(index: number, deeds: readonly Deed[]): Promise<void> {
    const changes: { readonly change: Change; readonly seen: readonly Seen[] }[] = [];
    for (const { records, wakes, about } of deeds) {
      const decided: { write: Write; seen: Seen }[] = [];
      for (const one of records) decided.push(await this.#write(index, one));
      const writes = [...decided.map(({ write }) => write), ...wakes];
      changes.push({ change: { at: 1, who: SYSTEM, why: 'played', about, writes }, seen: decided.map(({ seen }) => seen) });
    }
    const results = await Promise.all(changes.map(({ change }) => this.server(index).commit(change)));
    assert.deepEqual(
      results,
      changes.map(({ change, seen }) => this.model.commit(change, seen)),
    );
  }
}

function putAs(row: Row, table: TableName, value: Tables[TableName]): Write {
  // The record generator pairs each table with a value of it.
  return put({ ...row, table } as Row<'alert'>, value as Tables['alert']);
}

async function compare(store: StateStore, model: Model, ask: typeof question extends fc.Arbitrary<infer Q> ? Q : never): Promise<void> {
  const { limit } = ask;
  for (const table of ['alert', 'run', 'group', 'message', 'advice', 'cooldown'] as const) {
    const ids = model.all(table).map((value) => keyOf(table, value));
    const found = await store.loadAll(table, [...ids, 'missing']);
    assert.deepEqual(new Map(found.map((row) => [row.id, row.value])), new Map(ids.map((id) => [id, model.value(table, id)])));
  }
  assert.deepEqual(await store.due(30, 100), model.due(30));
  assert.deepEqual(await store.agenda(2), model.due(NEVER).slice(0, 2));
  assert.equal(await store.nextDue(), model.due(NEVER)[0]?.at ?? NEVER);
  const alertFilter: Omit<AlertFilter, 'limit'> = ask.alerts;
  assert.deepEqual(await allPages((cursor) => store.findAlerts({ ...alertFilter, limit, cursor })), model.alerts(alertFilter));
  const runFilter: Omit<RunFilter, 'limit'> = ask.runs;
  assert.deepEqual(await allPages((cursor) => store.findRuns({ ...runFilter, limit, cursor })), model.runs(runFilter));
  for (const one of [undefined, 'x1']) {
    assert.deepEqual(await allPages((cursor) => store.findMessages({ alert: one, limit, cursor })), model.messages(one));
    assert.deepEqual(await allPages((cursor) => store.findAdvice({ alert: one, limit, cursor })), model.advice({ alert: one }));
  }
  assert.deepEqual(await allPages((cursor) => store.findAdvice({ open: false, limit, cursor })), model.advice({ open: false }));
  for (const about of [undefined, 'run/1']) {
    const entries = await allPages((cursor) => store.findAudit({ about, limit, cursor }));
    assert.deepEqual(entries, model.audit(about));
  }
  await compareOpen(store, model);
}

async function compareOpen(store: StateStore, model: Model): Promise<void> {
  const ids = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id).sort();
  const open = model.all('alert').filter((one) => one.state !== 'resolved');
  for (const others of [1, 40, 400]) {
    const rules = ['r1', ...Array.from({ length: others }, (_, i) => `other-${i}`)];
    assert.deepEqual(ids(await store.openAlertsOfRules(rules)), ids(open.filter((one) => one.rule === 'r1')));
  }
  for (const rule of ['r1', null]) assert.deepEqual(ids(await store.openAlerts(rule)), ids(open.filter((one) => one.rule === rule)));
  assert.deepEqual(ids(await store.openAlertsByFingerprint(open.map((one) => one.fingerprint))), ids(open));
  const counts = await store.countAlerts();
  assert.equal(counts['firing'], open.filter((one) => one.state === 'firing').length);
  assert.equal(counts['pending'], open.filter((one) => one.state === 'pending').length);
  assert.equal(counts['critical'], open.filter((one) => one.state === 'firing' && one.severity === 'critical').length);
  const grouped = new Set(model.all('group').flatMap((one) => one.members.map((of) => of.alert)));
  assert.deepEqual(ids(await store.ungroupedAlerts(100)), ids(open.filter((one) => one.state === 'firing' && !grouped.has(one.id))));
  const runs = model.all('run');
  assert.deepEqual(ids(await store.openRuns({ action: 'clean' })), ids(runs.filter((one) => isOpenRun(one) && one.action === 'clean')));
  assert.deepEqual(
    ids(await store.openRuns({ alert: 'x1', host: 'web-1' })),
    ids(runs.filter((one) => isOpenRun(one) && one.alert === 'x1' && one.host === 'web-1')),
  );
  assert.deepEqual(
    ids(await store.runsToVerify('x1')),
    ids(runs.filter((one) => !isOpenRun(one) && one.alert === 'x1' && one.verification === 'waiting')),
  );
  assert.deepEqual((await store.runByIdempotencyKey('k1'))?.value ?? null, runs.find((one) => one.idempotencyKey === 'k1') ?? null);
  const groups = model.all('group').filter((one) => one.members.some((of) => of.alert === 'x1'));
  assert.deepEqual(ids(await store.groupsWithAlert('x1')), ids(groups));
  assert.deepEqual(ids(await store.groupTimes('x1')), ids(groups));
  assert.deepEqual(ids(await store.openAdvice('x1')), ids(model.all('advice').filter((one) => isOpenAdvice(one) && one.alert === 'x1')));
}

for (const dialect of DIALECTS) {
  describe(`the state database on ${dialect.name}, played against a model`, () => {
    it('is the same as maps in memory, whatever two servers do and however often they restart', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(act, { maxLength: 60, size: 'max' }),
          fc.array(question, { minLength: 6, maxLength: 6 }),
          async (acts, questions) => {
            const database = dialect.fresh();
            const play = new Play(database);
            try {
              await play.start();
              for (const one of acts) {
                if (one.type === 'restart') await play.restart(one.server);
                else await play.perform(one.server, one.deeds);
              }
              for (const [index, ask] of questions.entries()) await compare(play.server(index % 2), play.model, ask);
            } finally {
              await play.stop();
              database.remove();
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
