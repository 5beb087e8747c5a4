import type { Histogram } from '../promql/histogram.ts';
import { grown } from '../wire/grown.ts';
import { timeOrder } from './time-order.ts';

/** In `Columns.stale`, and in the stores behind it: the sample is a staleness marker. */
export const STALE = 1;
/** In `Columns.stale`, and in the stores behind it: the sample is a native histogram. */
export const HISTOGRAM = 2;

/** The instants `start`, `start + step`, ...; with a step of 0 only the first. */
export interface Instants {
  readonly start: number;
  readonly step: number;
}

/** The first `count` of the values, at the times `first`, `first + step`, ... */
export interface RegularSamples {
  readonly first: number;
  readonly step: number;
  readonly count: number;
  readonly values: Float64Array;
}

/** Fewer numbers are copied sooner one by one than all at once. */
const FEW = 64;

/** Samples of one series as growing columns; reused from series to series. */
export class Columns {
  size = 0;
  /** Histograms outside of these times need not be brought along: readers of chunks may leave them out. */
  from: number = Number.NEGATIVE_INFINITY;
  to: number = Number.POSITIVE_INFINITY;
  /** When only the last sample at or before each of these instants is looked at: readers of chunks may leave out others. */
  instants: Instants | null = null;
  /** How many samples were left out. */
  passed = 0;
  /** May one of the samples be a staleness marker, or a histogram? */
  marked = false;
  /** Are the samples in the order of time, each time once? */
  ordered = true;
  times: Float64Array;
  /** Where `stale` says `HISTOGRAM`: the place in `histograms`, -1 for one that was left out. Without meaning where it says `STALE`. */
  values: Float64Array;
  /** `STALE`, `HISTOGRAM`, or 0 where the sample is a number. */
  stale: Uint8Array;
  /** The histograms among the samples, and perhaps more. */
  readonly histograms: Histogram[] = [];
  /** When the counter of each sample started, 0 where that is not known; null: it is known of none. */
  starts: Float64Array | null = null;
  private startRoom: Float64Array = new Float64Array(0);

  constructor(room = 256) {
    this.times = new Float64Array(room);
    this.values = new Float64Array(room);
    this.stale = new Uint8Array(room);
  }

  /** Columns in memory that was used before; its content is forgotten. */
  static over({ times, values, stale }: Pick<Columns, 'times' | 'values' | 'stale'>): Columns {
    const columns = new Columns(0);
    columns.times = times;
    columns.values = values;
    columns.stale = stale;
    return columns;
  }

  /** Makes room for `more` samples behind the ones that are there. */
  reserve(more: number): void {
    const need = this.size + more;
    if (need <= this.times.length) return;
    const room = Math.max(need, this.times.length * 2);
    this.times = grown(this.times, new Float64Array(room));
    this.values = grown(this.values, new Float64Array(room));
    this.stale = grown(this.stale, new Uint8Array(room));
    if (this.starts !== null) this.starts = this.startRoom = grown(this.startRoom, new Float64Array(room));
  }

  /** Forgets all samples. */
  clear(): void {
    this.size = 0;
    this.passed = 0;
    this.marked = false;
    this.ordered = true;
    this.starts = null;
    if (this.histograms.length > 0) this.histograms.length = 0;
  }

  /** Notes that the counter of the samples in `[first, end)` started then. */
  start(first: number, end: number, started: number): void {
    if (started === 0 && this.starts === null) return;
    this.startColumn().fill(started, first, end);
  }

  /** Adds a histogram. */
  addHistogram(time: number, histogram: Histogram): void {
    this.add(time, this.histograms.push(histogram) - 1, HISTOGRAM);
  }

  /** The histogram that a sample is; null when it is none, or was left out. */
  histogramAt(index: number): Histogram | null {
    return this.stale[index] === HISTOGRAM ? (this.histograms[this.values[index] ?? -1] ?? null) : null;
  }

  /** Appends one sample of other columns, with all that belongs to it. */
  take(other: Columns, index: number): void {
    const at = this.size;
    const histogram = other.histogramAt(index);
    if (histogram === null) this.add(other.times[index] ?? 0, other.values[index] ?? 0, other.stale[index] ?? 0);
    else this.addHistogram(other.times[index] ?? 0, histogram);
    if (other.starts !== null) this.start(at, at + 1, other.starts[index] ?? 0);
  }

  add(time: number, value: number, stale: number): void {
    if (this.size === this.times.length) this.reserve(1);
    const at = this.size;
    if (at > 0 && time <= (this.times[at - 1] ?? 0)) this.ordered = false;
    if (stale !== 0) this.marked = true;
    this.times[at] = time;
    this.values[at] = value;
    this.stale[at] = stale;
    if (this.starts !== null) this.starts[at] = 0;
    this.size = at + 1;
  }

  /** Appends all samples of other columns. */
  append(other: Columns): void {
    const { size } = other;
    this.reserve(size);
    this.times.set(other.times.subarray(0, size), this.size);
    this.values.set(other.values.subarray(0, size), this.size);
    this.stale.set(other.stale.subarray(0, size), this.size);
    const at = this.size;
    this.extend(size, other.marked);
    if (other.starts !== null) this.startColumn().set(other.starts.subarray(0, size), at);
    if (other.histograms.length > 0) this.appendHistograms(other, at);
  }

  /** Appends those of the numbers at regular times that are between the times, both included, and not left out. */
  addBetween(samples: RegularSamples, since: number, until: number): void {
    const { instants } = this;
    const { first, step, values } = samples;
    const all = samples.count;
    const low = step > 0 ? Math.max(0, Math.ceil((since - first) / step)) : 0;
    const high = step > 0 ? Math.min(all, Math.floor((until - first) / step) + 1) : all;
    const count = high - low;
    if (count <= 0) return;
    this.reserve(count);
    if (instants !== null) {
      this.addLast(samples, instants, low, high);
      return;
    }
    const at = this.size;
    const { times } = this;
    for (let i = 0; i < count; i += 1) times[at + i] = first + (low + i) * step;
    if (count > FEW) this.values.set(count === values.length ? values : values.subarray(low, high), at);
    else for (let i = 0; i < count; i += 1) this.values[at + i] = values[low + i] as number;
    this.stale.fill(0, at, at + count);
    this.extend(count, false);
  }

  /** Takes over samples that were written behind the last one; they are in order among themselves. */
  extend(count: number, marked: boolean): void {
    const at = this.size;
    if (at > 0 && count > 0 && (this.times[at] ?? 0) <= (this.times[at - 1] ?? 0)) this.ordered = false;
    if (marked) this.marked = true;
    if (this.starts !== null) this.starts.fill(0, at, at + count);
    this.size = at + count;
  }

  /** Brings the samples into the order of time and drops all but the first that was added of several at one time. */
  sort(): void {
    if (this.ordered) return;
    const { times, values, stale, starts, size } = this;
    const order = timeOrder(times, size);
    const from = { times: times.slice(0, size), values: values.slice(0, size), stale: stale.slice(0, size) };
    const startsFrom = starts?.slice(0, size) ?? null;
    let kept = 0;
    for (let i = 0; i < size; i += 1) {
      const index = order[i] as number;
      const time = from.times[index] as number;
      if (kept > 0 && times[kept - 1] === time) continue;
      times[kept] = time;
      values[kept] = from.values[index] as number;
      stale[kept] = from.stale[index] as number;
      if (starts !== null && startsFrom !== null) starts[kept] = startsFrom[index] as number;
      kept += 1;
    }
    this.size = kept;
    this.ordered = true;
  }

  /** Leaves only the last sample at or before each of the instants `start`, `start + step`, ...; they are in order. */
  thin(start: number, step: number): void {
    const { times, values, stale, starts, size } = this;
    let kept = 0;
    let instant = start;
    for (let i = 0; i < size; i += 1) {
      while (i + 1 < size && (times[i + 1] ?? 0) <= instant) i += 1;
      times[kept] = times[i] ?? 0;
      values[kept] = values[i] ?? 0;
      stale[kept] = stale[i] ?? 0;
      if (starts !== null) starts[kept] = starts[i] ?? 0;
      kept += 1;
      if (step <= 0 || i + 1 === size) break;
      // The next one that counts is the last before the first instant that is not before the next sample.
      instant = start + Math.ceil(((times[i + 1] ?? 0) - start) / step) * step;
    }
    this.size = kept;
  }

  /** Takes away the samples with `from <= time <= to` among those behind the first `start`; how many they were. */
  cut(start: number, from: number, to: number): number {
    const { times, values, stale, starts, size } = this;
    let kept = start;
    for (let i = start; i < size; i += 1) {
      const time = times[i] ?? 0;
      if (time >= from && time <= to) continue;
      if (kept < i) {
        times[kept] = time;
        values[kept] = values[i] ?? 0;
        stale[kept] = stale[i] ?? 0;
        if (starts !== null) starts[kept] = starts[i] ?? 0;
      }
      kept += 1;
    }
    this.size = kept;
    return size - kept;
  }

  /** Leaves only the samples with `from <= time <= to`; they are in order. */
  clip(from: number, to: number): void {
    let first = 0;
    while (first < this.size && (this.times[first] ?? 0) < from) first += 1;
    let last = this.size;
    while (last > first && (this.times[last - 1] ?? 0) > to) last -= 1;
    if (first > 0) {
      this.times.copyWithin(0, first, last);
      this.values.copyWithin(0, first, last);
      this.stale.copyWithin(0, first, last);
      this.starts?.copyWithin(0, first, last);
    }
    this.size = last - first;
  }

  /** Appends the last sample at or before each instant, and the very last, which may be the one of an instant that comes later. */
  private addLast({ first, step, values }: RegularSamples, instants: Instants, low: number, high: number): void {
    const at = this.size;
    const { times } = this;
    const last = high - 1;
    // So many samples are between two instants, where that is a whole number.
    const stride = instants.step / step;
    const isEven = Number.isInteger(stride) && stride > 0;
    let count = 0;
    let place = low - 1;
    while (place < last) {
      if (isEven && count > 0) place = Math.min(last, place + stride);
      else place = lastBefore(instants, { first, step }, place + 1, last);
      times[at + count] = first + place * step;
      this.values[at + count] = values[place] as number;
      count += 1;
    }
    this.stale.fill(0, at, at + count);
    this.passed += high - low - count;
    this.extend(count, false);
  }

  private startColumn(): Float64Array {
    if (this.starts !== null) return this.starts;
    if (this.startRoom.length < this.times.length) this.startRoom = new Float64Array(this.times.length);
    else this.startRoom.fill(0, 0, this.size);
    this.starts = this.startRoom;
    return this.startRoom;
  }

  private appendHistograms(other: Columns, at: number): void {
    for (let i = 0; i < other.size; i += 1) {
      if (other.stale[i] !== HISTOGRAM) continue;
      const histogram = other.histogramAt(i);
      this.values[at + i] = histogram === null ? -1 : this.histograms.push(histogram) - 1;
    }
  }
}

/** The place of the last sample at or before the first instant that is not before the sample `next`; at most `last`. */
function lastBefore(
  { start, step: every }: Instants,
  { first, step }: Pick<RegularSamples, 'first' | 'step'>,
  next: number,
  last: number,
): number {
  const time = first + next * step;
  const instant = every > 0 ? start + Math.max(0, Math.ceil((time - start) / every)) * every : start;
  if (instant < time || instant >= first + last * step) return last;
  return Math.floor((instant - first) / step);
}
