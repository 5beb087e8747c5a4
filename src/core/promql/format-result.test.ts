import assert from 'node:assert/strict';
import test from 'node:test';
import { evaluate } from './evaluate.ts';
import { formatResult, formatSeconds, formatValue } from './format-result.ts';
import { MemorySource } from './memory-source.ts';
import { parseExpr } from './parse-expr.ts';

function query(text: string, source: MemorySource, start: number, end = start): unknown {
  const { value } = parseExpr(text);
  assert.ok(value, text);
  const outcome = evaluate(value, source, { start, end, step: 1000 }, { text });
  assert.ok(outcome.ok);
  return JSON.parse(formatResult(outcome.result));
}

test('results have the shape of the Prometheus API', () => {
  const source = new MemorySource();
  source.append({ __name__: 'up', job: 'a"b' }, { time: 1000, value: 1 });
  source.append({ __name__: 'up', job: 'a"b' }, { time: 2500, value: 0.25 });
  assert.deepEqual(query('up', source, 2500), {
    resultType: 'vector',
    result: [{ metric: { __name__: 'up', job: 'a"b' }, value: [2.5, '0.25'] }],
  });
  assert.deepEqual(query('up', source, 1000, 3000), {
    resultType: 'matrix',
    result: [
      {
        metric: { __name__: 'up', job: 'a"b' },
        values: [
          [1, '1'],
          [2, '1'],
          [3, '0.25'],
        ],
      },
    ],
  });
  assert.deepEqual(query('1 / 0', source, 500), { resultType: 'scalar', result: [0.5, '+Inf'] });
  assert.deepEqual(query('"x\\n"', source, 0), { resultType: 'string', result: [0, 'x\n'] });
  assert.deepEqual(query('up[2s]', source, 2500), {
    resultType: 'matrix',
    result: [
      {
        metric: { __name__: 'up', job: 'a"b' },
        values: [
          [1, '1'],
          [2.5, '0.25'],
        ],
      },
    ],
  });
});

test('native histograms list their filled buckets with their bounds', () => {
  const source = new MemorySource();
  const positive = { index: Int32Array.of(1, 3), count: Float64Array.of(2, 1) };
  const negative = { index: Int32Array.of(0), count: Float64Array.of(4) };
  const value = {
    schema: 0,
    hint: 'gauge',
    zeroThreshold: 0.5,
    zeroCount: 1,
    count: 8,
    sum: 3,
    positive,
    negative,
    customValues: [],
  } as const;
  source.append({ __name__: 'h' }, { time: 0, value });
  assert.deepEqual(query('h', source, 0), {
    resultType: 'vector',
    result: [
      {
        metric: { __name__: 'h' },
        histogram: [
          0,
          {
            count: '8',
            sum: '3',
            buckets: [
              [1, '-1', '-0.5', '4'],
              [3, '-0.5', '0.5', '1'],
              [0, '1', '2', '2'],
              [0, '4', '8', '1'],
            ],
          },
        ],
      },
    ],
  });
});

test('numbers and instants are written as Go writes them', () => {
  const values = [0, -0, 1.5, 1e20, 1e21, 1.25e-7, -2.5e-7, 0.000001, Number.NaN, Number.NEGATIVE_INFINITY];
  assert.deepEqual(values.map(formatValue), [
    '0',
    '-0',
    '1.5',
    '100000000000000000000',
    '1e+21',
    '1.25e-07',
    '-2.5e-07',
    '0.000001',
    'NaN',
    '-Inf',
  ]);
  assert.deepEqual([0, 1500, 1007, -250, 1700000000000].map(formatSeconds), ['0', '1.500', '1.007', '-0.250', '1700000000']);
});
