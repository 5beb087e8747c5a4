import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DAY, HOUR, type Millis } from '../../core/base/time.ts';

/** How large the store was at a time. */
export interface GrowthPoint {
  readonly at: Millis;
  readonly series: number;
  /** What blocks and journal occupied. */
  readonly bytes: number;
}

const FILE = 'growth.json';
/** Every hour of the last weeks is kept, and of what is older the first of each day. */
const HOURLY_FOR = 14 * DAY;
const KEPT_FOR = 400 * DAY;
const RATE_OVER = 60_000;

/** Remembers over restarts how the store grew, and over a minute how many samples come in. */
export class GrowthLog {
  points: readonly GrowthPoint[];
  private readonly path: string;
  private taken: readonly { readonly at: Millis; readonly samples: number }[] = [];

  constructor(folder: string) {
    this.path = join(folder, FILE);
    this.points = readPoints(this.path);
  }

  /** Called every few seconds; `samples`: taken so far. */
  note(point: GrowthPoint, samples: number): void {
    const last = this.taken[this.taken.length - 1];
    const isNew = last === undefined || samples < last.samples || point.at < last.at;
    const earlier = isNew ? [] : this.taken.filter(({ at }) => at >= point.at - RATE_OVER);
    this.taken = [...earlier, { at: point.at, samples }];
    this.keep(point);
  }

  /** Over the last minute; null while that is not known. */
  get samplesPerSecond(): number | null {
    const first = this.taken[0];
    const last = this.taken[this.taken.length - 1];
    if (first === undefined || last === undefined || last.at <= first.at) return null;
    return ((last.samples - first.samples) * 1_000) / (last.at - first.at);
  }

  private keep(point: GrowthPoint): void {
    const newest = this.points[this.points.length - 1];
    if (newest !== undefined && Math.floor(point.at / HOUR) <= Math.floor(newest.at / HOUR)) return;
    this.points = thin([...this.points, point], point.at);
    try {
      writePoints(this.path, this.points);
    } catch {
      // A disk without room for it says so elsewhere; the next hour writes all again.
    }
  }
}

function thin(points: readonly GrowthPoint[], now: Millis): GrowthPoint[] {
  let day = -1;
  return points.filter(({ at }) => {
    const isFirst = Math.floor(at / DAY) !== day;
    day = Math.floor(at / DAY);
    return at >= now - HOURLY_FOR || (isFirst && at >= now - KEPT_FOR);
  });
}

function readPoints(path: string): GrowthPoint[] {
  try {
    const rows: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (!Array.isArray(rows)) return [];
    return rows.flatMap((row: unknown) => {
      if (!Array.isArray(row)) return [];
      const [at, series, bytes] = row.map(Number);
      return at !== undefined && series !== undefined && Number.isFinite(at + series + (bytes ?? Number.NaN))
        ? [{ at, series, bytes: bytes ?? 0 }]
        : [];
    });
  } catch {
    return [];
  }
}

function writePoints(path: string, points: readonly GrowthPoint[]): void {
  const text = Buffer.from(JSON.stringify(points.map(({ at, series, bytes }) => [at, series, bytes])));
  const fd = openSync(`${path}.new`, 'w', 0o600);
  try {
    for (let done = 0; done < text.length; ) done += writeSync(fd, text, done);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(`${path}.new`, path);
}
