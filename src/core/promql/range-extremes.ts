import { noFloats, type RangeFunctionOf } from './window.ts';

/** `max_over_time`. */
export const maxOverTime: RangeFunctionOf = () => slidingBest((value, other) => value > other);
/** `min_over_time`. */
export const minOverTime: RangeFunctionOf = () => slidingBest((value, other) => value < other);

/**
 * The best number of a window that moves forward, at constant cost a sample: of the samples seen, only those are kept that are better
 * than every later one. NaN loses against everything.
 */
function slidingBest(better: (value: number, other: number) => boolean): ReturnType<RangeFunctionOf> {
  const kept: number[] = [];
  let head = 0;
  let next = 0;
  return (window, step) => {
    if (noFloats(window)) return;
    const { low, high, series } = window;
    const { values } = series;
    for (let at = Math.max(next, low); at < high; at += 1) {
      const value = values[at] as number;
      if (value !== value) continue;
      while (kept.length > head && !better(values[kept[kept.length - 1] as number] as number, value)) kept.pop();
      kept.push(at);
    }
    next = Math.max(next, high);
    while (head < kept.length && (kept[head] as number) < low) head += 1;
    if (head > 1_024 && head * 2 > kept.length) {
      kept.splice(0, head);
      head = 0;
    }
    const best = kept[head];
    window.put(step, best === undefined ? Number.NaN : (values[best] as number));
  };
}
