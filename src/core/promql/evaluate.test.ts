import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { evaluate, type QueryOptions } from './evaluate.ts';
import type { Grid } from './evaluation.ts';
import { MemorySource } from './memory-source.ts';
import { parseExpr } from './parse-expr.ts';
import type { QueryOutcome, ResultSeries } from './result.ts';
import { selectorsOf } from './selectors-of.ts';

function counter(series: number, samples: number): MemorySource {
  const source = new MemorySource();
  for (let index = 0; index < series; index += 1) {
    for (let at = 0; at < samples; at += 1) {
      source.append({ __name__: 'hits_total', host: `h${index}` }, { time: at * 15_000, value: at * (index + 1) });
    }
  }
  return source;
}

const AT_10_MINUTES: Grid = { start: 600_000, end: 600_000, step: 0 };

function run(text: string, source: MemorySource, options: QueryOptions = {}, grid: Grid = AT_10_MINUTES): QueryOutcome {
  const { value, problems } = parseExpr(text);
  assert.ok(value, `${text}: ${problems[0]?.message}`);
  return evaluate(value, source, grid, { ...options, text });
}

test('a range query gives at every step what an instant query gives there', () => {
  const source = counter(3, 60);
  for (const text of [
    'rate(hits_total[1m])',
    'sum(hits_total) / 2',
    'hits_total > 20',
    'max_over_time(rate(hits_total[1m])[5m:30s])',
    'hits_total offset 2m',
  ]) {
    const range = run(text, source, {}, { start: 0, end: 900_000, step: 60_000 });
    assert.ok(range.ok && range.result.type === 'matrix');
    const rangeSeries: readonly ResultSeries[] = range.result.series;
    for (let step = 0; step <= 15; step += 1) {
      const instant = evaluate(parseExpr(text).value ?? assert.fail(), source, { start: step * 60_000, end: step * 60_000, step: 0 });
      assert.ok(instant.ok && instant.result.type === 'vector');
      const expected = new Map(instant.result.series.map((series) => [JSON.stringify(series.labels), series.values[0]]));
      for (const series of rangeSeries) {
        const value = series.present[step] === 0 ? undefined : series.values[step];
        assert.equal(value, expected.get(JSON.stringify(series.labels)), `${text} at ${step}`);
      }
    }
  }
});

test('a query that would need too many samples ends before it holds them', () => {
  const source = counter(10, 100);
  const outcome = run('sum_over_time(hits_total[20m])', source, { maxSamples: 300 });
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure, 'too-many-samples');
  assert.match(outcome.message, /too many samples/);
  // Two billion steps of a subquery are refused, not tried.
  const endless = run('count_over_time(vector(1)[2000000s:1ms])', source, {});
  assert.ok(!endless.ok && endless.failure === 'too-many-samples');
});

test('what is no longer held does not count', () => {
  const source = counter(10, 100);
  const sums = Array.from({ length: 8 }, () => 'sum(hits_total)').join(' + ');
  const outcome = run(sums, source, { maxSamples: 160 }, { start: 0, end: 600_000, step: 60_000 });
  assert.ok(outcome.ok);
  assert.ok(outcome.samples > 880);
  const wide = run('vector(1) + 1 + 1 + 1 + 1', source, { maxSamples: 2_500 }, { start: 0, end: 600_000, step: 1_000 });
  assert.ok(wide.ok);
  const wider = run('vector(1) + 1', source, { maxSamples: 1_000 }, { start: 0, end: 600_000, step: 500 });
  assert.ok(!wider.ok && wider.failure === 'too-many-samples');
});

test('a chain of operators as long as the parser lets through is evaluated', () => {
  const outcome = run(`hits_total${' + hits_total'.repeat(550)}`, counter(1, 41));
  assert.ok(outcome.ok && outcome.result.type === 'vector');
  assert.equal(outcome.result.series[0]?.values[0], 40 * 551);
});

test('a single series whose windows are long is interrupted, too', () => {
  let asked = 0;
  const stop = (): 'timeout' | null => (++asked > 20 ? 'timeout' : null);
  const outcome = run('quantile_over_time(0.5, vector(1)[3h:1s])', new MemorySource(), { stop }, { start: 0, end: 600_000, step: 100 });
  assert.ok(!outcome.ok && outcome.failure === 'timeout');
});

test('a query can be stopped from outside', () => {
  const source = counter(50, 40);
  let asked = 0;
  const stop = (): 'timeout' | null => {
    asked += 1;
    return asked > 20 ? 'timeout' : null;
  };
  const outcome = run('rate(hits_total[1m])', source, { stop });
  assert.ok(!outcome.ok);
  assert.equal(outcome.failure, 'timeout');
  assert.equal(outcome.message, 'query timed out in expression evaluation');
  const canceled = run('hits_total', source, { stop: () => 'canceled' });
  assert.ok(!canceled.ok && canceled.failure === 'canceled');
});

test('two series of the same labels in a result are an error', () => {
  const source = new MemorySource();
  source.append({ __name__: 'a' }, { time: 600_000, value: 1 });
  source.append({ __name__: 'b' }, { time: 600_000, value: 2 });
  const outcome = run('abs({__name__=~"a|b"})', source);
  assert.ok(!outcome.ok);
  assert.equal(outcome.message, 'vector cannot contain metrics with the same labelset');
});

test('notes say where in the expression they belong', () => {
  const outcome = run(
    '1 +\n  rate(hits[1m])',
    (() => {
      const source = new MemorySource();
      for (let at = 0; at < 50; at += 1) source.append({ __name__: 'hits' }, { time: at * 15_000, value: at });
      return source;
    })(),
  );
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.infos, [
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "hits" (2:8)',
  ]);
});

test('a label called like a property of objects is a label', () => {
  const source = new MemorySource();
  const labels = Object.fromEntries([
    ['__name__', 'a'],
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  source.append(labels, { time: 600_000, value: 1 });
  const outcome = run('sum by (__proto__, constructor) (a{__proto__="x"})', source);
  assert.ok(outcome.ok && outcome.result.type === 'vector');
  assert.deepEqual(Object.entries(outcome.result.series[0]?.labels ?? {}).sort(), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ]);
  const absent = run('a{toString="z"}', source);
  assert.ok(absent.ok && absent.result.type === 'vector' && absent.result.series.length === 0);
});

test('what an expression reads is known before it is run', () => {
  const { value } = parseExpr('rate(a[5m] offset 1h) + on() max_over_time(b[30m:1m]) * (c @ 100)');
  assert.ok(value);
  const readings = selectorsOf(value).map(({ matchers, from, to, absolute }) => [matchers[0]?.value, from, to, absolute]);
  assert.deepEqual(readings, [
    ['a', -3_900_000, -3_600_000, false],
    ['b', -2_100_000, 0, false],
    ['c', -200_000, 100_000, true],
  ]);
});

test('info series that are not written down are read, too', () => {
  const matchersOf = (text: string): unknown => {
    const { value } = parseExpr(text);
    assert.ok(value);
    return selectorsOf(value).map(({ matchers, from, to }) => [
      matchers.map(({ name, op, value: own }) => name + op + own).join(),
      from,
      to,
    ]);
  };
  assert.deepEqual(matchersOf('info(rate(a[10m] offset 1h))'), [
    ['__name__=a', -4_200_000, -3_600_000],
    ['__name__=target_info', -4_200_000, -3_600_000],
  ]);
  assert.deepEqual(matchersOf('info(a, {k8s="x"}) > 1'), [
    ['__name__=a', -300_000, 0],
    ['__name__=target_info,k8s=x', -300_000, 0],
  ]);
  assert.deepEqual(matchersOf('info(a, {__name__="build_info"})'), [
    ['__name__=a', -300_000, 0],
    ['__name__=build_info', -300_000, 0],
  ]);
  assert.deepEqual(matchersOf('sum_over_time(a[5m / step()])'), [['__name__=a', 0, 0]]);
});

const piece = fc.constantFrom(
  'hits_total',
  'rate(hits_total[1m])',
  '1',
  'sum by (host) (hits_total)',
  'vector(NaN)',
  'time()',
  'hits_total{host="h1"}',
  'none',
);
const operator = fc.constantFrom('+', '/', '%', '^', '> bool', '* on(host)', '+ on(host) fill(0)', 'atan2');
const wrapper = fc.constantFrom(
  '%',
  'abs(%)',
  'sum(%)',
  'topk(2, %)',
  'max_over_time(%[2m:30s])',
  '-%',
  'quantile(0.3, %)',
  'absent(%)',
  'histogram_quantile(0.5, %)',
  'sort(%)',
  'label_replace(%, "a", "$1", "host", "h(.)")',
);

test('whatever the expression, evaluation ends with a result or a reason', () => {
  const source = counter(3, 30);
  fc.assert(
    fc.property(piece, operator, piece, fc.array(wrapper, { maxLength: 3 }), (left, op, right, wrappers) => {
      const text = wrappers.reduce((inner, each) => each.replace('%', inner), `(${left} ${op} ${right})`);
      const { value } = parseExpr(text);
      if (value === null) return;
      const outcome = evaluate(value, source, { start: 0, end: 450_000, step: 90_000 }, { text });
      assert.equal(typeof (outcome.ok ? outcome.result.type : outcome.message), 'string');
    }),
    { numRuns: 500 },
  );
});
