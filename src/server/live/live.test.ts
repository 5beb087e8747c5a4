import assert from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import type { Run } from '../../core/actions/run.ts';
import { SYSTEM } from '../../core/access/actor.ts';
import { countOf } from '../../core/base/counters.ts';
import type { RunView } from '../../contract/api/runs.ts';
import { createToken, revokeToken } from '../../engine/commands/tokens.ts';
import { METRICS } from '../metrics.ts';
import { startTestServer, tokenOf, type TestServer } from '../test-server.test.ts';

interface SeenEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** A client of server-sent events that waits for what it expects. */
class Client {
  readonly events: SeenEvent[] = [];
  ended = false;
  status = 0;
  #text = '';
  #waiting: (() => void)[] = [];
  #request: http.ClientRequest;
  #response: http.IncomingMessage | null = null;

  constructor(port: number, path: string, headers: http.OutgoingHttpHeaders) {
    this.#request = http.get({ port, path, headers, host: '127.0.0.1' }, (response) => {
      this.status = response.statusCode ?? 0;
      this.#response = response;
      response.setEncoding('utf8');
      response.on('data', (text: string) => this.#take(text));
      response.on('close', () => {
        this.ended = true;
        this.#wake();
      });
      this.#wake();
    });
    this.#request.on('error', () => {});
  }

  #take(text: string): void {
    this.#text += text;
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
      if (/^event: /m.test(block)) this.events.push({ event: field('event'), id: field('id'), data: field('data') });
    }
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  pause(): void {
    this.#response?.pause();
  }

  resume(): void {
    this.#response?.resume();
  }

  leave(): void {
    this.#request.destroy();
  }
}

const clientsOf = (running: TestServer): number => countOf(running.counters, METRICS.liveClients);

async function listen(running: TestServer, t: TestContext): Promise<number> {
  // A test that fails would otherwise leave its clients waiting.
  t.after(() => running.server.close());
  await running.server.listen({ host: '127.0.0.1', port: 0 });
  return (running.server.server.address() as AddressInfo).port;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what changes within a tenth of a second is told once, to everybody who listens', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const headers = await tokenOf(running, 'viewer');
  const client = new Client(port, '/api/live', headers);
  await client.until(() => client.events.length === 1);
  assert.equal(client.events[0]?.event, 'hello');
  running.tell(['alert/1', 'run/1']);
  running.tell(['alert/1', 'samples']);
  running.time.pass(99);
  assert.equal(client.events.length, 1);
  running.time.pass(1);
  await client.until(() => client.events.length === 2);
  assert.equal(client.events[1]?.event, 'change');
  assert.deepEqual(JSON.parse(client.events[1]?.data ?? ''), { seq: 1, about: ['alert/1', 'run/1', 'samples'] });
  client.leave();
  await running.close();
});

test('whoever comes back and has missed nothing is told nothing; else to load everything again', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const headers = await tokenOf(running, 'viewer');
  const first = new Client(port, '/api/live', headers);
  await first.until(() => first.events.length === 1);
  const { id = '' } = first.events[0] ?? {};
  const back = new Client(port, '/api/live', { ...headers, 'last-event-id': id });
  await back.until(() => back.events.length === 1);
  assert.equal(back.events[0]?.event, 'hello');
  running.tell(['alert/1']);
  running.time.pass(100);
  const late = new Client(port, '/api/live', { ...headers, 'last-event-id': id });
  await late.until(() => late.events.length === 1);
  assert.equal(late.events[0]?.event, 'overflow');
  for (const client of [first, back, late]) client.leave();
  await running.close();
});

test('whoever comes back and was the only one has missed what happened meanwhile', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const headers = await tokenOf(running, 'viewer');
  const only = new Client(port, '/api/live', headers);
  await only.until(() => only.events.length === 1);
  const { id = '' } = only.events[0] ?? {};
  only.leave();
  while (clientsOf(running) > 0) await turn();
  running.tell(['alert/1']);
  const back = new Client(port, '/api/live', { ...headers, 'last-event-id': id });
  await back.until(() => back.events.length === 1);
  assert.equal(back.events[0]?.event, 'overflow');
  back.leave();
  await running.close();
});

test('a storm of different things is told as "everything"', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const client = new Client(port, '/api/live', await tokenOf(running, 'viewer'));
  await client.until(() => client.events.length === 1);
  for (let count = 0; count < 5_000; count++) running.tell([`alert/${count}`]);
  running.time.pass(100);
  await client.until(() => client.events.length === 2);
  assert.equal(client.events[1]?.event, 'overflow');
  client.leave();
  await running.close();
});

test('a client that does not read costs a bounded amount of memory, and is told to reload when it reads again', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const client = new Client(port, '/api/live', await tokenOf(running, 'viewer'));
  await client.until(() => client.events.length === 1);
  client.pause();
  const about = Array.from({ length: 900 }, (_, index) => `alert/${'x'.repeat(100)}${index}`);
  for (let round = 0; round < 400 && countOf(running.counters, METRICS.liveOverflows) === 0; round++) {
    running.tell(about);
    running.time.pass(100);
    await turn();
  }
  assert.equal(countOf(running.counters, METRICS.liveOverflows), 1);
  const before = client.events.length;
  for (let round = 0; round < 50; round++) {
    running.tell(about);
    running.time.pass(100);
  }
  client.resume();
  await client.until(() => client.events.some(({ event }) => event === 'overflow'));
  assert.ok(client.events.length - before < 450, 'what came while it slept was not kept');
  client.leave();
  await running.close();
});

test('who may listen is asked again: a revoked token ends its streams within a heartbeat', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const by = { actor: SYSTEM, role: 'admin', teams: [], actions: null } as const;
  const made = await createToken(running.parts, by, { name: 'screen', role: 'viewer', actions: null, expiresInMs: null });
  assert.ok('ok' in made);
  const client = new Client(port, '/api/live', { authorization: `Bearer ${made.ok.secret}` });
  await client.until(() => client.events.length === 1);
  running.time.pass(15_000);
  await turn();
  assert.equal(clientsOf(running), 1);
  await revokeToken(running.parts, by, made.ok.token.id);
  running.time.pass(15_000);
  await client.until(() => client.ended);
  assert.equal(clientsOf(running), 0);
  await running.close();
});

test('streams that were left are forgotten, more than the most are refused, and closing the server ends the rest', async (t) => {
  const running = await startTestServer();
  const port = await listen(running, t);
  const headers = await tokenOf(running, 'viewer');
  const clients = Array.from({ length: 500 }, () => new Client(port, '/api/live', headers));
  for (const client of clients) await client.until(() => client.events.length === 1);
  const refused = new Client(port, '/api/live', headers);
  await refused.until(() => refused.status !== 0);
  assert.equal(refused.status, 503);
  clients[0]?.leave();
  while (clientsOf(running) === 500) await turn();
  assert.equal(clientsOf(running), 499);
  await running.close();
  for (const client of clients.slice(1)) await client.until(() => client.ended);
  assert.equal(clientsOf(running), 0);
});

const RUN: Run = {
  id: 'r1',
  action: 'clean',
  version: 'v',
  state: 'running',
  reason: '',
  parameters: {},
  argv: ['/bin/true'],
  host: 'h',
  runAs: null,
  requestedBy: SYSTEM,
  comment: '',
  trigger: null,
  alert: null,
  approvals: [],
  approvalsNeeded: 0,
  approvers: [],
  triggeredAt: 1,
  deadline: 2,
  fence: 1,
  startedAt: 1,
  finishedAt: null,
  exitCode: null,
  signal: null,
  spawnError: null,
  outputBytes: 0,
  outputTruncated: false,
  timeout: 1000,
  outputLimitBytes: 1000,
  verification: null,
  verifyWithin: null,
  idempotencyKey: null,
  requestHash: '',
};

async function saveRun({ store, time }: TestServer, change: Partial<Run>): Promise<void> {
  const row = await store.load('run', RUN.id);
  const value: Run = { ...(row.value ?? RUN), ...change };
  await store.commit({ at: time.now, who: SYSTEM, why: 'test', about: ['run/r1'], writes: [{ op: 'put', row, value }] });
}

async function startWithRun(t: TestContext): Promise<{
  readonly running: TestServer;
  readonly port: number;
  readonly headers: { authorization: string };
}> {
  const running = await startTestServer();
  const { nouns } = running.parts;
  const get: typeof nouns.runs.get = async ({ params }) => {
    const { value } = await running.store.load('run', params.id);
    return {
      ok: { run: { id: params.id, state: value?.state, exitCode: value?.exitCode } as typeof RunView._output, work: null, timeline: [] },
    };
  };
  Object.assign(nouns.runs, { get });
  await saveRun(running, {});
  return { running, port: await listen(running, t), headers: await tokenOf(running, 'viewer') };
}

const textOf = (events: readonly SeenEvent[]): string =>
  events
    .filter(({ event }) => event === 'output')
    .map(({ data }) => Buffer.from(JSON.parse(data).data, 'base64').toString())
    .join('');

test('a run is followed from its first byte, live, until its end, by whoever comes whenever', async (t) => {
  const { running, port, headers } = await startWithRun(t);
  running.outputs.append('r1', 'one ');
  const early = new Client(port, '/api/runs/r1/output/live', headers);
  await early.until(() => textOf(early.events) === 'one ');
  running.outputs.append('r1', 'two ', 'stderr');
  await early.until(() => textOf(early.events) === 'one two ');
  const late = new Client(port, '/api/runs/r1/output/live', headers);
  await late.until(() => textOf(late.events) === 'one two ');
  const second = JSON.parse(early.events[1]?.data ?? '');
  assert.deepEqual([second.offset, second.stream, early.events[1]?.id], [4, 'stderr', '8']);
  running.outputs.append('r1', 'three');
  await saveRun(running, { state: 'succeeded', exitCode: 0 });
  running.tell(['run/r1']);
  for (const client of [early, late]) {
    await client.until(() => client.ended);
    assert.equal(textOf(client.events), 'one two three');
    assert.equal(client.events.at(-1)?.event, 'end');
    assert.equal(JSON.parse(client.events.at(-1)?.data ?? '').state, 'succeeded');
  }
  await running.close();
});

test('a client resumes at exactly the byte after the last one it has', async (t) => {
  const { running, port, headers } = await startWithRun(t);
  running.outputs.append('r1', 'abcdef');
  running.outputs.append('r1', 'ghi');
  await saveRun(running, { state: 'failed', exitCode: 1 });
  for (let offset = 0; offset <= 9; offset++) {
    const client = new Client(port, `/api/runs/r1/output/live?offset=${offset}`, headers);
    const resumed = new Client(port, '/api/runs/r1/output/live?offset=0', { ...headers, 'last-event-id': String(offset) });
    for (const one of [client, resumed]) {
      await one.until(() => one.ended);
      assert.equal(textOf(one.events), 'abcdefghi'.slice(offset));
      assert.equal(one.events.at(-1)?.event, 'end');
    }
  }
  await running.close();
});

test('no such run, and offsets that are none, are refused before anything is opened', async (t) => {
  const { running, headers } = await startWithRun(t);
  assert.equal((await running.inject({ url: '/api/runs/nope/output/live', headers })).statusCode, 404);
  for (const offset of ['-1', 'x', '1e3', '9'.repeat(30)]) {
    const answer = await running.inject({ url: `/api/runs/r1/output/live?offset=${offset}`, headers });
    assert.equal(answer.statusCode, 400, offset);
  }
  await running.close();
});

test('the output is downloaded whole, by stream, and by range', async (t) => {
  const { running, headers } = await startWithRun(t);
  running.outputs.append('r1', 'abc');
  running.outputs.append('r1', '\u0007ERR', 'stderr');
  running.outputs.append('r1', 'def');
  const get = (query = '', range?: string) =>
    running.inject({ url: `/api/runs/r1/output${query}`, headers: { ...headers, ...(range !== undefined && { range }) } });
  const whole = await get();
  assert.equal(whole.body, 'abc\u0007ERRdef');
  assert.equal(whole.headers['content-length'], '10');
  assert.match(String(whole.headers['content-disposition']), /^attachment; filename="run-r1.log"/);
  assert.equal(whole.headers['x-content-type-options'], 'nosniff');
  assert.equal((await get('?stream=stderr')).body, '\u0007ERR');
  assert.equal((await get('?stream=stdout')).body, 'abcdef');
  assert.equal((await get('?stream=other')).statusCode, 400);
  const part = await get('', 'bytes=2-4');
  assert.deepEqual([part.statusCode, part.body, part.headers['content-range']], [206, 'c\u0007E', 'bytes 2-4/10']);
  assert.equal((await get('', 'bytes=7-')).body, 'def');
  assert.equal((await get('', 'bytes=-2')).body, 'ef');
  const none = await get('', 'bytes=10-');
  assert.deepEqual([none.statusCode, none.headers['content-range']], [416, 'bytes */10']);
  assert.equal((await get('', 'bytes=0-1,3-4')).statusCode, 200);
  await running.close();
});

test('what a Prometheus would notify of is told when it begins and when it ends', async (t) => {
  let problems: readonly { readonly message: string }[] = [];
  const running = await startTestServer('', {
    configuration: () => ({ loadedAt: 0, failedAt: problems.length > 0 ? 1_000 : null, problems }),
  });
  const port = await listen(running, t);
  const client = new Client(port, '/api/v1/notifications/live', await tokenOf(running, 'viewer'));
  await client.until(() => clientsOf(running) === 1);
  problems = [{ message: 'unknown key' }];
  running.time.pass(1_000);
  await client.until(() => client.events.length === 1);
  problems = [];
  running.time.pass(1_000);
  await client.until(() => client.events.length === 2);
  const text = 'Configuration reload has failed: unknown key';
  const date = '1970-01-01T00:00:01.000Z';
  assert.deepEqual(
    client.events.map(({ event, data }) => [event, JSON.parse(data)]),
    [
      ['message', { text, date, active: true }],
      ['message', { text, date, active: false }],
    ],
  );
  client.leave();
  await running.close();
});
