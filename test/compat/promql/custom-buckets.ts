import { type Labels, labelsKey } from '../../../src/core/base/labels.ts';
import { withLabel } from '../../../src/core/promql/column.ts';
import { CUSTOM_SCHEMA, type Histogram, NO_BUCKETS } from '../../../src/core/promql/histogram.ts';
import { compactBuckets } from '../../../src/core/promql/histogram-math.ts';
import { parseNumber } from '../../../src/core/promql/number.ts';
import type { SequenceValue, SeriesLine } from './values.ts';

interface Classic {
  readonly labels: Labels;
  readonly buckets: { readonly upper: number; readonly values: readonly SequenceValue[] }[];
  count: readonly SequenceValue[] | null;
  sum: readonly SequenceValue[] | null;
}

/** Classic histograms among series as native ones with custom buckets, under the name without suffix. */
export function toCustomBuckets(series: readonly SeriesLine[]): SeriesLine[] {
  const found = new Map<string, Classic>();
  for (const { labels, values } of series) {
    const match = /^(.+)_(bucket|count|sum)$/.exec(labels['__name__'] ?? '');
    if (match === null) continue;
    const base = withLabel(withLabel(labels, 'le', ''), '__name__', match[1] ?? '');
    const key = labelsKey(base);
    let classic = found.get(key);
    if (classic === undefined) {
      classic = { labels: base, buckets: [], count: null, sum: null };
      found.set(key, classic);
    }
    const upper = parseNumber(labels['le'] ?? 'x');
    if (match[2] === 'bucket' && upper !== null) classic.buckets.push({ upper, values });
    else if (match[2] === 'count') classic.count = values;
    else if (match[2] === 'sum') classic.sum = values;
  }
  return [...found.values()].map(convert);
}

function convert({ labels, buckets, count, sum }: Classic): SeriesLine {
  const sorted = [...buckets].sort((a, b) => a.upper - b.upper);
  const steps = Math.max(...sorted.map((bucket) => bucket.values.length), count?.length ?? 0, sum?.length ?? 0);
  const values = Array.from({ length: steps }, (_, step): SequenceValue => {
    const at = (from: readonly SequenceValue[] | null | undefined): number | null => {
      const value = from?.[step];
      return value?.kind === 'float' ? value.value : null;
    };
    const there = sorted.filter((bucket) => at(bucket.values) !== null);
    // One bound may be written in several ways.
    const present = there.filter((bucket, place) => bucket.upper !== there[place - 1]?.upper);
    if (present.length === 0 && at(count) === null && at(sum) === null) return { kind: 'none' };
    const finite = present.filter((bucket) => bucket.upper !== Number.POSITIVE_INFINITY);
    const total = at(count) ?? at(present.at(-1)?.values) ?? 0;
    const counts = [...finite.map((bucket) => at(bucket.values) ?? 0), total];
    const value: Histogram = {
      schema: CUSTOM_SCHEMA,
      hint: 'unknown',
      zeroThreshold: 0,
      zeroCount: 0,
      count: total,
      sum: at(sum) ?? 0,
      positive: compactBuckets({
        index: Int32Array.from(counts, (_each, index) => index),
        count: Float64Array.from(counts, (each, index) => each - (counts[index - 1] ?? 0)),
      }),
      negative: NO_BUCKETS,
      customValues: finite.map((bucket) => bucket.upper),
    };
    return { kind: 'histogram', value, hinted: false };
  });
  return { labels, values };
}
