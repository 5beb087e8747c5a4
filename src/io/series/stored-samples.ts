import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import { compileMatcher, type CompiledMatcher, type Matcher } from '../../core/promql/matcher.ts';
import { Columns } from '../../core/series/columns.ts';
import type { Head } from '../../core/series/head.ts';
import { packHistograms } from '../../core/series/histogram-codec.ts';
import type { PartSource } from '../../core/series/part-source.ts';
import { pauses } from './pauses.ts';

/** Which samples are wanted: of the series that satisfy one of the selectors, between two moments, both of them included. */
export interface StoredAsk {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly from: Millis;
  readonly to: Millis;
  /** All of each series, or the last of each only. */
  readonly which: 'all' | 'last';
  /** More than these are not looked at: the answer is then an error. */
  readonly sampleLimit: number;
}

/**
 * Samples as columns: series `i` is `labels[i]` with the samples up to `ends[i]`, in the order of time. 1 in `stale`: a staleness marker;
 * 2: a native histogram, whose place in `histograms` (packed, see `unpackHistograms`) is the value.
 */
export type StoredSamples =
  | {
      readonly labels: readonly Labels[];
      readonly ends: readonly number[];
      readonly times: Float64Array;
      readonly values: Float64Array;
      readonly stale: Uint8Array;
      readonly histograms?: Uint8Array | null;
    }
  | { readonly error: 'too-many-samples' | 'unavailable'; readonly message: string };

/** Reads them in slices of a few milliseconds, so that writes never wait for long. */
export async function readStored(head: Head, source: PartSource, ask: StoredAsk): Promise<StoredSamples> {
  const { from, to, which, sampleLimit } = ask;
  const pause = pauses();
  const all = new Columns(4_096);
  const labels: Labels[] = [];
  const ends: number[] = [];
  const seen = new Set<number>();
  let samples = 0;
  for (const matchers of ask.selectors) {
    const compiled = matchers.map((matcher) => compileMatcher(matcher).value);
    if (!compiled.every((matcher): matcher is CompiledMatcher => matcher !== null)) continue;
    const instants = which === 'last' ? { start: to, step: 0 } : undefined;
    const selection = source.begin(compiled, { from, to, instants });
    for (const ref of selection.refs) {
      if (seen.has(ref)) continue;
      seen.add(ref);
      samples += source.read(ref, selection);
      if (samples > sampleLimit) return { error: 'too-many-samples', message: `more than ${sampleLimit} samples would have to be read` };
      const { columns } = source;
      if (columns.size > 0) {
        all.append(columns);
        labels.push(head.table.labels(ref));
        ends.push(all.size);
      }
      const pausing = pause();
      if (pausing !== null) await pausing;
    }
  }
  const { size } = all;
  const histograms = all.histograms.length > 0 ? packHistograms(all.histograms) : null;
  return { labels, ends, times: all.times.slice(0, size), values: all.values.slice(0, size), stale: all.stale.slice(0, size), histograms };
}
