import assert from 'node:assert/strict';
import http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { countOf } from '../../core/base/counters.ts';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { encodeSnappy } from '../../core/wire/snappy.ts';
import { openEmbeddedSeries } from '../../io/series/embedded.ts';
import type { SeriesStore } from '../../io/series/store.ts';
import { seriesPart } from '../../main/series-part.ts';
import { METRICS } from '../metrics.ts';
import { NO_SERIES, startTestServer, tokenOf, type TestServer } from '../test-server.test.ts';
import type { QueryAnswer } from './series-part.ts';

const NOW = 1_800_000_000_000;
const PROTOBUF = 'application/x-protobuf';

const body = (name: string, host: string, samples: readonly (readonly [number, number])[]): Uint8Array =>
  encodeWriteRequest([{ labels: { __name__: name, host }, samples: samples.map(([at, value]) => ({ at, value })) }]);

describe('the Prometheus API over the real store', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
  let store: SeriesStore;
  let running: TestServer;
  let ingest: { authorization: string };
  let viewer: { authorization: string };

  before(async () => {
    store = await openEmbeddedSeries({ folder, now: () => NOW });
    running = await startTestServer('', { series: seriesPart(store) });
    ingest = await tokenOf(running, 'ingest');
    viewer = await tokenOf(running, 'viewer');
  });
  after(async () => {
    await running.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const write = (payload: Uint8Array, headers: Record<string, string> = {}) =>
    running.inject({
      method: 'POST',
      url: '/api/v1/write',
      payload: Buffer.from(payload),
      headers: { ...ingest, 'content-type': PROTOBUF, 'content-encoding': 'snappy', ...headers },
    });
  const get = (url: string) => running.inject({ url, headers: viewer });
  const post = (url: string, form: Record<string, string>) =>
    running.inject({
      method: 'POST',
      url,
      payload: new URLSearchParams(form).toString(),
      headers: { ...viewer, 'content-type': 'application/x-www-form-urlencoded' },
    });

  test('what is written can be asked for, by GET and by POST', async () => {
    const points = Array.from({ length: 5 }, (_, index) => [NOW - 60_000 + index * 15_000, index] as const);
    const snappy = await write(encodeSnappy(body('load', 'a', points)));
    assert.equal(snappy.statusCode, 204, snappy.body);
    assert.equal(snappy.headers['x-prometheus-remote-write-samples-written'], '5');
    const zstd = await write(zstdCompressSync(body('load', 'b', points)), { 'content-encoding': 'zstd' });
    assert.equal(zstd.statusCode, 204, zstd.body);
    const instant = await get(`/api/v1/query?query=${encodeURIComponent('sum by (host) (load)')}&time=${NOW / 1000}`);
    assert.equal(instant.statusCode, 200, instant.body);
    assert.deepEqual(instant.json(), {
      status: 'success',
      data: {
        resultType: 'vector',
        result: [
          { metric: { host: 'a' }, value: [NOW / 1000, '4'] },
          { metric: { host: 'b' }, value: [NOW / 1000, '4'] },
        ],
      },
    });
    const range = await post('/api/v1/query_range', {
      query: 'load{host="a"}',
      start: String(NOW / 1000 - 60),
      end: String(NOW / 1000),
      step: '30s',
    });
    assert.deepEqual(range.json().data, {
      resultType: 'matrix',
      result: [
        {
          metric: { __name__: 'load', host: 'a' },
          values: [
            [NOW / 1000 - 60, '0'],
            [NOW / 1000 - 30, '2'],
            [NOW / 1000, '4'],
          ],
        },
      ],
    });
    assert.deepEqual((await get('/api/v1/query?query=1%2B1&time=4')).json().data, { resultType: 'scalar', result: [4, '2'] });
    assert.deepEqual((await get('/api/v1/query?query=vector(1)&limit=0')).json().data.result, [{ metric: {}, value: [NOW / 1000, '1'] }]);
  });

  test('series, label names and values', async () => {
    const series = await get('/api/v1/series?match[]=load&match[]=up');
    assert.equal(series.statusCode, 200, JSON.stringify(running.log));
    assert.deepEqual(series.json().data, [
      { __name__: 'load', host: 'a' },
      { __name__: 'load', host: 'b' },
    ]);
    assert.deepEqual((await get('/api/v1/labels')).json().data, ['__name__', 'host']);
    assert.deepEqual((await post('/api/v1/labels', { 'match[]': 'load{host="a"}' })).json().data, ['__name__', 'host']);
    assert.deepEqual((await get('/api/v1/label/host/values')).json().data, ['a', 'b']);
    assert.deepEqual((await get('/api/v1/label/host/values?limit=1')).json().data, ['a']);
    assert.deepEqual((await get('/api/v1/label/host/values?match[]=load{host="b"}')).json().data, ['b']);
    assert.deepEqual((await get('/api/v1/label/U__ho_73_t/values')).json().data, ['a', 'b']);
    assert.equal((await get('/api/v1/status/tsdb')).json().data.headStats.numSeries, 2);
    assert.match((await get('/api/v1/status/buildinfo')).json().data.version, /^3\./);
    assert.deepEqual((await get('/api/v1/metadata')).json(), { status: 'success', data: {} });
  });

  test('what is wrong is said in the words and with the status of Prometheus', async () => {
    const range = (more: string) => get(`/api/v1/query_range?query=up&${more}`);
    const cases: [Awaited<ReturnType<typeof get>>, number, string, RegExp][] = [
      [await get('/api/v1/query?query=sum('), 400, 'bad_data', /^invalid parameter "query": 1:5: parse error: /],
      [await get('/api/v1/query'), 400, 'bad_data', /^invalid parameter "query": .*no expression found in input/],
      [
        await get('/api/v1/query?query=up&time=x'),
        400,
        'bad_data',
        /^invalid parameter "time": Invalid time value for 'time': cannot parse "x" to a valid timestamp$/,
      ],
      [await get('/api/v1/query?query=up&timeout=x'), 400, 'bad_data', /^invalid parameter "timeout": cannot parse "x"/],
      [await get('/api/v1/query?query=up&limit=-1'), 400, 'bad_data', /limit must be non-negative/],
      [await range('start=0&end=10'), 400, 'bad_data', /^invalid parameter "step": cannot parse "" to a valid duration$/],
      [await range('start=10&end=0&step=1'), 400, 'bad_data', /^invalid parameter "end": end timestamp must not be before start time$/],
      [await range('start=0&end=10&step=0'), 400, 'bad_data', /^invalid parameter "step": zero or negative query resolution step widths/],
      [
        await range('start=0&end=11001&step=1'),
        400,
        'bad_data',
        /^exceeded maximum resolution of 11,000 points per timeseries\. Try decreasing the query resolution \(\?step=XX\)$/,
      ],
      [await get('/api/v1/series'), 400, 'bad_data', /^no match\[\] parameter provided$/],
      [await get('/api/v1/labels?match[]={'), 400, 'bad_data', /^1:2: parse error: /],
      [await get('/api/v1/query?query=load%20%2B%20on()%20load'), 422, 'execution', /many-to-many|duplicate series/],
      [await running.inject({ url: '/api/v1/query?query=up' }), 401, 'unauthorized', /Sign in/],
    ];
    for (const [answer, status, errorType, text] of cases) {
      const said = answer.json();
      assert.equal(answer.statusCode, status, answer.body);
      assert.equal(said.status, 'error');
      assert.equal(said.errorType, errorType);
      assert.match(said.error, text);
    }
    assert.equal((await range('start=0&end=11000&step=1')).statusCode, 200);
  });

  test('bodies that are no samples are refused with a reason, counted, and harm nobody', async () => {
    const refused: [Awaited<ReturnType<typeof write>>, number][] = [
      [await write(Buffer.from('garbage')), 400],
      [await write(encodeSnappy(Buffer.from([0xff, 0xff, 0xff]))), 400],
      [await write(new Uint8Array(0)), 400],
      [await write(encodeSnappy(body('x', 'y', [])), { 'content-encoding': 'gzip' }), 415],
      [await write(encodeSnappy(body('x', 'y', [])), { 'content-type': `${PROTOBUF};proto=io.example.Other` }), 415],
      [await write(encodeSnappy(body('x', 'y', [])), { 'content-type': 'text/xml' }), 415],
      [await write(new Uint8Array(33 * 1024 * 1024)), 413],
      // A Snappy block that says it holds 2 GB.
      [await write(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x08, 0, 0)), 413],
    ];
    for (const [answer, status] of refused) {
      assert.equal(answer.statusCode, status, answer.body);
      assert.match(String(answer.headers['content-type']), /^text\/plain/);
      assert.ok(answer.body.length > 5, answer.body);
    }
    assert.equal(countOf(running.counters, METRICS.writeRequests, { outcome: 'bad' }), 3);
    assert.equal((await write(encodeSnappy(body('fine', 'a', [[NOW, 1]])))).statusCode, 204);
  });

  test('samples that cannot be taken are 400, the rest of the request is written', async () => {
    const early = encodeWriteRequest([
      { labels: { __name__: 'late', host: 'a' }, samples: [{ at: NOW, value: 1 }] },
      { labels: { __name__: 'far', host: 'a' }, samples: [{ at: NOW + 86_400_000, value: 1 }] },
    ]);
    const answer = await write(encodeSnappy(early));
    assert.equal(answer.statusCode, 400, answer.body);
    assert.match(answer.body, /^1 samples written, refused: 1 /);
    assert.equal(answer.headers['x-prometheus-remote-write-samples-written'], '1');
  });
});

describe('the Prometheus API when the store says no', () => {
  test('busy and unavailable ask to come again', async () => {
    for (const [error, status] of [
      ['busy', 429],
      ['unavailable', 503],
    ] as const) {
      const running = await startTestServer('', { series: { ...NO_SERIES, write: async () => ({ error, message: 'the disk is full' }) } });
      const headers = { ...(await tokenOf(running, 'ingest')), 'content-type': PROTOBUF };
      const answer = await running.inject({ method: 'POST', url: '/api/v1/write', payload: Buffer.from('x'), headers });
      assert.deepEqual([answer.statusCode, answer.body, answer.headers['retry-after']], [status, 'the disk is full\n', '5']);
      await running.close();
    }
  });

  test('a query whose client goes away is told to stop', async () => {
    let stopped = (): void => {};
    let asked = (): void => {};
    const isStopped = new Promise<void>((resolve) => (stopped = resolve));
    const isAsked = new Promise<void>((resolve) => (asked = resolve));
    const instant = async (_expr: string, _at: number, { signal }: { signal: AbortSignal }): Promise<QueryAnswer> => {
      asked();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      stopped();
      return { errorType: 'canceled', error: 'query was canceled in expression evaluation' };
    };
    const running = await startTestServer('', { series: { ...NO_SERIES, instant } });
    await running.server.listen({ host: '127.0.0.1', port: 0 });
    const { port } = running.server.server.address() as AddressInfo;
    const request = http.get({ host: '127.0.0.1', port, path: '/api/v1/query?query=up', headers: await tokenOf(running, 'viewer') });
    request.on('error', () => {});
    await isAsked;
    request.destroy();
    await isStopped;
    await running.close();
  });
});
