import type { Labels } from '../../../src/core/base/labels.ts';
import { storedHint } from '../../../src/core/promql/histogram-reset.ts';
import { type Buckets, CUSTOM_SCHEMA, type Histogram, NO_BUCKETS, type ResetHint } from '../../../src/core/promql/histogram.ts';
import type { TestStore } from './runner.ts';

/** The first instant of the data and the distance of the samples. */
export const MIXED_START = 1_700_000_040_000;
export const MIXED_STEP = 30_000;
const SAMPLES = 60;

type Random = () => number;
type Value = number | Histogram | 'stale' | null;

function pick<T>(random: Random, ...items: readonly T[]): T {
  return items[Math.floor(random() * items.length)] as T;
}

function buckets(random: Random, most: number, lowest: number): Buckets {
  const index: number[] = [];
  const count: number[] = [];
  for (let at = lowest; at < lowest + most; at += 1) {
    if (random() < 0.4) continue;
    index.push(at);
    count.push(Math.floor(random() * 5));
  }
  return { index: Int32Array.from(index), count: Float64Array.from(count) };
}

function total({ count }: Buckets): number {
  return count.reduce((sum, each) => sum + each, 0);
}

function histogram(random: Random, custom: boolean, hint: ResetHint): Histogram {
  const customValues = custom ? pick(random, [1, 2, 5], [1, 5], [0, 1, 2], [-1, 0, 3]) : [];
  const positive = buckets(random, custom ? customValues.length + 1 : 5, custom ? 0 : -2);
  const negative = custom || random() < 0.5 ? NO_BUCKETS : buckets(random, 3, -1);
  const zeroCount = custom ? 0 : Math.floor(random() * 3);
  const zeroThreshold = custom ? 0 : pick(random, 0, 0.001, 0.001, 0.3);
  const missing = random() < 0.05 ? 1 : 0;
  return {
    schema: custom ? CUSTOM_SCHEMA : pick(random, 0, 0, 1, 2, -1),
    hint,
    zeroThreshold,
    zeroCount,
    count: total(positive) + total(negative) + zeroCount + missing,
    sum: missing > 0 ? Number.NaN : Math.round(random() * 200) / 10,
    positive,
    negative,
    customValues,
  };
}

/** The next histogram of a counter: more of the same, or now and then another one. */
function grown(random: Random, before: Histogram | null, custom: boolean): Histogram {
  if (before === null || random() < 0.15) return histogram(random, custom, 'unknown');
  const more = Math.floor(random() * 3);
  const positive = { index: before.positive.index, count: before.positive.count.map((each) => each + more) };
  return { ...before, positive, count: before.count + more * positive.count.length, sum: before.sum + more };
}

function special(random: Random, value: number): number {
  if (random() > 0.04) return value;
  return pick(random, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 1e308, -1e308, 5e-324);
}

/** Fills a store with gauges, counters, classic and native histograms of all kinds, series of both kinds, gaps, staleness markers and start times. */
export function fillMixed(store: TestStore, random: Random): void {
  const add = (labels: Labels, next: (at: number) => Value, started = false): void => {
    let previous: Histogram | null = null;
    let since = 0;
    for (let at = 0; at < SAMPLES; at += 1) {
      const value = random() < 0.05 ? pick<Value>(random, null, null, 'stale') : next(at);
      if (value === null) continue;
      const time = MIXED_START + at * MIXED_STEP;
      if (since === 0 || random() < 0.1) since = time - pick(random, 1, 15_000, 30_000, 45_000);
      const startTime = started ? since : 0;
      if (typeof value === 'object') {
        previous = { ...value, hint: storedHint(previous, value) };
        store.append(labels, { time, value: previous, startTime });
      } else {
        previous = null;
        store.append(labels, { time, value, startTime });
      }
    }
  };
  for (const [job, instance] of [
    ['a', 'i0'],
    ['a', 'i1'],
    ['b', 'i0'],
    ['b', 'i10'],
  ] as const) {
    const series = (name: string, more: Labels = {}): Labels => ({ __name__: name, job, instance, ...more });
    add(series('gauge'), () => special(random, Math.round(random() * 100 - 50)));
    let counted = 0;
    const counter = (): number => {
      counted = random() < 0.08 ? 0 : counted + Math.floor(random() * 9);
      return counted;
    };
    add(series('hits_total'), counter);
    add(series('starts_total'), counter, true);
    add(series('typed_total', { __type__: 'counter', __unit__: 'bytes' }), counter);
    const last: { exponential: Histogram | null; custom: Histogram | null } = { exponential: null, custom: null };
    add(series('sizes'), () => (last.exponential = grown(random, last.exponential, false)));
    add(series('waits'), () => (last.custom = grown(random, last.custom, true)), random() < 0.5);
    add(series('depth'), () => histogram(random, false, 'gauge'));
    add(series('either'), () =>
      random() < 0.6 ? Math.floor(random() * 20) : histogram(random, random() < 0.2, pick(random, 'unknown', 'gauge')),
    );
    for (const le of ['0.5', '1', '2', '+Inf']) add(series('classic_bucket', { le }), (at) => at + Math.floor(random() * 4));
    if (job === 'a') add(series('target_info', { zone: pick(random, 'north', 'south') }), () => 1);
    add(series('build_info', { version: pick(random, '1', '2') }), () => 1);
  }
  store.commit();
}

const MAPPED =
  'abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log2 log10 rad sgn sin sinh sqrt tan tanh sort sort_desc timestamp ' +
  'start_timestamp minute hour day_of_week day_of_month day_of_year days_in_month month year absent round histogram_avg histogram_count ' +
  'histogram_sum histogram_stddev histogram_stdvar';
const RANGED =
  'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate last_over_time mad_over_time ' +
  'max_over_time min_over_time present_over_time rate resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time ' +
  'ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time';

/** Random PromQL of the whole language over the series of `fillMixed`, sensible or not. */
export class MixedExpression {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  next(): string {
    return this.#vector(3);
  }

  #pick<T>(...items: readonly T[]): T {
    return pick(this.#random, ...items);
  }

  #selector(): string {
    const name = this.#pick(
      'gauge',
      'hits_total',
      'starts_total',
      'typed_total',
      'sizes',
      'waits',
      'depth',
      'either',
      'either',
      'classic_bucket',
      'missing',
    );
    return name + this.#pick('', '', '{job="a"}', '{instance=~"i1.*"}', '{job!="a",instance="i0"}', '{"job"="b"}');
  }

  #place(): string {
    return this.#pick('', '', '', '', ' offset 45s', ' offset -1m', ' @ 1700000700', ' offset (step() + 30)', ' @ 1700000900 offset 1m');
  }

  #range(): string {
    const length = this.#pick('1m', '2m', '3m', '5m', '10m', '100', '1m + 30s', 'max_of(step(), 2m)', 'min_of(1h, 4m)', '2 * 45s');
    const edges = this.#random() < 0.15 ? this.#pick(' anchored', ' smoothed') : '';
    if (this.#random() < 0.8) return `${this.#selector()}[${length}]${edges}${this.#place()}`;
    return `(${this.#vector(1)})[${this.#pick('3m', '6m')}:${this.#pick('', '1m', '30s', '45s')}]${this.#place()}`;
  }

  #scalar(): string {
    return this.#pick(
      '2',
      '0.5',
      '-1',
      '0',
      'NaN',
      'Inf',
      '-Inf',
      '0x1F',
      '1e3',
      '1_000',
      '90s',
      'time()',
      'pi()',
      'scalar(gauge{job="a",instance="i0"})',
      'max_of(1, 2)',
      '(3 > bool 2)',
    );
  }

  #vector(depth: number): string {
    if (depth <= 0) return this.#selector() + (this.#random() < 0.1 ? ' smoothed' : '') + this.#place();
    const inner = (): string => this.#vector(depth - 1);
    return this.#pick(
      () => this.#selector() + this.#place(),
      () => `${this.#pick(...RANGED.split(' '))}(${this.#range()})`,
      () => `${this.#pick(...RANGED.split(' '))}(${this.#range()})`,
      () => `${this.#pick('rate', 'increase', 'irate', 'idelta', 'delta', 'resets', 'changes')}(${this.#range()})`,
      () => `${this.#pick(...MAPPED.split(' '))}(${inner()})`,
      () => this.#called(inner),
      () => this.#called(inner),
      () => this.#aggregated(inner),
      () => this.#aggregated(inner),
      () => `(${inner()} ${this.#operator()} ${this.#scalar()})`,
      () => `(${this.#scalar()} ${this.#operator()} ${inner()})`,
      () => this.#matched(inner),
      () => this.#matched(inner),
      () => `${this.#pick('-', '+')}${inner()}`,
    )();
  }

  #operator(): string {
    return this.#pick('+', '-', '*', '/', '%', '^', 'atan2', '==', '!=', '<', '>=', '== bool', '> bool', '</', '>/');
  }

  #called(inner: () => string): string {
    return this.#pick(
      () => `histogram_quantile(${this.#scalar()}, ${inner()})`,
      () => `histogram_quantiles(${inner()}, "q", 0.1, ${this.#scalar()})`,
      () => `histogram_fraction(${this.#scalar()}, ${this.#scalar()}, ${inner()})`,
      () => `quantile_over_time(${this.#scalar()}, ${this.#range()})`,
      () => `predict_linear(${this.#range()}, ${this.#scalar()})`,
      () => `double_exponential_smoothing(${this.#range()}, 0.5, ${this.#pick('0.3', '1.5', 'NaN')})`,
      () => `clamp(${inner()}, ${this.#scalar()}, ${this.#scalar()})`,
      () => `clamp_max(${inner()}, ${this.#scalar()})`,
      () => `round(${inner()}, ${this.#scalar()})`,
      () =>
        `label_replace(${inner()}, "${this.#pick('twin', '__name__', 'job')}", "${this.#pick('$1', 'x$1y', '', '${1}2')}", "${this.#pick('job', '__name__', 'missing')}", "(.*)")`,
      () => `label_join(${inner()}, "${this.#pick('both', 'instance', '__name__')}", "-", "job", "instance")`,
      () =>
        `info(${inner()}${this.#pick('', ', {zone=~".+"}', ', {__name__="build_info"}', ', {__name__=~".+_info"}', ', {version!="1"}')})`,
      () => `sort_by_label(${inner()}, "instance", "job")`,
      () => `vector(${this.#scalar()})`,
    )();
  }

  #aggregated(inner: () => string): string {
    const by = this.#pick('', '', ' by (job)', ' by (__name__)', ' without (instance)', ' without (le)', ' by (le, job)');
    const plain = this.#pick('sum', 'sum', 'avg', 'avg', 'min', 'max', 'count', 'group', 'stddev', 'stdvar');
    return this.#pick(
      () => `${plain}${by} (${inner()})`,
      () => `${plain}${by} (${inner()})`,
      () => `quantile${by} (${this.#scalar()}, ${inner()})`,
      () => `count_values${by} ("v", ${inner()})`,
      () => `limit_ratio${by} (${this.#pick('0.5', '-0.5', '1.5', 'NaN')}, ${inner()})`,
      // Which of equals are taken is not said.
      () => `count${by} (${this.#pick('topk', 'bottomk', 'limitk')}${by} (${this.#scalar()}, ${inner()}))`,
    )();
  }

  #matched(inner: () => string): string {
    const match = this.#pick(
      '',
      '',
      ' on (job, instance)',
      ' ignoring (le)',
      ' on (job) group_left ()',
      ' ignoring (instance) group_right ()',
      ' on (job) group_left (zone)',
    );
    const fill =
      this.#random() < 0.2 ? this.#pick(' fill (0)', ' fill_left (1)', ' fill_right (-2)', ' fill_left (1) fill_right (NaN)') : '';
    return this.#pick(
      () => `(${inner()} ${this.#operator()}${match}${fill} ${inner()})`,
      () => `(${inner()} ${this.#operator()}${match}${fill} ${inner()})`,
      () => `(${inner()} ${this.#pick('and', 'or', 'unless')}${this.#pick('', ' on (job)', ' ignoring (instance)')} ${inner()})`,
    )();
  }
}
