import { statfsSync } from 'node:fs';
import { formatBytes } from '../../core/base/format-bytes.ts';

/** What a disk has, in bytes; `free` is what is left for this process. */
export interface DiskSpace {
  readonly free: number;
  readonly total: number;
}

/** Whether the disk of the series has room for more. */
export interface DiskStatus {
  /** Null: the system does not tell. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  /** Below it nothing more is taken. */
  readonly floorBytes: number;
  /** Why samples are refused for want of space; null while they are taken. */
  readonly full: string | null;
}

const MIB = 1 << 20;
const DEFAULT_FLOOR_BYTES = 128 * MIB;
const DEFAULT_FLOOR_PART = 20;
const MEASURE_EVERY = 1_000;
/** Less than this is no room for anything. */
const LEAST_BYTES = MIB;

/**
 * Knows whether the disk of a folder has room for more samples. It is measured once a second; what is written between two measurements
 * is subtracted, so that the floor holds however fast samples come.
 */
export class DiskRoom {
  private readonly floor: number | null;
  private readonly measure: () => DiskSpace | null;
  private readonly now: () => number;
  private space: DiskSpace | null = null;
  private measuredAt = Number.NEGATIVE_INFINITY;
  private written = 0;
  private failure: { readonly problem: string; readonly wanted: number } | null = null;

  /** `floor`: null stands for 128 MiB, or a twentieth of a disk that is smaller than twenty times that. */
  constructor(floor: number | null, measure: () => DiskSpace | null, now: () => number = () => performance.now()) {
    this.floor = floor;
    this.measure = measure;
    this.now = now;
  }

  /** Why not another byte should be written; null when there is room. */
  whyFull(): string | null {
    const { freeBytes, floorBytes } = this.figures();
    if (freeBytes === null || freeBytes >= floorBytes) return null;
    return `${formatBytes(freeBytes)} are free on the disk of the series, and ${formatBytes(floorBytes)} are to stay free`;
  }

  /** Whether so many bytes can be written, if need be below the floor (`all`). */
  hasRoom(bytes: number, of: 'all' | 'above the floor'): boolean {
    this.measuredAt = Number.NEGATIVE_INFINITY;
    const { freeBytes, floorBytes } = this.figures();
    return freeBytes === null || freeBytes - (of === 'all' ? 0 : floorBytes) >= bytes;
  }

  /** So many bytes were written since. */
  took(bytes: number): void {
    this.written += bytes;
    this.failure = null;
  }

  /** So many bytes could not be written; whether that was for want of space. */
  failed(problem: string, wanted: number): boolean {
    const isSpace = /ENOSPC|EDQUOT|bytes could be written/.test(problem);
    if (isSpace) this.failure = { problem, wanted };
    this.measuredAt = Number.NEGATIVE_INFINITY;
    return isSpace;
  }

  status(): DiskStatus {
    const { freeBytes, totalBytes, floorBytes } = this.figures();
    return { freeBytes, totalBytes, floorBytes, full: this.whyFull() ?? this.whyFailed(freeBytes) };
  }

  /** A write that failed for want of space counts until one succeeds, or until there is room for it. A quota shows no room: there only success tells. */
  private whyFailed(free: number | null): string | null {
    const { failure } = this;
    if (failure === null) return null;
    if (free !== null && !failure.problem.includes('EDQUOT') && free >= Math.max(failure.wanted * 2, LEAST_BYTES)) return null;
    return failure.problem;
  }

  private figures(): Omit<DiskStatus, 'full'> {
    const now = this.now();
    if (now - this.measuredAt >= MEASURE_EVERY) {
      this.space = this.measure();
      this.measuredAt = now;
      this.written = 0;
    }
    const { space } = this;
    const totalBytes = space?.total ?? null;
    const usual = Math.min(DEFAULT_FLOOR_BYTES, (totalBytes ?? Number.POSITIVE_INFINITY) / DEFAULT_FLOOR_PART);
    return {
      freeBytes: space === null ? null : Math.max(0, space.free - this.written),
      totalBytes,
      floorBytes: this.floor ?? Math.floor(usual),
    };
  }
}

/** Asks the system; null when it does not tell. */
export function diskSpace(folder: string): DiskSpace | null {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return blocks === 0 ? null : { free: bavail * bsize, total: blocks * bsize };
  } catch {
    return null;
  }
}
