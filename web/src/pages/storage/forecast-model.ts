import type { SeriesStatus } from '../../data/types.ts';
import type { ChartModel, Line, Threshold } from '../../plots/chart-model.ts';

const DAY = 86_400_000;
const LEAST_AHEAD = 30 * DAY;
const MOST_AHEAD = 400 * DAY;
const POINTS = 120;

/** What is stored over time, and what it will be if it goes on like this. Times in milliseconds. */
export interface Outlook {
  readonly model: ChartModel;
  readonly from: number;
  readonly to: number;
}

/** Null while it is too early for a picture. */
export function outlookOf({ at: now, growth, forecast, disk }: Pick<SeriesStatus, 'at' | 'growth' | 'forecast' | 'disk'>): Outlook | null {
  const { bytesPerDay, bytesToday, steadyBytes, diskFullAt } = forecast;
  if (bytesPerDay === null) return null;
  const ahead = diskFullAt === null ? LEAST_AHEAD : Math.min(MOST_AHEAD, Math.max(LEAST_AHEAD / 10, (diskFullAt - now) * 1.15));
  const past = growth.filter(({ at }) => at <= now && at > now - Math.max(ahead, LEAST_AHEAD));
  const from = past[0]?.at ?? now - ahead / 10;
  const to = now + ahead;
  const capacity = disk === null || disk.freeBytes === null ? null : bytesToday + Math.max(0, disk.freeBytes - disk.floorBytes);
  const future = Array.from({ length: POINTS + 1 }, (_, index) => now + (ahead * index) / POINTS);
  const rises = expected({ now, bytesToday, bytesPerDay, steadyBytes, diskFullAt, capacity });
  const at = [...past.map((point) => point.at), ...future].map((moment) => moment / 1000);
  const stored: Line = {
    label: 'stored',
    color: 'series-1',
    filled: true,
    values: [...past.map(({ bytes }) => bytes), bytesToday, ...future.slice(1).map(() => null)],
  };
  const guess: Line = { label: 'expected', color: 'series-2', dashed: true, values: [...past.map(() => null), ...future.map(rises)] };
  const thresholds: Threshold[] =
    diskFullAt !== null && capacity !== null ? [{ value: capacity, label: 'disk full', tone: 'critical', bad: 'above' }] : [];
  return { model: { unit: 'bytes', at, lines: [stored, guess], thresholds }, from, to };
}

interface Course {
  readonly now: number;
  readonly bytesToday: number;
  readonly bytesPerDay: number;
  readonly steadyBytes: number | null;
  readonly diskFullAt: number | null;
  readonly capacity: number | null;
}

/** A straight line to the day on which the disk is full; else as much a day as now, until as much is deleted as comes in. */
function expected({ now, bytesToday, bytesPerDay, steadyBytes, diskFullAt, capacity }: Course): (at: number) => number {
  if (diskFullAt !== null && capacity !== null && diskFullAt > now) {
    return (at) => Math.min(capacity, bytesToday + ((capacity - bytesToday) * (at - now)) / (diskFullAt - now));
  }
  const most = Math.max(bytesToday, steadyBytes ?? Number.POSITIVE_INFINITY);
  return (at) => Math.min(most, bytesToday + (bytesPerDay * (at - now)) / DAY);
}
