import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { type Histogram, NO_BUCKETS } from '../../../core/promql/histogram.ts';
import { unpackHistograms } from '../../../core/series/histogram-codec.ts';
import { encodeWriteRequest } from '../../../core/wire/encode-write.ts';
import { decodeReadRequest, encodeReadResponse } from '../../../core/wire/remote-read.ts';
import { decodeSnappy, encodeSnappy } from '../../../core/wire/snappy.ts';
import { openHttpClient } from '../../http.ts';
import { openLog } from '../../log.ts';
import type { SeriesStore } from '../store.ts';
import { openRemoteSeries } from './remote-store.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-remote-histograms-'));
const http = openHttpClient();
const log = openLog({ level: 'error', now: () => NOW, write: () => {} });
let server: Server;
let url = '';
let folders = 0;
/** What the other server answers below `/api/v1/`: an object is the data of a success, bytes are bytes; without it 404. */
let answers: Record<string, object | Uint8Array> = {};
let heard: { readonly path: string; readonly bytes: Uint8Array }[] = [];

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

before(async () => {
  server = createServer((request, response) => {
    void bytesOf(request).then((bytes) => {
      const path = (request.url ?? '').replace('/api/v1/', '').replace(/\?.*/, '');
      heard.push({ path, bytes });
      const answer = answers[path];
      response.statusCode = path === 'write' ? 204 : answer === undefined ? 404 : 200;
      response.end(answer === undefined ? '' : answer instanceof Uint8Array ? answer : JSON.stringify({ status: 'success', data: answer }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  http.close();
  server.close();
  rmSync(root, { recursive: true, force: true });
});
beforeEach(() => {
  answers = {};
  heard = [];
});

async function withStore(run: (store: SeriesStore) => Promise<void>): Promise<void> {
  folders += 1;
  const store = await openRemoteSeries({
    folder: join(root, String(folders)),
    write: `${url}/api/v1/write`,
    query: url,
    http,
    log,
    now: () => NOW,
  });
  try {
    await run(store);
  } finally {
    await store.close();
  }
}

function histogram(count: number, hint: Histogram['hint'] = 'unknown'): Histogram {
  const positive = { index: Int32Array.of(1, 2), count: Float64Array.of(count, 1) };
  return {
    schema: 1,
    hint,
    zeroThreshold: 0.001,
    zeroCount: 2,
    count: count + 3,
    sum: 9.5,
    positive,
    negative: NO_BUCKETS,
    customValues: [],
  };
}

const SAID = {
  count: '8',
  sum: '9.5',
  buckets: [
    [3, '-0.001', '0.001', '2'],
    [0, '1', '1.414213562373095', '5'],
    [0, '1.414213562373095', '2', '1'],
  ],
};
const WHOLE = {
  selectors: [[{ name: '__name__', op: '=', value: 'h' }]],
  from: NOW - 1_000,
  to: NOW,
  which: 'all',
  sampleLimit: 100,
} as const;
const matrix = {
  resultType: 'matrix',
  result: [
    {
      metric: { __name__: 'h' },
      values: [[1_699_999_999.5, '4']],
      histograms: [
        [1_699_999_999, SAID],
        [1_700_000_000, SAID],
      ],
    },
  ],
};

test('queries give the histograms of the other server among the numbers', async () => {
  answers = {
    query: {
      resultType: 'vector',
      result: [
        { metric: {}, histogram: [NOW / 1000, SAID] },
        { metric: { a: '1' }, value: [NOW / 1000, '3'] },
      ],
    },
    query_range: matrix,
  };
  await withStore(async (store) => {
    const instant = await store.instant('h', NOW);
    assert.ok(instant.result === 'vector');
    assert.deepEqual(instant.warnings, []);
    assert.deepEqual(instant.series.histograms?.get(0), histogram(5));
    assert.deepEqual([...instant.series.values], [0, 3]);
    const range = await store.range('h', { start: NOW - 1_000, end: NOW, step: 500 });
    assert.ok(range.result === 'matrix');
    assert.deepEqual([...range.series.times], [NOW - 1_000, NOW - 500, NOW]);
    assert.deepEqual([...(range.series.histograms?.keys() ?? [])], [0, 2]);
    assert.equal(range.series.values[1], 4);
    answers = { query: { resultType: 'vector', result: [{ metric: {}, histogram: [NOW / 1000, { count: 'many' }] }] } };
    assert.equal((await store.instant('h', NOW)).result, 'error');
  });
});

test('stored samples are read by remote read, as they are', async () => {
  const series = (name: string): Uint8Array =>
    encodeWriteRequest([
      {
        labels: { __name__: name },
        samples: [
          { at: NOW - 900, value: histogram(5, 'gauge') },
          { at: NOW - 500, value: 4 },
          { at: NOW - 100, value: 'stale' },
        ],
      },
    ]).slice();
  answers = {
    'status/buildinfo': { version: '2.44.0' },
    'status/config': { yaml: 'global:\n  scrape_interval: 1s\n' },
    read: encodeSnappy(encodeReadResponse([[series('h'), series('i')]])),
  };
  await withStore(async (store) => {
    const stored = await store.samples(WHOLE);
    assert.ok(!('error' in stored));
    assert.deepEqual(stored.labels, [{ __name__: 'h' }, { __name__: 'i' }]);
    assert.deepEqual(stored.ends, [3, 6]);
    assert.deepEqual([...stored.stale], [2, 0, 1, 2, 0, 1]);
    assert.deepEqual(unpackHistograms(stored.histograms ?? new Uint8Array(0))[0], histogram(5, 'gauge'));
    const asked = decodeSnappy(heard.find(({ path }) => path === 'read')?.bytes ?? new Uint8Array(0), 1 << 20);
    assert.ok(asked instanceof Uint8Array);
    assert.deepEqual(decodeReadRequest(asked), { queries: [{ start: NOW - 1_000, end: NOW, matchers: WHOLE.selectors[0] }], accepted: [] });
    const last = await store.samples({ ...WHOLE, which: 'last' });
    assert.ok(!('error' in last));
    assert.deepEqual(
      [last.ends, [...last.times]],
      [
        [1, 2],
        [NOW - 100, NOW - 100],
      ],
    );
    const few = await store.samples({ ...WHOLE, sampleLimit: 4 });
    assert.ok('error' in few && few.error === 'too-many-samples');
  });
});

test('they are asked for by queries where remote read is not there, leaves histograms out, or adds labels of its own', async () => {
  const fresh = { 'status/buildinfo': { version: '3.1.0' } };
  const old = { 'status/buildinfo': { version: '2.42.0' } };
  const bodies: Record<string, object | Uint8Array>[] = [
    { query: matrix },
    { query: matrix, ...old, 'status/config': { yaml: 'global: {}\n' }, read: encodeSnappy(encodeReadResponse([[]])) },
    { query: matrix, ...fresh, 'status/config': { yaml: 'global:\n  scrape_interval: 1s\n' } },
    {
      query: matrix,
      ...fresh,
      'status/config': { yaml: 'global:\n  external_labels:\n    dc: a\n' },
      read: encodeSnappy(encodeReadResponse([[]])),
    },
    { query: matrix, ...fresh, 'status/config': { yaml: 'global: {}\n' }, read: Buffer.from('no snappy') },
  ];
  for (const one of bodies) {
    answers = one;
    await withStore(async (store) => {
      const stored = await store.samples(WHOLE);
      assert.ok(!('error' in stored));
      assert.deepEqual([...stored.stale], [2, 0, 2]);
      assert.deepEqual(
        unpackHistograms(stored.histograms ?? new Uint8Array(0)).map(({ count }) => count),
        [8, 8],
      );
    });
  }
});

test('that the other server keeps no histograms is said of metrics that were sent as some, and of no others', async () => {
  const none = { resultType: 'vector', result: [] };
  const body = encodeSnappy(encodeWriteRequest([{ labels: { __name__: 'h' }, samples: [{ at: NOW, value: histogram(5) }] }]));
  const said: (readonly [buildinfo: object, warning: RegExp | null])[] = [
    [{}, /histograms of h were sent .* tells no version/],
    [{ version: '2.39.1' }, /from 2\.40 on/],
    [{ version: '2.42.0' }, null],
    [{ version: '3.1.0' }, null],
    [{ version: '2.10.0', application: 'Grafana Mimir' }, null],
  ];
  for (const [buildinfo, warning] of said) {
    answers = { query: none, 'status/buildinfo': buildinfo };
    await withStore(async (store) => {
      const ask = async (expr: string): Promise<readonly string[]> => {
        const answer = await store.instant(expr, NOW);
        assert.ok(answer.result === 'vector');
        return answer.warnings;
      };
      assert.deepEqual(await ask('rate(h[5m])'), []);
      assert.ok(!('error' in (await store.write(body.slice(), 'snappy', 'test'))));
      assert.deepEqual(await ask('rate(other[5m])'), []);
      const warnings = await ask('rate(h[5m])');
      if (warning === null) assert.deepEqual(warnings, []);
      else assert.match(warnings.join(), warning);
    });
  }
});
