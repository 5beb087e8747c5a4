import type { Histogram } from '../../promql/histogram.ts';
import { NO_HISTOGRAM, type RolledHistograms } from '../../promql/histogram-roll.ts';
import { packHistograms, unpackHistograms } from '../histogram-codec.ts';
import type { HistogramColumns } from './bucket-sink.ts';

/** `HistogramColumns` in a form that is sent to another thread. */
export interface PackedRolls {
  readonly to: Uint32Array;
  readonly ends: Float64Array;
  /** Of each: count, flags, first and last time, and one digit a histogram that says where it is. */
  readonly numbers: Float64Array;
  /** All first ones, then all last ones, what was lost, and the sums, as far as the digits say that they are here. */
  readonly histograms: Uint8Array;
}

const NUMBERS = 5;
/** The histogram is not there, follows, is the last one. */
const [ABSENT, FOLLOWS, LAST] = [0, 1, 2];
const PARTS = ['last', 'first', 'lost', 'sum'] as const;

/** Packs what histograms in buckets stand for; null stays null. */
export function packRolls(columns: HistogramColumns | null): PackedRolls | null {
  if (columns === null) return null;
  const { to, ends, rolled } = columns;
  const numbers = new Float64Array(rolled.length * NUMBERS);
  for (const [i, { count, flags, firstTime, lastTime }] of rolled.entries()) numbers.set([count, flags, firstTime, lastTime], i * NUMBERS);
  const list: Histogram[] = [];
  for (const part of PARTS) {
    for (const [i, one] of rolled.entries()) {
      const histogram = one[part];
      const isThere = histogram !== null && histogram !== NO_HISTOGRAM;
      const digit = !isThere ? ABSENT : part !== 'last' && histogram === one.last ? LAST : FOLLOWS;
      if (isThere && digit === FOLLOWS) list.push(histogram);
      numbers[i * NUMBERS + 4] = (numbers[i * NUMBERS + 4] ?? 0) * 3 + digit;
    }
  }
  return { to, ends, numbers, histograms: packHistograms(list) };
}

/** Reads what `packRolls` wrote. */
export function unpackRolls(packed: PackedRolls | null): HistogramColumns | null {
  if (packed === null) return null;
  const { to, ends, numbers } = packed;
  const list = unpackHistograms(packed.histograms);
  const size = numbers.length / NUMBERS;
  let next = 0;
  const columns = PARTS.map((_, part) => {
    const divisor = 3 ** (PARTS.length - 1 - part);
    return Array.from({ length: size }, (_unused, i) => {
      const digit = Math.floor((numbers[i * NUMBERS + 4] ?? 0) / divisor) % 3;
      if (digit !== FOLLOWS) return digit;
      next += 1;
      return list[next - 1] ?? ABSENT;
    });
  });
  const rolled = Array.from({ length: size }, (_, i): RolledHistograms => {
    const [count = 0, flags = 0, firstTime = 0, lastTime = 0] = numbers.subarray(i * NUMBERS, (i + 1) * NUMBERS);
    const [last, ...others] = columns.map((column) => column[i] ?? ABSENT);
    const found = typeof last === 'object' ? last : NO_HISTOGRAM;
    const [first = null, lost = null, sum = null] = others.map((one) => (typeof one === 'object' ? one : one === LAST ? found : null));
    return { count, flags, firstTime, lastTime, first: first ?? NO_HISTOGRAM, last: found, lost, sum };
  });
  return { to, ends, rolled };
}
