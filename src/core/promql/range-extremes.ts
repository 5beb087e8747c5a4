import { grown } from '../wire/grown.ts';
import { noFloats, type RangeFunction, type RangeFunctionOf, type Window } from './window.ts';

/** `max_over_time`. */
export const maxOverTime: RangeFunctionOf = () => slidingBest(1);
/** `min_over_time`. */
export const minOverTime: RangeFunctionOf = () => slidingBest(-1);

/** The largest number of a window that moves forward, or with the sign -1 the smallest; NaN loses against everything. */
function slidingBest(sign: 1 | -1): RangeFunction {
  const best = new Best();
  let next = 0;
  return (window, step) => {
    if (noFloats(window)) return;
    const { low, high } = window;
    const { values } = window.series;
    const from = next > low ? next : low;
    if (next > 0 && high > from && isAligned(window)) best.add(from, sign * bestOf(values, from, high, sign));
    else for (let at = from; at < high; at += 1) best.add(at, sign * (values[at] as number));
    if (high > next) next = high;
    window.put(step, sign * best.since(low));
  };
}

/** Does each window begin where one before it ended? Then the samples between two steps come and go together. */
function isAligned({ vector: { range, stride }, series: { buckets } }: Window): boolean {
  return buckets === undefined && stride > 0 && range % stride === 0;
}

/** The largest (smallest) of some numbers, NaN when there is no other. */
function bestOf(values: Float64Array, from: number, to: number, sign: 1 | -1): number {
  let best = values[from] as number;
  for (let at = from + 1; at < to; at += 1) best = sign > 0 ? Math.max(best, values[at] as number) : Math.min(best, values[at] as number);
  if (best === best) return best;
  for (let at = from; at < to; at += 1) {
    const value = values[at] as number;
    if (!(sign > 0 ? value < best : value > best) && value === value) best = value;
  }
  return best;
}

const FIRST_ROOM = 64;

/** The largest of the numbers since a place that moves forward, at constant cost a number: only those are kept that are larger than every later one. */
class Best {
  #places = new Int32Array(FIRST_ROOM);
  #kept = new Float64Array(FIRST_ROOM);
  #head = 0;
  #tail = 0;

  add(place: number, value: number): void {
    if (value !== value) return;
    const kept = this.#kept;
    const head = this.#head;
    let tail = this.#tail;
    while (tail > head && (kept[tail - 1] as number) <= value) tail -= 1;
    this.#tail = tail;
    if (tail === kept.length) this.#makeRoom();
    this.#places[this.#tail] = place;
    this.#kept[this.#tail] = value;
    this.#tail += 1;
  }

  /** The largest that was added for this or a later place; NaN when there is none. */
  since(place: number): number {
    const places = this.#places;
    const tail = this.#tail;
    let head = this.#head;
    while (head < tail && (places[head] as number) < place) head += 1;
    this.#head = head;
    return head === tail ? Number.NaN : (this.#kept[head] as number);
  }

  #makeRoom(): void {
    const [head, tail] = [this.#head, this.#tail];
    if (head <= tail / 2) {
      this.#places = grown(this.#places, new Int32Array(tail * 2));
      this.#kept = grown(this.#kept, new Float64Array(tail * 2));
      return;
    }
    this.#places.copyWithin(0, head, tail);
    this.#kept.copyWithin(0, head, tail);
    this.#head = 0;
    this.#tail = tail - head;
  }
}
