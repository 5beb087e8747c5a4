/**
 * The places of the times in ascending order; equal times stay in the order of their places. Samples come as few ascending runs, one for
 * each chunk or file that holds some: runs are merged, which for runs that do not overlap is copying.
 */
export function timeOrder(times: Float64Array, size: number): Uint32Array {
  let order = new Uint32Array(size);
  let bounds = [0];
  for (let i = 0; i < size; i += 1) {
    order[i] = i;
    if (i > 0 && (times[i] as number) < (times[i - 1] as number)) bounds.push(i);
  }
  let spare = new Uint32Array(size);
  while (bounds.length > 1) {
    const merged: number[] = [];
    for (let run = 0; run < bounds.length; run += 2) {
      const from = bounds[run] ?? 0;
      const middle = bounds[run + 1] ?? size;
      merge(times, order, spare, [from, middle, bounds[run + 2] ?? size]);
      merged.push(from);
    }
    bounds = merged;
    [order, spare] = [spare, order];
  }
  return order;
}

/** Merges `order[from, middle)` and `order[middle, end)` into the same place of `out`; of equal times the one of the first run comes first. */
function merge(
  times: Float64Array,
  order: Uint32Array,
  out: Uint32Array,
  [from, middle, end]: readonly [from: number, middle: number, end: number],
): void {
  const timeAt = (place: number): number => times[order[place] as number] as number;
  if (middle < end && timeAt(end - 1) < timeAt(from)) {
    out.set(order.subarray(middle, end), from);
    out.set(order.subarray(from, middle), from + end - middle);
    return;
  }
  let left = from;
  let right = middle;
  for (let at = from; at < end; at += 1) {
    const isLeft = right === end || (left < middle && timeAt(left) <= timeAt(right));
    out[at] = order[isLeft ? left++ : right++] as number;
  }
}
