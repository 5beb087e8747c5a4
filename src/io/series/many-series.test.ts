import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_RULES } from '../../core/series/head.ts';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { Desk } from './desk.ts';
import { openEmbeddedSeries } from './embedded.ts';
import { DEFAULT_KEEPING } from './keeper.ts';
import type { Ask, WorkerOptions } from './messages.ts';
import { DEFAULT_QUERY_LIMITS, type QueryAnswer } from './query-answer.ts';

const NOW = 1_700_000_000_000;
const MANY = 12_000;

const root = mkdtempSync(join(tmpdir(), 'tocsin-many-series-'));
after(() => rmSync(root, { recursive: true, force: true }));

function fleet(name: string, at: number, size = MANY): Uint8Array {
  return encodeWriteRequest(
    Array.from({ length: size }, (_, i) => ({ labels: { __name__: name, host: `host-${i}` }, samples: [{ at, value: i % 7 }] })),
  );
}

function one(answer: QueryAnswer): number | undefined {
  assert.ok(answer.result !== 'error' && answer.result !== 'string', JSON.stringify(answer));
  return answer.series.values[0];
}

const options: WorkerOptions = {
  folder: '',
  rules: DEFAULT_RULES,
  bodyLimitBytes: 1 << 26,
  decodedLimitBytes: 1 << 26,
  segmentBytes: 1 << 26,
  exemplars: undefined,
  minFreeBytes: 0,
  keepMatching: [],
  keeping: DEFAULT_KEEPING,
  sync: 'second',
};

test('a query does not wait for a request with many new series; the writes behind it do', async () => {
  const desk = new Desk({ ...options, folder: join(root, 'desk') }, () => {});
  const ended: string[] = [];
  const ask = async (message: Ask): Promise<unknown> => {
    const { answer } = await desk.answer(message);
    ended.push(`${message.call} ${message.id}`);
    return answer;
  };
  const write = (id: number, body: Uint8Array): Promise<unknown> =>
    ask({ id, call: 'write', ask: { body, encoding: 'none', source: 'test', protocol: 1, at: NOW } });
  const query = (id: number, expr: string): Promise<unknown> =>
    ask({ id, call: 'query', ask: { expr, start: NOW, end: NOW, step: 0, options: { ...DEFAULT_QUERY_LIMITS, cancel: null } } });
  try {
    const outcomes = await Promise.all([
      write(1, fleet('a', NOW)),
      query(2, 'vector(1)'),
      write(3, fleet('b', NOW, 10)),
      write(4, fleet('a', NOW - 1_000)),
      query(5, 'vector(1)'),
    ]);
    assert.deepEqual(ended.slice(0, 2), ['query 2', 'query 5']);
    assert.deepEqual(outcomes[0], { samples: MANY, series: MANY, refused: [] });
    assert.deepEqual(outcomes[2], { samples: 10, series: 10, refused: [] });
    assert.deepEqual(outcomes[3], { samples: MANY, series: 0, refused: [] });
  } finally {
    await ask({ id: 6, call: 'close', ask: null });
  }
});

test('what many writes and a deletion bring at once is there, and after a restart', async () => {
  const folder = join(root, 'many');
  const first = await openEmbeddedSeries({ folder, now: () => NOW });
  try {
    const selectors = [[{ name: '__name__', op: '=' as const, value: 'a' }]];
    assert.deepEqual(await first.write(fleet('a', NOW), 'none', 'test'), { samples: MANY, series: MANY, refused: [] });
    const outcomes = await Promise.all([
      first.write(fleet('a', NOW + 1_000), 'none', 'test'),
      first.write(fleet('b', NOW, 10), 'none', 'test'),
      first.local?.delete({ selectors, from: NOW, to: NOW }),
      first.write(fleet('c', NOW), 'none', 'test'),
    ]);
    assert.deepEqual(outcomes[3], { samples: MANY, series: MANY, refused: [] });
  } finally {
    await first.close();
  }
  const second = await openEmbeddedSeries({ folder, now: () => NOW });
  try {
    const count = async (expr: string): Promise<number | undefined> => one(await second.instant(expr, NOW + 1_000));
    assert.equal(await count('count(count_over_time(a[1m]) == 1)'), MANY);
    assert.equal(await count('count(b)'), 10);
    assert.equal(await count('sum(c)'), await count('sum(a)'));
  } finally {
    await second.close();
  }
});

test('limits hold for a request with many new series', async () => {
  const limits = { series: 10_000, seriesPerSource: 10_000, labels: 64, nameBytes: 256, valueBytes: 4_096 };
  const store = await openEmbeddedSeries({ folder: join(root, 'limits'), now: () => NOW, rules: { limits } });
  try {
    const outcome = await store.write(fleet('a', NOW), 'none', 'test');
    assert.deepEqual(outcome, { samples: 10_000, series: 10_000, refused: [{ reason: 'series-limit', count: 2_000 }] });
  } finally {
    await store.close();
  }
});
