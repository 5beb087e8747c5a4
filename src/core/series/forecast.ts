import { DAY, HOUR, type Millis } from '../base/time.ts';

/** Samples that are stored: the times they are of, what they occupy, and when the retention lets go of them (infinite: never). */
export interface StoredPiece {
  readonly from: Millis;
  readonly to: Millis;
  readonly bytes: number;
  readonly goesAt: Millis;
}

/** What comes in: so many bytes for each day, each kept so long. */
export interface Inflow {
  readonly bytesPerDay: number;
  readonly keep: Millis;
}

/** The present from which growth is computed. */
export interface GrowthSituation {
  readonly now: Millis;
  readonly pieces: readonly StoredPiece[];
  readonly inflows: readonly Inflow[];
  /** Bytes that may still be written, or that the store may still grow by; infinite: without end. */
  readonly roomBytes: number;
}

/** A number at a time. */
export interface Point {
  readonly at: Millis;
  readonly value: number;
}

const RATE_WINDOW = 7 * DAY;
const LEAST_WINDOW = HOUR;
/** Nothing is said about a later time. */
const HORIZON_DAYS = 3_650;

/** Bytes that samples of one day take, from those of the last seven days; null while there is less than an hour of them. */
export function bytesPerDay(pieces: readonly StoredPiece[], now: Millis): number | null {
  const oldest = pieces.reduce((least, { from }) => Math.min(least, from), now);
  const start = Math.max(oldest, now - RATE_WINDOW);
  if (now - start < LEAST_WINDOW) return null;
  let bytes = 0;
  for (const piece of pieces) {
    const overlap = Math.min(piece.to, now) - Math.max(piece.from, start);
    const length = piece.to - piece.from;
    if (length <= 0) bytes += piece.from >= start && piece.from <= now ? piece.bytes : 0;
    else if (overlap > 0) bytes += (piece.bytes * overlap) / length;
  }
  return (bytes / (now - start)) * DAY;
}

/** What the store occupies once as much is deleted as comes in; null: it grows without end. */
export function steadyBytes(inflows: readonly Inflow[]): number | null {
  let bytes = 0;
  for (const inflow of inflows) {
    if (inflow.bytesPerDay === 0) continue;
    if (!Number.isFinite(inflow.keep)) return null;
    bytes += (inflow.bytesPerDay * inflow.keep) / DAY;
  }
  return bytes;
}

/** When the room is used up, if what comes in and what is deleted go on as they do; null: not within ten years. */
export function fullAt({ now, pieces, inflows, roomBytes }: GrowthSituation): Millis | null {
  if (!Number.isFinite(roomBytes)) return null;
  if (roomBytes <= 0) return now;
  const leaving = [...pieces].sort((a, b) => a.goesAt - b.goesAt);
  let gone = 0;
  let next = 0;
  let before = 0;
  for (let day = 1; day <= HORIZON_DAYS; day += 1) {
    const at = now + day * DAY;
    for (let piece = leaving[next]; piece !== undefined && piece.goesAt <= at; piece = leaving[next]) {
      gone += piece.bytes;
      next += 1;
    }
    let grown = -gone;
    for (const { bytesPerDay: rate, keep } of inflows) grown += rate * Math.min(day, keep / DAY);
    if (grown > roomBytes) return Math.round(at - DAY + (DAY * (roomBytes - before)) / (grown - before));
    before = grown;
  }
  return null;
}

/**
 * How much a number grows a day: the median of the slopes between all pairs of points (Theil and Sen), which single jumps do not bend.
 * Null when the points span less than six hours.
 */
export function slopePerDay(points: readonly Point[]): number | null {
  const first = points[0];
  const last = points[points.length - 1];
  if (first === undefined || last === undefined || last.at - first.at < 6 * HOUR) return null;
  const slopes: number[] = [];
  for (const [i, early] of points.entries()) {
    for (let j = i + 1; j < points.length; j += 1) {
      const late = points[j];
      if (late !== undefined && late.at > early.at) slopes.push(((late.value - early.value) / (late.at - early.at)) * DAY);
    }
  }
  slopes.sort((a, b) => a - b);
  const middle = slopes.length >>> 1;
  return slopes.length % 2 === 1 ? (slopes[middle] ?? null) : ((slopes[middle - 1] ?? 0) + (slopes[middle] ?? 0)) / 2;
}

/** When a number that grows by so much a day reaches the limit; null: not within ten years. */
export function reachesAt(value: number, limit: number, perDay: number | null, now: Millis): Millis | null {
  if (value >= limit) return now;
  if (perDay === null || perDay <= 0) return null;
  const days = (limit - value) / perDay;
  return days > HORIZON_DAYS ? null : Math.round(now + days * DAY);
}
