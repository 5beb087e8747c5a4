import type { Millis } from '../base/time.ts';
import { isReset } from '../promql/histogram-reset.ts';
import type { Histogram } from '../promql/histogram.ts';
import { sameNumbers } from '../promql/histogram-math.ts';
import { encodeHistogramChunk, type HistogramChunkSample } from './histogram-chunk.ts';
import { isWhole } from './prompb-encode.ts';
import { type ChunkSample, encodeXorChunk } from './xor-chunk.ts';

/** One stored sample: a number, a native histogram, or the end of the series. */
export interface StoredSample {
  readonly at: Millis;
  readonly value: number | Histogram | 'stale';
}

/** A chunk as Prometheus keeps it: the encoding (1 numbers, 2 histograms, 3 histograms with broken counts) and the times of its samples. */
export interface StoredChunk {
  readonly encoding: 1 | 2 | 3;
  readonly from: Millis;
  readonly to: Millis;
  readonly bytes: Uint8Array;
}

/** As many samples as Prometheus puts into a chunk. */
const CHUNK_SAMPLES = 120;
/** A chunk of histograms ends when they have so many buckets together. */
const CHUNK_BUCKETS = 16_384;

/** Cuts the samples of a series, in the order of time, into chunks. */
export function* encodeStoredChunks(samples: Iterable<StoredSample>): Generator<StoredChunk> {
  let numbers: ChunkSample[] = [];
  let run = new HistogramRun();
  for (const { at, value } of samples) {
    if (typeof value === 'object') {
      if (numbers.length > 0) yield ofNumbers(numbers);
      numbers = [];
      if (!run.takes(value)) {
        yield run.encode();
        run = new HistogramRun();
      }
      run.add(at, value);
      continue;
    }
    if (run.size > 0) yield run.encode();
    if (run.size > 0) run = new HistogramRun();
    if (numbers.length === CHUNK_SAMPLES) {
      yield ofNumbers(numbers);
      numbers = [];
    }
    numbers.push({ at, value });
  }
  if (numbers.length > 0) yield ofNumbers(numbers);
  if (run.size > 0) yield run.encode();
}

function ofNumbers(samples: readonly ChunkSample[]): StoredChunk {
  return { encoding: 1, from: samples[0]?.at ?? 0, to: samples.at(-1)?.at ?? 0, bytes: encodeXorChunk(samples) };
}

/** Histograms that fit into one chunk. */
class HistogramRun {
  private readonly samples: HistogramChunkSample[] = [];
  private buckets = 0;
  private whole = false;

  get size(): number {
    return this.samples.length;
  }

  takes(next: Histogram): boolean {
    const last = this.samples.at(-1)?.histogram;
    if (last === undefined) return true;
    if (this.size >= CHUNK_SAMPLES || this.buckets >= CHUNK_BUCKETS || isWhole(next) !== this.whole || !isLaidOutAlike(last, next))
      return false;
    // Whoever reads the chunk takes it that no reset is inside, or that all are gauges.
    if (last.hint === 'gauge' || next.hint === 'gauge') return last.hint === next.hint;
    return !isReset(next, last);
  }

  add(at: Millis, histogram: Histogram): void {
    if (this.size === 0) this.whole = isWhole(histogram);
    this.samples.push({ at, histogram });
    this.buckets += histogram.positive.index.length + histogram.negative.index.length;
  }

  encode(): StoredChunk {
    const { samples, whole } = this;
    const bytes = encodeHistogramChunk(samples, whole);
    return { encoding: whole ? 2 : 3, from: samples[0]?.at ?? 0, to: samples.at(-1)?.at ?? 0, bytes };
  }
}

function isLaidOutAlike(a: Histogram, b: Histogram): boolean {
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    sameNumbers(a.customValues, b.customValues) &&
    sameNumbers(a.positive.index, b.positive.index) &&
    sameNumbers(a.negative.index, b.negative.index)
  );
}
