import { type Labels, labelsKey } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { Histogram } from './histogram.ts';
import { type CompiledMatcher, matchesLabels } from './matcher.ts';
import type { SelectedSeries, SeriesSource } from './source.ts';

/** One sample for `MemorySource.append`: a number, a native histogram, or the end of the series. */
export interface MemorySample {
  readonly time: Millis;
  readonly value: number | Histogram | 'stale';
  /** When the counter started; 0 or absent = not known. */
  readonly startTime?: Millis | undefined;
}

interface Column {
  readonly labels: Labels;
  samples: MemorySample[];
  sorted: boolean;
}

/** Series in plain arrays: for tests, for the simulation, and for results that are queried again. It never forgets; not bounded. */
export class MemorySource implements SeriesSource {
  readonly #series = new Map<string, Column>();

  /** Adds a sample; a later one at the same time replaces the earlier. */
  append(labels: Labels, sample: MemorySample): void {
    const key = labelsKey(labels);
    let column = this.#series.get(key);
    if (column === undefined) {
      column = { labels, samples: [], sorted: true };
      this.#series.set(key, column);
    }
    const last = column.samples.at(-1);
    if (last !== undefined && last.time >= sample.time) column.sorted = false;
    column.samples.push(sample);
  }

  /** Forgets everything. */
  clear(): void {
    this.#series.clear();
  }

  select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis): readonly SelectedSeries[] {
    const found: SelectedSeries[] = [];
    for (const column of this.#series.values()) {
      if (!matchesLabels(matchers, column.labels)) continue;
      if (!column.sorted) sortColumn(column);
      const low = lowerBound(column.samples, from);
      const high = lowerBound(column.samples, to + 1);
      if (high > low) found.push(columns(column.labels, column.samples.slice(low, high)));
    }
    return found;
  }
}

function sortColumn(column: Column): void {
  const byTime = new Map<Millis, MemorySample>();
  for (const sample of column.samples) byTime.set(sample.time, sample);
  column.samples = [...byTime.values()].sort((a, b) => a.time - b.time);
  column.sorted = true;
}

function lowerBound(samples: readonly MemorySample[], time: Millis): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((samples[middle]?.time ?? 0) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

function columns(labels: Labels, samples: readonly MemorySample[]): SelectedSeries {
  const times = new Float64Array(samples.length);
  const values = new Float64Array(samples.length);
  let stale: Uint8Array | undefined;
  let histograms: (Histogram | null)[] | undefined;
  let startTimes: Float64Array | undefined;
  for (const [at, sample] of samples.entries()) {
    times[at] = sample.time;
    if (sample.value === 'stale') {
      stale ??= new Uint8Array(samples.length);
      stale[at] = 1;
    } else if (typeof sample.value === 'number') {
      values[at] = sample.value;
    } else {
      histograms ??= samples.map(() => null);
      histograms[at] = sample.value;
    }
    if (sample.startTime !== undefined && sample.startTime !== 0) {
      startTimes ??= new Float64Array(samples.length);
      startTimes[at] = sample.startTime;
    }
  }
  return { labels, times, values, stale, histograms, startTimes };
}
