/** When a sample was taken and when its counter started, 0 = not known; in milliseconds. */
export interface Started {
  readonly started: number;
  readonly time: number;
}

/**
 * Did the counter start anew between two samples, by their start times? A start at the previous sample's own time is a reset for delta
 * series, but not for a cumulative one whose start was never known (Prometheus' `isStartTimestampReset`).
 */
export function isStartReset(before: Started, now: Started): boolean {
  if (now.started === 0 || now.started >= now.time || now.started < before.time) return false;
  if (now.started > before.time) return true;
  return before.started <= before.time && before.started !== 0 && before.started !== before.time;
}

/** Does a start time lie before the previous sample without being that sample's own? */
export function startsOverlap(before: Started, now: Started): boolean {
  return now.started !== 0 && now.started < before.time && now.started !== before.started;
}
