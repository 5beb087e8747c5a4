import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { test } from 'node:test';
import { encodeWriteRequest } from '../core/wire/encode-write.ts';
import type { HttpClient, HttpOutcome, HttpRequest } from '../io/http.ts';
import { openHttpClient } from '../io/http.ts';
import { openLog } from '../io/log.ts';
import { systemClock } from '../io/clock.ts';
import { openManualClock, settle } from '../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../test/doors/memory-files.ts';
import { readWriteRequest } from '../../test/doors/write-request.ts';
import { Spool } from '../io/spool/spool.ts';
import { compressBatch, ship } from './ship.ts';

const random = { id: () => '', secret: () => '', fraction: () => 0.5 };
const batch = (at: number) => ({
  at,
  payload: compressBatch(encodeWriteRequest([{ labels: { __name__: 'n' }, samples: [{ at, value: at }] }])),
});

/** Shipping to a server that answers what the test says; what it took is in `taken`. */
async function shipping(answers: (request: HttpRequest, count: number) => HttpOutcome, token = () => 'tok') {
  const clock = openManualClock(1_000_000);
  const lines: string[] = [];
  const log = openLog({ level: 'info', now: () => 0, write: (line) => lines.push(line) });
  const spool = new Spool('/spool', { files: openMemoryFiles(), clock, log });
  await spool.open();
  const requests: HttpRequest[] = [];
  const taken: number[] = [];
  const http: HttpClient = {
    request: async (request) => {
      requests.push(request);
      const outcome = answers(request, requests.length);
      if (outcome.kind === 'answered' && outcome.status < 300) {
        taken.push(...readWriteRequest(Buffer.from(request.body ?? ''), request.headers?.['content-encoding']).map(({ at }) => at));
      }
      return outcome;
    },
    stream: async () => ({ kind: 'failed', reason: 'not here', code: '' }),
    close: () => {},
  };
  const counts = { delivered: 0, refused: 0, failures: 0 };
  const controller = new AbortController();
  const done = ship({ server: 'http://x', token, spool, counts }, { http, clock, random, log }, controller.signal);
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  return { clock, spool, requests, taken, counts, lines, stop };
}

const answer = (status: number, headers: Record<string, string> = {}): HttpOutcome => ({
  kind: 'answered',
  status,
  headers,
  body: Buffer.from('why'),
});
const away: HttpOutcome = { kind: 'failed', reason: 'connect ECONNREFUSED', code: 'ECONNREFUSED' };

test('a batch goes out as remote write 1.0 with the token, packed with zstd', async () => {
  const { spool, requests, taken, stop } = await shipping(() => answer(204));
  await spool.append(batch(1_000_000));
  await settle();
  assert.deepEqual(taken, [1_000_000]);
  const [request] = requests;
  assert.equal(request?.url, 'http://x/api/v1/write');
  assert.deepEqual(request?.headers, {
    authorization: 'Bearer tok',
    'content-type': 'application/x-protobuf',
    'content-encoding': 'zstd',
    'x-prometheus-remote-write-version': '0.1.0',
  });
  await stop();
});

test('a server that knows no zstd gets Snappy, and an hour later is asked again', async () => {
  const knowsZstd = { now: false };
  const { clock, spool, requests, taken, stop } = await shipping(({ headers }) =>
    headers?.['content-encoding'] === 'zstd' && !knowsZstd.now ? answer(415) : answer(204),
  );
  for (let i = 0; i < 3; i++) await spool.append(batch(1_000_000 + i));
  await settle();
  const encodings = (): (string | undefined)[] => requests.map(({ headers }) => headers?.['content-encoding']);
  assert.deepEqual(encodings(), ['zstd', 'snappy', 'snappy', 'snappy']);
  knowsZstd.now = true;
  await clock.advance(3_600_001);
  await spool.append(batch(4_700_000));
  await settle();
  assert.equal(encodings().at(-1), 'zstd');
  assert.deepEqual(taken, [1_000_000, 1_000_001, 1_000_002, 4_700_000]);
  await stop();
});

test('while the server is away batches wait; then they come in order, and the log says it twice, not at each try', async () => {
  let isAway = true;
  const { clock, spool, requests, taken, counts, lines, stop } = await shipping(() => (isAway ? away : answer(204)));
  for (let i = 0; i < 10; i++) {
    await spool.append(batch(clock.now()));
    await clock.advance(10_000);
  }
  assert.deepEqual(taken, []);
  assert.ok(requests.length > 5 && requests.length < 20, `${requests.length}`);
  isAway = false;
  await clock.advance(45_000);
  assert.deepEqual(
    taken,
    Array.from({ length: 10 }, (_, i) => 1_000_000 + i * 10_000),
  );
  assert.equal(counts.delivered, 10);
  assert.equal(lines.length, 2);
  await stop();
});

test('Retry-After is waited for', async () => {
  const { clock, spool, requests, stop } = await shipping((_, count) => (count === 1 ? answer(429, { 'retry-after': '20' }) : answer(204)));
  await spool.append(batch(1_000_000));
  await clock.advance(19_999);
  assert.equal(requests.length, 1);
  await clock.advance(1);
  assert.equal(requests.length, 2);
  await stop();
});

test('a batch that the server refuses is dropped, counted and told; the next one goes on', async () => {
  const { spool, taken, counts, lines, stop } = await shipping((_, count) => (count === 1 ? answer(400) : answer(204)));
  await spool.append(batch(1_000_000));
  await spool.append(batch(1_000_001));
  await settle();
  assert.deepEqual(taken, [1_000_001]);
  assert.deepEqual(counts, { delivered: 1, refused: 1, failures: 0 });
  assert.match(lines[0] ?? '', /refused samples.*answer 400: why/);
  await stop();
});

test('a token that cannot be read is a reason to wait', async () => {
  let isThere = false;
  const { clock, spool, taken, lines, stop } = await shipping(
    () => answer(204),
    () => {
      if (!isThere) throw new Error('ENOENT');
      return 'tok';
    },
  );
  await spool.append(batch(1_000_000));
  await clock.advance(5_000);
  isThere = true;
  await clock.advance(30_000);
  assert.deepEqual(taken, [1_000_000]);
  assert.match(lines[0] ?? '', /the token cannot be read: ENOENT/);
  await stop();
});

test('a wrong token loses nothing: batches wait until it is mended', async () => {
  let status = 401;
  const { clock, spool, taken, stop } = await shipping(() => answer(status));
  await spool.append(batch(1_000_000));
  await clock.advance(60_000);
  status = 200;
  await clock.advance(60_000);
  assert.deepEqual(taken, [1_000_000]);
  await stop();
});

test('a real server goes away and comes back on the same port: everything arrives, in order', async () => {
  const received: number[] = [];
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push(...readWriteRequest(Buffer.concat(chunks), request.headers['content-encoding']).map(({ at }) => at));
        response.writeHead(204).end();
      });
    });
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return server;
  };
  const stop = async (server: Server): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  let server = await listen(0);
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const log = openLog({ level: 'error', now: () => 0, write: () => {} });
  const spool = new Spool('/spool', { files: openMemoryFiles(), clock: { ...systemClock, now: () => 1_000_000 }, log });
  await spool.open();
  const http = openHttpClient();
  const controller = new AbortController();
  const counts = { delivered: 0, refused: 0, failures: 0 };
  // Pauses are real here, only shorter, so that the connection really fails and really comes back.
  const hasty = { ...systemClock, wait: (length: number, signal?: AbortSignal) => systemClock.wait(Math.min(length, 5), signal) };
  const settings = { server: `http://127.0.0.1:${port}`, token: () => 't', spool, counts };
  const shipped = ship(settings, { http, clock: hasty, random, log }, controller.signal);
  const until = async (what: () => boolean): Promise<void> => {
    while (!what()) await systemClock.wait(2);
  };
  for (let i = 0; i < 20; i++) await spool.append(batch(1_000_000 + i));
  await until(() => received.length >= 20);
  await stop(server);
  for (let i = 20; i < 60; i++) await spool.append(batch(1_000_000 + i));
  await until(() => counts.failures >= 3);
  server = await listen(port);
  await until(() => counts.delivered >= 60);
  assert.deepEqual(
    [...new Set(received)],
    Array.from({ length: 60 }, (_, i) => 1_000_000 + i),
  );
  controller.abort();
  await shipped;
  http.close();
  await stop(server);
});
