import { type Labels, labelsKey } from '../../../src/core/base/labels.ts';
import type { Histogram } from '../../../src/core/promql/histogram.ts';
import { compactBuckets, sameNumbers } from '../../../src/core/promql/histogram-math.ts';
import { formatHistogram } from '../../../src/core/promql/histogram-format.ts';
import type { ResultSeries } from '../../../src/core/promql/result.ts';
import type { SequenceValue, SeriesLine } from './values.ts';

const EPSILON = 1e-6;
const SMALLEST_NORMAL = 2 ** -1022;

/** Equal up to rounding, as Prometheus' own tests compare. */
export function almostEqual(a: number, b: number): boolean {
  if (Number.isNaN(a) && Number.isNaN(b)) return true;
  if (a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < SMALLEST_NORMAL) return difference < EPSILON * SMALLEST_NORMAL;
  return difference / Math.min(sum, Number.MAX_VALUE) < EPSILON;
}

/** One sample of a result. */
export interface Sample {
  readonly labels: Labels;
  readonly time: number;
  readonly value: number;
  readonly histogram: Histogram | null;
}

/** The samples of a series, in order. */
export function samplesOf(series: ResultSeries): Sample[] {
  const samples: Sample[] = [];
  for (const [at, kind] of series.present.entries()) {
    if (kind === 0) continue;
    const histogram = kind === 2 ? (series.histograms?.[at] ?? null) : null;
    samples.push({ labels: series.labels, time: series.times[at] ?? 0, value: series.values[at] ?? 0, histogram });
  }
  return samples;
}

/** What is wrong with a vector, or null. */
export function compareVector(expected: readonly SeriesLine[], actual: readonly Sample[], ordered: boolean): string | null {
  const wanted = lastLines(expected).filter((line) => line.values[0]?.kind !== 'none');
  const seen = new Map(actual.map((sample) => [labelsKey(sample.labels), sample]));
  if (seen.size !== actual.length) return `duplicate labels in the result: ${showSamples(actual)}`;
  for (const [at, line] of wanted.entries()) {
    const sample = ordered ? actual[at] : seen.get(labelsKey(line.labels));
    const value = line.values[0];
    if (sample === undefined || (ordered && labelsKey(sample.labels) !== labelsKey(line.labels))) {
      return `expected ${JSON.stringify(line.labels)}${ordered ? ` at place ${at}` : ''}, got ${showSamples(actual)}`;
    }
    const wrong = value === undefined ? null : whyDifferent(value, sample);
    if (wrong !== null) return `${JSON.stringify(line.labels)}: ${wrong}`;
  }
  return wanted.length === actual.length ? null : `expected ${wanted.length} series, got ${showSamples(actual)}`;
}

/** Of lines with the same labels the last counts. */
function lastLines(lines: readonly SeriesLine[]): SeriesLine[] {
  return [...new Map(lines.map((line) => [labelsKey(line.labels), line])).values()];
}

/** What is wrong with a matrix on a grid, or null. */
export function compareMatrix(
  expected: readonly SeriesLine[],
  grid: { readonly start: number; readonly step: number },
  actual: readonly ResultSeries[],
): string | null {
  const byLabels = new Map(actual.map((series) => [labelsKey(series.labels), series]));
  if (byLabels.size !== actual.length) return 'duplicate labels in the result';
  let used = 0;
  for (const line of lastLines(expected)) {
    const wanted = line.values.flatMap((value, at) => (value.kind === 'none' ? [] : [{ value, time: grid.start + at * grid.step }]));
    const series = byLabels.get(labelsKey(line.labels));
    if (series === undefined) {
      if (wanted.length === 0) continue;
      return `expected ${JSON.stringify(line.labels)}, got ${[...byLabels.values()].map((each) => JSON.stringify(each.labels)).join(' ') || 'nothing'}`;
    }
    used += 1;
    const samples = samplesOf(series);
    const shown = samples
      .map((sample) => `${sample.histogram ? formatHistogram(sample.histogram) : sample.value}@${sample.time / 1000}`)
      .join(' ');
    if (samples.length !== wanted.length)
      return `${JSON.stringify(line.labels)}: expected ${wanted.length} samples, got ${samples.length}: ${shown}`;
    for (const [at, { value, time }] of wanted.entries()) {
      const sample = samples[at];
      if (sample === undefined || sample.time !== time)
        return `${JSON.stringify(line.labels)}: expected a sample at ${time / 1000}, got ${shown}`;
      const wrong = whyDifferent(value, sample);
      if (wrong !== null) return `${JSON.stringify(line.labels)} at ${time / 1000}: ${wrong}; all: ${shown}`;
    }
  }
  return used === actual.length ? null : `unexpected series: ${actual.map((each) => JSON.stringify(each.labels)).join(' ')}`;
}

function showSamples(samples: readonly Sample[]): string {
  return (
    samples
      .map((sample) => `${JSON.stringify(sample.labels)} ${sample.histogram ? formatHistogram(sample.histogram) : sample.value}`)
      .join('; ') || 'nothing'
  );
}

function whyDifferent(expected: SequenceValue, actual: Sample): string | null {
  if (expected.kind === 'float') {
    if (actual.histogram !== null) return `expected ${expected.value}, got ${formatHistogram(actual.histogram)}`;
    return almostEqual(expected.value, actual.value) ? null : `expected ${expected.value}, got ${actual.value}`;
  }
  if (expected.kind !== 'histogram') return `expected ${expected.kind}, got a sample`;
  if (actual.histogram === null) return `expected ${formatHistogram(expected.value)}, got ${actual.value}`;
  const why = whyHistogramsDiffer(expected.value, actual.histogram, expected.hinted);
  return why === null ? null : `${why}: expected ${formatHistogram(expected.value)}, got ${formatHistogram(actual.histogram)}`;
}

function whyHistogramsDiffer(expected: Histogram, actual: Histogram, hinted: boolean): string | null {
  if (expected.schema !== actual.schema) return `schema ${expected.schema} != ${actual.schema}`;
  if (!almostEqual(expected.count, actual.count)) return 'count';
  if (!almostEqual(expected.sum, actual.sum)) return 'sum';
  if (!sameNumbers(expected.customValues, actual.customValues)) return 'custom values';
  if (expected.zeroThreshold !== actual.zeroThreshold) return `zero threshold ${expected.zeroThreshold} != ${actual.zeroThreshold}`;
  if (!almostEqual(expected.zeroCount, actual.zeroCount)) return 'zero count';
  if (hinted && expected.hint !== actual.hint) return `hint ${expected.hint} != ${actual.hint}`;
  for (const side of ['positive', 'negative'] as const) {
    const a = compactBuckets(expected[side]);
    const b = compactBuckets(actual[side]);
    if (!sameNumbers(a.index, b.index)) return `${side} buckets [${a.index}] != [${b.index}]`;
    if (!a.count.every((count, at) => almostEqual(count, b.count[at] ?? 0))) return `${side} counts`;
  }
  return null;
}
