import type { Buckets, Histogram, ResetHint } from './histogram.ts';
import { growThreshold, raiseZeroThreshold, reduceSchema, toBounds, usesCustomBuckets } from './histogram-layout.ts';
import { sameNumbers } from './histogram-math.ts';

/** Did the counter behind a histogram start anew between `previous` and `now`? The hint says so, or any count went down. */
export function isReset(now: Histogram, previous: Histogram): boolean {
  if (now.hint === 'reset') return true;
  if (now.hint === 'not-reset') return false;
  if (now.count < previous.count) return true;
  if (usesCustomBuckets(now) !== usesCustomBuckets(previous)) return true;
  if (usesCustomBuckets(now)) return customReset(now, previous);
  // A finer resolution or a smaller zero bucket never comes without a restart.
  if (now.schema > previous.schema || now.zeroThreshold < previous.zeroThreshold) return true;
  if (growThreshold(previous, now.zeroThreshold) !== now.zeroThreshold) return true;
  const before = reduceSchema(raiseZeroThreshold(previous, now.zeroThreshold), now.schema);
  return now.zeroCount < before.zeroCount || anyLess(now.positive, before.positive) || anyLess(now.negative, before.negative);
}

function customReset(now: Histogram, previous: Histogram): boolean {
  if (sameNumbers(now.customValues, previous.customValues)) return anyLess(now.positive, previous.positive);
  const others = new Set(previous.customValues);
  const bounds = now.customValues.filter((bound) => others.has(bound));
  return anyLess(toBounds(now, bounds).positive, toBounds(previous, bounds).positive);
}

function anyLess(now: Buckets, before: Buckets): boolean {
  let at = 0;
  for (const [index, bucket] of before.index.entries()) {
    while (at < now.index.length && (now.index[at] ?? 0) < bucket) at += 1;
    const count = now.index[at] === bucket ? (now.count[at] ?? 0) : 0;
    if (count < (before.count[index] ?? 0)) return true;
  }
  return false;
}

/**
 * The hint a store gives back with a sample of a series, as Prometheus' chunks do: a gauge stays one; a histogram that can be the
 * continuation of the one before (null = there is none) is none; everything else is unknown, so that readers compare by themselves.
 */
export function storedHint(previous: Histogram | null, now: Histogram): ResetHint {
  if (now.hint === 'gauge') return 'gauge';
  if (now.hint === 'reset' || previous === null || previous.hint === 'gauge') return 'unknown';
  if (previous.schema !== now.schema || previous.zeroThreshold !== now.zeroThreshold) return 'unknown';
  return isReset({ ...now, hint: 'unknown' }, previous) ? 'unknown' : 'not-reset';
}

/** The hint of a histogram whose predecessor is at hand: unknown becomes known by comparison. */
export function detectedHint(previous: Histogram | null, now: Histogram): ResetHint {
  if (now.hint !== 'unknown' || previous === null) return now.hint;
  return isReset(now, previous) ? 'reset' : 'not-reset';
}
