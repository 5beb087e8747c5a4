import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { zstdCompressSync } from 'node:zlib';
import { decodeWriteRequest } from '../../../core/wire/remote-write.ts';
import { encodeWriteRequest } from '../../../core/wire/encode-write.ts';
import { decodeSnappy, encodeSnappy } from '../../../core/wire/snappy.ts';
import { WriteBatch } from '../../../core/wire/write-batch.ts';
import { openHttpClient } from '../../http.ts';
import { openLog } from '../../log.ts';
import type { SeriesStore } from '../store.ts';
import { openRemoteSeries, type RemoteOptions } from './remote-store.ts';

const NOW = 1_700_000_000_000;
const root = mkdtempSync(join(tmpdir(), 'tocsin-remote-'));
const http = openHttpClient();
const log = openLog({ level: 'error', now: () => NOW, write: () => {} });
let server: Server;
let url = '';
/** What the other server answers, and what it heard. */
let answer: { status: number; body: unknown } = { status: 204, body: null };
let heard: { readonly path: string; readonly text: string; readonly bytes: Uint8Array }[] = [];
let listeners: (() => void)[] = [];
let folders = 0;

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

before(async () => {
  server = createServer((request, response) => {
    void bytesOf(request).then((bytes) => {
      heard.push({ path: request.url ?? '', text: bytes.toString('utf8'), bytes });
      response.statusCode = answer.status;
      response.end(answer.body === null ? '' : JSON.stringify(answer.body));
      for (const listener of listeners) listener();
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
  answer = { status: 204, body: null };
  heard = [];
  listeners = [];
});

async function withStore(run: (store: SeriesStore, folder: string) => Promise<void>, change: Partial<RemoteOptions> = {}): Promise<void> {
  folders += 1;
  const folder = change.folder ?? join(root, String(folders));
  const store = await openRemoteSeries({ folder, write: `${url}/api/v1/write`, query: url, http, log, now: () => NOW, ...change });
  try {
    await run(store, folder);
  } finally {
    await store.close();
  }
}

function hears(count: number): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (heard.length >= count) resolve();
    };
    listeners.push(look);
    look();
  });
}

const body = (name: string, value = 1): Uint8Array =>
  encodeWriteRequest([{ labels: { __name__: name, host: 'a' }, samples: [{ at: NOW, value }] }]);

function namesIn(bytes: Uint8Array): string {
  const decoded = decodeSnappy(bytes, 1 << 20);
  const batch = new WriteBatch();
  assert.ok(decoded instanceof Uint8Array);
  assert.equal(decodeWriteRequest(decoded, batch), null);
  return Buffer.from(decoded).toString('latin1');
}

describe('what is written', () => {
  test('is forwarded in order as remote write 1.0 in Snappy, whatever it came in', async () => {
    await withStore(async (store) => {
      const text = (value: string): number[] => [value.length, ...Buffer.from(value)];
      const symbols = ['', '__name__', 'fourth'].flatMap((symbol) => [34, ...text(symbol)]);
      const second = Uint8Array.of(...symbols, 42, 17, 10, 2, 1, 2, 18, 11, 9, 0, 0, 0, 0, 0, 0, 0, 64, 16, 6);
      const written = { samples: 1, series: 0, refused: [] };
      assert.deepEqual(await store.write(encodeSnappy(body('first')), 'snappy', 'test'), written);
      assert.deepEqual(await store.write(zstdCompressSync(body('second')), 'zstd', 'test'), written);
      assert.deepEqual(await store.append([{ labels: { __name__: 'third' }, value: 'stale', at: NOW }]), written);
      assert.deepEqual(await store.write(encodeSnappy(second), 'snappy', 'test', 2), written);
      await hears(4);
      assert.deepEqual(
        heard.map(({ path }) => path),
        Array(4).fill('/api/v1/write'),
      );
      const found = heard.map(({ bytes }) => /first|second|third|fourth/.exec(namesIn(bytes))?.[0]);
      assert.deepEqual(found, ['first', 'second', 'third', 'fourth']);
    });
  });

  test('waits on disk while the other server is away, also over a restart, and is refused when the queue is full', async () => {
    answer = { status: 503, body: null };
    const small = encodeSnappy(body('waiting'));
    let folder = '';
    const queueBytes = 3 * (small.length + 16);
    await withStore(
      async (store, at) => {
        folder = at;
        for (let i = 0; i < 3; i += 1) assert.ok(!('error' in (await store.write(small.slice(), 'snappy', 'test'))));
        const full = await store.write(small.slice(), 'snappy', 'test');
        assert.ok('error' in full && full.error === 'unavailable', JSON.stringify(full));
        assert.match(full.message, /queue is full/);
        await hears(1);
        const status = await store.status();
        assert.equal(status.requests.unavailable, 1);
        assert.match(status.journalProblem ?? '', /full/);
      },
      { queueBytes },
    );
    answer = { status: 204, body: null };
    heard = [];
    await withStore(
      async (store) => {
        await hears(3);
        for (const { bytes } of heard) assert.deepEqual([...bytes], [...small]);
        await store.write(encodeSnappy(body('after')), 'snappy', 'test');
        await hears(4);
      },
      { folder, queueBytes },
    );
  });

  test('that the other server will never take is dropped and counted, and the rest goes on', async () => {
    await withStore(async (store) => {
      answer = { status: 400, body: { error: 'out of order' } };
      await store.write(encodeSnappy(body('bad')), 'snappy', 'test');
      await hears(1);
      answer = { status: 204, body: null };
      await store.write(encodeSnappy(body('good')), 'snappy', 'test');
      await hears(2);
      const { forwarding, requests } = await store.status();
      assert.deepEqual([forwarding?.refused, requests.taken], [1, 2]);
    });
  });

  test('that is no request is refused at once and never sent', async () => {
    await withStore(async (store) => {
      const bad = await store.write(Buffer.from('garbage'), 'snappy', 'test');
      assert.ok('error' in bad && bad.error === 'bad');
      const large = await store.write(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x08, 0, 0), 'snappy', 'test');
      assert.ok('error' in large && large.error === 'too-large');
      const { requests } = await store.status();
      assert.deepEqual(requests, { taken: 0, bad: 1, tooLarge: 1, unavailable: 0 });
    });
    assert.deepEqual(
      heard.filter(({ path }) => path.endsWith('write')),
      [],
    );
  });

  test('wakes the rules that read it, once the other server has it', async () => {
    await withStore(async (store) => {
      const touched: string[][] = [];
      store.onTouched = (ids) => touched.push([...ids]);
      const rules = [
        { id: 'cpu', expr: 'rate(cpu{host="a"}[1m]) > 1' },
        { id: 'other', expr: 'cpu{host="b"}' },
        { id: 'bad', expr: 'cpu{' },
      ];
      assert.deepEqual(await store.watch(rules), ['bad']);
      await store.write(encodeSnappy(body('mem')), 'snappy', 'test');
      await store.write(encodeSnappy(body('cpu')), 'snappy', 'test');
      await hears(2);
      await store.write(encodeSnappy(body('cpu')), 'snappy', 'test');
      await hears(3);
      assert.deepEqual(touched[0], ['cpu']);
    });
  });
});

describe('what is asked', () => {
  const success = (data: unknown, more: object = {}): void => {
    answer = { status: 200, body: { status: 'success', data, ...more } };
  };

  test('goes as a form with times in seconds; the answer comes as columns', async () => {
    await withStore(async (store) => {
      const metric = { __name__: 'up', host: 'a' };
      success({ resultType: 'vector', result: [{ metric, value: [NOW / 1000, '+Inf'] }] }, { warnings: ['careful'] });
      const instant = await store.instant('up', NOW + 5, { timeout: 2_500, lookback: 60_000 });
      assert.ok(instant.result === 'vector');
      assert.deepEqual(
        [instant.series.labels, [...instant.series.values], [...instant.series.times], instant.warnings],
        [[metric], [Number.POSITIVE_INFINITY], [NOW], ['careful']],
      );
      assert.equal(heard[0]?.path, '/api/v1/query');
      assert.equal(heard[0]?.text, 'query=up&time=1700000000.005&timeout=2.5&lookback_delta=60');
      success({
        resultType: 'matrix',
        result: [
          {
            metric,
            values: [
              [1, '1'],
              [2, '-2.5e-07'],
            ],
          },
          { metric: {}, values: [[1, 'NaN']] },
        ],
      });
      const range = await store.range('up', { start: 0, end: 60_000, step: 500 });
      assert.ok(range.result === 'matrix');
      assert.deepEqual(
        [[...range.series.ends], [...range.series.values]],
        [
          [2, 3],
          [1, -2.5e-7, Number.NaN],
        ],
      );
      assert.equal(heard[1]?.text, 'query=up&start=0&end=60&step=0.5&timeout=120');
      success({ resultType: 'scalar', result: [1, '7'] });
      const scalar = await store.instant('7', NOW);
      assert.ok(scalar.result === 'scalar' && scalar.series.values[0] === 7);
      success({ resultType: 'string', result: [1, 'seven'] });
      const string = await store.instant('"seven"', NOW);
      assert.ok(string.result === 'string' && string.value === 'seven');
    });
  });

  test('and not answered well is an error of its kind', async () => {
    await withStore(async (store) => {
      const fail = async (status: number, content: unknown): Promise<string> => {
        answer = { status, body: content };
        const said = await store.instant('up', NOW);
        return said.result === 'error' ? `${said.error}: ${said.message}` : said.result;
      };
      const error = (errorType: string, text: string): object => ({ status: 'error', errorType, error: text });
      assert.equal(await fail(400, error('bad_data', 'invalid parameter "query": 1:1: parse error: x')), 'bad-query: 1:1: parse error: x');
      assert.equal(await fail(422, error('execution', 'many-to-many')), 'execution: many-to-many');
      assert.equal(await fail(422, error('422', 'cannot parse')), 'execution: cannot parse');
      assert.equal(await fail(503, error('timeout', 'too slow')), 'timeout: too slow');
      assert.equal(await fail(401, null), 'unavailable: the series store answered 401: the series store answered 401');
      assert.equal(await fail(200, { status: 'success', data: 7 }), 'unavailable: the answer of the series store is not understood');
      assert.equal(await fail(200, 'x'), 'unavailable: the series store answered 200: "x"');
      await assert.rejects(store.labelNames({ selectors: [], from: 0, to: NOW, limit: 5 }), /answered 200/);
    });
  });

  test('is given up when the client is, and when nobody answers', async () => {
    await withStore(async (store) => {
      const gone = await store.instant('up', NOW, { signal: AbortSignal.abort() });
      assert.ok(gone.result === 'error' && gone.error === 'canceled');
    });
    const nobody = 'http://127.0.0.1:1';
    await withStore(
      async (store) => {
        const none = await store.instant('up', NOW);
        assert.ok(none.result === 'error' && none.error === 'unavailable');
        assert.match(none.message, /does not answer/);
      },
      { query: nobody },
    );
  });

  test('of series, labels and values is passed on with selectors and bounds', async () => {
    await withStore(async (store) => {
      const selectors = [
        [
          { name: '__name__', op: '=' as const, value: 'up' },
          { name: 'a b', op: '!~' as const, value: '"x' },
        ],
      ];
      success([{ __name__: 'up', n: 'x' }]);
      assert.deepEqual(await store.series({ selectors, from: 0, to: NOW, limit: 10 }), [{ __name__: 'up', n: 'x' }]);
      const form = new URLSearchParams(heard[0]?.text);
      assert.deepEqual(
        [...form],
        [
          ['match[]', '{__name__="up","a b"!~"\\"x"}'],
          ['start', '0'],
          ['end', '1700000000'],
          ['limit', '10'],
        ],
      );
      success(['b', 'a', 'c']);
      const everything = { selectors: [], from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER, limit: 2 };
      assert.deepEqual(await store.labelNames(everything), ['a', 'b']);
      assert.deepEqual(await store.labelValues('http.status', everything), ['a', 'b']);
      assert.equal(heard[1]?.text, 'start=0&limit=2');
      assert.equal(heard[2]?.path, '/api/v1/label/U__http_2e_status/values?start=0&limit=2');
      await store.series(everything);
      assert.equal(new URLSearchParams(heard[3]?.text).get('match[]'), '{__name__!=""}');
    });
  });
});
