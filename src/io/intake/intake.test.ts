import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { readWriteRequest, type WrittenSample } from '../../../test/doors/write-request.ts';
import type { Counters } from '../../core/base/counters.ts';
import { DEFAULT_OTLP_RULES } from '../../core/otlp/otlp-rules.ts';
import type { WriteOutcome } from '../series/engine.ts';
import { IntakeDesk } from './intake-desk.ts';
import { importLines } from './line-import.ts';
import { OtlpIntake } from './otlp-intake.ts';

const NOW = 1_700_000_000_000;

/** A store that keeps what it is given, or answers as it is told. */
class Store {
  readonly written: WrittenSample[] = [];
  writes = 0;
  answer: WriteOutcome | null = null;
  readonly counters: Counters = new Map();
  readonly write = async (body: Uint8Array, encoding: string): Promise<WriteOutcome> => {
    this.writes += 1;
    await new Promise(setImmediate);
    if (this.answer !== null) return this.answer;
    const samples = readWriteRequest(Uint8Array.from(body), encoding);
    this.written.push(...samples);
    return { samples: samples.length, series: samples.length, refused: [] };
  };
}

const delta = (value: number, at: number): Uint8Array => {
  const dataPoints = [{ asDouble: value, timeUnixNano: `${at}000000` }];
  const metrics = [{ name: 'n', sum: { aggregationTemporality: 1, isMonotonic: true, dataPoints } }];
  return Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] }));
};

test('OTLP: compressed or not; what cannot be stored now is not lost when it comes again', async () => {
  const store = new Store();
  const intake = new OtlpIntake({
    write: store.write,
    decoder: new IntakeDesk(),
    now: () => NOW,
    rules: () => DEFAULT_OTLP_RULES,
    counters: store.counters,
  });
  const take = (body: Uint8Array, encoding?: string) => intake.take({ body, encoding, format: 'json', source: 's' });
  const fine = { rejected: 0, message: '' };
  assert.deepEqual(await take(delta(1, NOW)), fine);
  assert.deepEqual(await take(gzipSync(delta(2, NOW + 1)), 'gzip'), fine);
  assert.deepEqual(await take(zstdCompressSync(delta(3, NOW + 2)), 'zstd'), fine);
  store.answer = { error: 'unavailable', message: 'the disk is full' };
  assert.deepEqual(await take(delta(4, NOW + 3)), { error: 'unavailable', message: 'the disk is full' });
  store.answer = null;
  assert.deepEqual(await take(delta(4, NOW + 3)), fine);
  // At the same time: one after the other, none lost.
  await Promise.all([5, 6, 7].map((value) => take(delta(value, NOW + value))));
  assert.deepEqual(
    store.written.map(({ value }) => value),
    [1, 3, 6, 10, 15, 21, 28],
  );
  assert.deepEqual(await take(delta(4, NOW + 3)), { rejected: 1, message: '1: not newer than the last point of its series' });
  store.answer = { samples: 0, series: 0, refused: [{ reason: 'sample-too-old', count: 1 }] };
  assert.deepEqual(await take(delta(1, NOW + 9)), { rejected: 1, message: '1: sample-too-old' });
});

test('OTLP: what cannot be read is refused', async () => {
  const store = new Store();
  const intake = new OtlpIntake({
    write: store.write,
    decoder: new IntakeDesk(),
    now: () => NOW,
    rules: () => DEFAULT_OTLP_RULES,
    counters: store.counters,
  });
  const error = async (body: Uint8Array, format: 'protobuf' | 'json', encoding?: string): Promise<string> => {
    const outcome = await intake.take({ body, encoding, format, source: 's' });
    return 'error' in outcome ? outcome.error : 'taken';
  };
  assert.equal(await error(Buffer.from('{'), 'json'), 'bad');
  assert.equal(await error(Buffer.from('{'), 'protobuf'), 'bad');
  assert.equal(await error(Buffer.from('x'), 'json', 'gzip'), 'bad');
  assert.equal(await error(Buffer.from('x'), 'json', 'br'), 'unsupported');
  assert.equal(await error(gzipSync(Buffer.alloc(40 << 20)), 'json', 'gzip'), 'too-large');
  assert.equal(await error(new Uint8Array(0), 'protobuf'), 'taken');
  assert.equal(store.writes, 0);
});

const line = (name: string, values: readonly unknown[], timestamps: readonly unknown[]): string =>
  JSON.stringify({ metric: { __name__: name, a: 'b' }, values, timestamps });

async function importText(store: Store, pieces: readonly Uint8Array[], encoding?: string) {
  return importLines(Readable.from(pieces), encoding, 's', store);
}

test('JSON lines are stored in the order of time, in whatever pieces they come, compressed or not', async () => {
  const text = Buffer.from(`${line('x', [2, null, 'Infinity'], [20, 10, 30])}\n\n${line('grüße', [1], [NOW])}`);
  const expected = [
    { series: 'x{a="b"}', at: 10, value: Number.NaN },
    { series: 'x{a="b"}', at: 20, value: 2 },
    { series: 'x{a="b"}', at: 30, value: Number.POSITIVE_INFINITY },
    { series: 'grüße{a="b"}', at: NOW, value: 1 },
  ];
  for (const [bytes, encoding] of [
    [text, undefined],
    [gzipSync(text), 'gzip'],
    [zstdCompressSync(text), 'zstd'],
  ] as const) {
    const store = new Store();
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, index) => bytes.subarray(index * 7, index * 7 + 7));
    const outcome = await importText(store, pieces, encoding);
    assert.deepEqual(outcome, { lines: 2, samples: 4, refused: {}, badLines: 0, problems: [], error: null });
    assert.deepEqual(store.written, expected);
  }
});

test('bad lines are told and passed over, and much is written in pieces', async () => {
  const store = new Store();
  const lines = [
    '{',
    '[]',
    '{"metric":{"a":"b"},"values":[],"timestamps":[]}',
    line('x', [1], []),
    line('x', ['y'], [1]),
    line('x', [1], [1.5]),
    line('ok', [1], [1]),
  ];
  const outcome = await importText(store, [Buffer.from(lines.join('\n'))]);
  assert.deepEqual([outcome.lines, outcome.badLines, outcome.samples], [7, 6, 1]);
  assert.deepEqual(outcome.problems, [
    'line 1: expected a JSON object',
    'line 2: expected a JSON object',
    'line 3: metric has no __name__',
    'line 4: 1 values and 0 timestamps',
    'line 5: the value "y" is no number',
    'line 6: the timestamp 1.5 is no whole number of milliseconds',
  ]);
  const later = await importText(store, [Buffer.from(`\n${line('x', [1], [1])}\n\n{\n`)]);
  assert.deepEqual([later.lines, later.problems], [2, ['line 4: expected a JSON object']]);
  store.answer = { samples: 1, series: 1, refused: [{ reason: 'sample-too-old', count: 2 }] };
  const old = await importText(store, [Buffer.from(`${line('x', [1], [1])}\n${line('y', [1, 2], [1, 2])}\n`)]);
  assert.deepEqual(old.problems, ['lines 1 to 2: 2 samples refused, sample-too-old']);
  store.answer = null;
  const many = Array.from({ length: 50_000 }, (_, index) => index);
  store.writes = 0;
  assert.equal((await importText(store, [Buffer.from(line('x', many, many))])).samples, 50_000);
  assert.equal(store.writes, 3);
});

test('an import ends with the first piece that cannot be stored, or cannot be read', async () => {
  const store = new Store();
  store.answer = { error: 'unavailable', message: 'the disk is full' };
  assert.deepEqual(await importText(store, [Buffer.from(line('x', [1], [1]))]), {
    lines: 1,
    samples: 0,
    refused: {},
    badLines: 0,
    problems: ['the disk is full'],
    error: 'unavailable',
  });
  assert.equal((await importText(store, [Buffer.from('xx')], 'gzip')).error, 'bad');
  assert.equal((await importText(store, [], 'br')).error, 'unsupported');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json()), async (texts) => {
      await importText(new Store(), [Buffer.from(texts.join('\n'))]);
    }),
    { numRuns: 200 },
  );
});
