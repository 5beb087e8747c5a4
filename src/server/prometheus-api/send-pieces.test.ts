import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import { sendAnswer } from './envelope.ts';

const SERIES = 40;
const POINTS = 2_000;

describe('a result that is sent as it is written', () => {
  let server: FastifyInstance;
  let url = '';
  const answered: number[] = [];

  before(async () => {
    server = Fastify();
    server.addHook('onResponse', async (_request, reply) => {
      answered.push(reply.statusCode);
    });
    server.get('/', (_request, reply) => {
      const starts = Uint32Array.from({ length: SERIES + 1 }, (_, i) => i * POINTS);
      const room = new ArrayBuffer(SERIES * POINTS * 16);
      const times = new Float64Array(room, 0, SERIES * POINTS).map((_, i) => 1e12 + (i % POINTS) * 1000);
      const values = new Float64Array(room, SERIES * POINTS * 8).map((_, i) => i / 7);
      const labels = Array.from({ length: SERIES }, (_, i) => ({ name: `s${i}` }));
      const value = { resultType: 'matrix', columns: { labels, starts, times, values } } as const;
      void reply.header('x-kept', 'yes');
      return sendAnswer(reply, { value, warnings: ['w'], infos: [], cost: null }, { limit: 0, stats: null });
    });
    await server.listen({ port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}/`;
  });

  after(() => server.close());

  test('is the whole result, under the headers that were set', async () => {
    for (const text of await Promise.all([1, 2, 3].map(async () => (await fetch(url)).text()))) {
      const { data, warnings } = JSON.parse(text);
      assert.deepEqual(warnings, ['w']);
      assert.equal(data.result.length, SERIES);
      for (const [s, { metric, values }] of data.result.entries()) {
        assert.equal(metric.name, `s${s}`);
        assert.equal(values.length, POINTS);
        assert.ok(values.every(([t, v]: [number, string], i: number) => t === 1e9 + i && Number(v) === (s * POINTS + i) / 7));
      }
    }
    const { headers, status } = await fetch(url);
    assert.equal(status, 200);
    assert.equal(headers.get('x-kept'), 'yes');
    assert.equal(headers.get('content-type'), 'application/json; charset=utf-8');
  });

  test('ends when its client leaves, and when it reads slowly waits for it', async () => {
    const { port, hostname } = new URL(url);
    const leaver = connect(Number(port), hostname);
    leaver.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(leaver, 'data');
    leaver.destroy();
    const slow = connect(Number(port), hostname);
    slow.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let bytes = 0;
    for await (const chunk of slow) {
      bytes += (chunk as Buffer).length;
      if (bytes % 3 === 0) await new Promise((done) => setImmediate(done));
    }
    assert.ok(bytes > SERIES * POINTS * 20);
    const text = await (await fetch(url)).text();
    assert.equal(JSON.parse(text).status, 'success');
    assert.ok(answered.length >= 3);
  });

  test('has headers alone for HEAD', async () => {
    const { status, headers } = await fetch(url, { method: 'HEAD' });
    assert.equal(status, 200);
    assert.equal(headers.get('x-kept'), 'yes');
  });
});
