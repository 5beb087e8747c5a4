import type { Histogram } from '../promql/histogram.ts';
import { type Columns, HISTOGRAM } from './columns.ts';
import { decodeHistograms, encodeHistograms } from './histogram-codec.ts';
import type { ByteSink, ByteSource } from './packed-ints.ts';

/** Bit of a chunk's first byte: some of its samples are histograms. */
export const HISTOGRAMS = 16;
/** Bit of a chunk's first byte: of some of its samples it is known when their counter started. */
export const STARTED = 32;

/**
 * What a chunk has besides times and values:
 *
 *     histograms   bitmap of the samples that are one, then the histograms (histogram-codec.ts)
 *     starts       varint runs; for each the number of samples as varint and the start time as double, 0 = not known
 *
 * Appends what there is of it; the bits that say so.
 */
export function encodeSides(columns: Columns, from: number, to: number, sink: ByteSink): number {
  let flags = 0;
  if (columns.histograms.length > 0 && encodeHistogramSide(columns, from, to, sink)) flags |= HISTOGRAMS;
  const { starts } = columns;
  if (starts !== null && encodeStarts(starts, from, to, sink)) flags |= STARTED;
  return flags;
}

function encodeHistogramSide(columns: Columns, from: number, to: number, sink: ByteSink): boolean {
  const list: Histogram[] = [];
  for (let i = from; i < to; i += 1) {
    const histogram = columns.histogramAt(i);
    if (histogram !== null) list.push(histogram);
  }
  if (list.length === 0) return false;
  for (let i = from; i < to; i += 8) {
    let byte = 0;
    for (let k = 0; k < 8 && i + k < to; k += 1) if (columns.histogramAt(i + k) !== null) byte |= 1 << k;
    sink.byte(byte);
  }
  encodeHistograms(list, sink);
  return true;
}

function encodeStarts(starts: Float64Array, from: number, to: number, sink: ByteSink): boolean {
  const runs: number[] = [];
  for (let i = from; i < to; i += 1) {
    const start = starts[i] ?? 0;
    if (runs.length > 0 && runs.at(-1) === start) runs[runs.length - 2] = (runs.at(-2) ?? 0) + 1;
    else runs.push(1, start);
  }
  if (runs.length === 2 && runs[1] === 0) return false;
  sink.varint(runs.length / 2);
  for (let i = 0; i < runs.length; i += 2) {
    sink.varint(runs[i] ?? 0);
    sink.double(runs[i + 1] ?? 0);
  }
  return true;
}

/** Reads them for the samples `[at, out.size)`; false when the bytes are not what was written. */
export function decodeSides(source: ByteSource, flags: number, at: number, out: Columns): boolean {
  if ((flags & HISTOGRAMS) !== 0 && !decodeHistogramSide(source, at, out)) return false;
  return (flags & STARTED) === 0 || decodeStarts(source, at, out);
}

function decodeHistogramSide(source: ByteSource, at: number, out: Columns): boolean {
  const { times, values, stale, size } = out;
  const places: number[] = [];
  for (let i = at, byte = 0; i < size; i += 1) {
    if ((i - at) % 8 === 0) byte = source.byte();
    if (((byte >>> ((i - at) % 8)) & 1) === 0) continue;
    stale[i] = HISTOGRAM;
    places.push(i);
  }
  // Samples of a chunk are in the order of time.
  let first = 0;
  let end = places.length;
  while (first < end && (times[places[first] ?? 0] ?? 0) < out.from) first += 1;
  while (end > first && (times[places[end - 1] ?? 0] ?? 0) > out.to) end -= 1;
  const sum = (index: number): number => values[places[index] ?? 0] ?? 0;
  const list = source.bad ? null : decodeHistograms(source, { count: places.length, first, end, sum });
  if (list === null) return false;
  const before = out.histograms.length;
  for (const histogram of list) out.histograms.push(histogram);
  for (const [i, place] of places.entries()) values[place] = i >= first && i < end ? before + i - first : -1;
  return true;
}

function decodeStarts(source: ByteSource, at: number, out: Columns): boolean {
  const runs = source.varint();
  let from = at;
  for (let i = 0; i < runs && !source.bad; i += 1) {
    const end = from + source.varint();
    if (end > out.size) return false;
    out.start(from, end, source.double());
    from = end;
  }
  return !source.bad && from === out.size;
}
