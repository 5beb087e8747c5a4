import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DAY, HOUR, type Millis } from '../../../core/base/time.ts';
import { Columns, HISTOGRAM } from '../../../core/series/columns.ts';
import type { Head } from '../../../core/series/head.ts';
import type { TierKept } from '../../../core/series/tiers/choose-tier.ts';
import { bucketEnd, rollRows, SampleRoller } from '../../../core/series/tiers/roll.ts';
import { ALL_COLUMNS } from '../../../core/series/tiers/rolled-chunk.ts';
import { RolledRows } from '../../../core/series/tiers/rolled-rows.ts';
import { formatTier, type TierPart, type TierShelf } from '../../../core/series/tiers/tier-reader.ts';
import type { BlockFolder } from '../block-folder.ts';
import type { Holds } from '../holds.ts';
import { pauses } from '../pauses.ts';
import type { Purge, PurgeLog } from '../purge-log.ts';
import { sparedDays } from '../spared.ts';
import type { TierFile } from './tier-file.ts';
import { type TierChange, TierFolder } from './tier-folder.ts';
import { TierLedger, tierDay } from './tier-ledger.ts';
import { unitDays } from './tier-unit.ts';
import { type TierFill, writeTierFile } from './tier-writer.ts';

/** A tier of buckets: their width, which divides a day or is some days, and how long they are kept. */
export interface TierRule {
  readonly every: Millis;
  readonly keep: Millis;
}

/** How a tier is doing. */
export interface TierStatus {
  readonly tier: string;
  readonly keep: Millis;
  /** It holds what came after `from` up to `until`; null: it is empty, or there is nothing that it does not hold. */
  readonly from: Millis | null;
  readonly until: Millis | null;
  readonly files: number;
  readonly bytes: number;
  readonly buckets: number;
}

export interface TierKeeperOptions {
  readonly folder: string;
  /** From fine to coarse; each width is a multiple of the one before. */
  readonly tiers: readonly TierRule[];
  /** So long after its end a day gets samples that are not late. */
  readonly settleAfter: Millis;
  readonly purges: PurgeLog;
  readonly holds: Holds;
}

/** About so many buckets of a series are in one file. */
const FILE_BUCKETS = 2_304;
const FILE_DAYS_LIMIT = 64;
/** Of buckets that are longer than a day a file has so many. */
const FILE_LONG_BUCKETS = 4;
/** So many files of one period become one before the period is over. */
const MERGE_AT_LEAST = 8;

/**
 * Makes the coarser tiers: a day of the finest from its samples, once the day is over and settled, a day of every other from the tier
 * before it. What a day was made of stands in the list: when that changes, because samples came late, the day is made anew.
 */
export class TierKeeper implements TierShelf {
  readonly folder: TierFolder;
  readonly ledger: TierLedger;
  /** Days that were made, files that were merged and that were deleted. */
  rolled = 0;
  merges = 0;
  expired = 0;
  private readonly head: Head;
  private readonly blocks: BlockFolder;
  private readonly options: TierKeeperOptions;
  private readonly columns = new Columns(4_096);
  private readonly rows = new RolledRows();

  constructor(head: Head, blocks: BlockFolder, options: TierKeeperOptions) {
    this.head = head;
    this.blocks = blocks;
    this.options = options;
    const widths = options.tiers.map(({ every }) => every);
    this.folder = new TierFolder(join(options.folder, 'tiers'), head, widths);
    this.ledger = new TierLedger(widths, this.folder, blocks);
  }

  /** Does what is due. */
  async work(now: Millis): Promise<void> {
    for (const [tier, { every, keep }] of this.options.tiers.entries()) {
      this.expire(every, now - keep, { at: now, why: 'retention' });
      for (let days = this.due(tier, now); days.length > 0; days = this.due(tier, now)) await this.make(tier, days);
      for (let files = this.mergeable(tier, now); files.length > 0; files = this.mergeable(tier, now)) await this.merge(tier, files);
    }
    while ((await this.cleanNext()) !== null);
    if (!this.blocks.isHeld) this.folder.sweep();
  }

  /** Writes a file anew that holds what is deleted; how many bytes less it takes, null when there is none. */
  async cleanNext(): Promise<number | null> {
    const file = this.folder.withCuts;
    if (file === undefined) return null;
    const { from, to, bytes, footer } = file;
    const days = { from: from / DAY, to: to / DAY };
    await this.write({ every: footer.every, ...days, fills: [fillFromFile(file, days.from, days.to)], removed: [file], days: [] });
    return bytes - (this.files.find((one) => one.from === from && one.footer.every === footer.every)?.bytes ?? 0);
  }

  kept(): readonly TierKept[] {
    const { head } = this;
    const oldest = Math.min(...head.parts.map(({ minTime }) => minTime));
    const samplesFrom = Math.max(this.folder.samplesFrom, Math.floor(oldest / DAY) * DAY);
    const kept: TierKept[] = sparedDays(this.blocks, samplesFrom).map((day) => ({ every: 0, ...day }));
    kept.push({ every: 0, from: samplesFrom, until: Number.POSITIVE_INFINITY });
    // What is in memory only is in no tier yet.
    const memory = tierDay(Math.min(...head.unwritten.map(({ minTime }) => minTime)));
    for (const [tier, { every }] of this.options.tiers.entries()) {
      const gone = this.folder.goneBefore(every);
      const files = this.folder.files(every);
      // What is held of the time that is over stands alone.
      for (const { from, to } of files) if (to <= gone) kept.push({ every, from, until: to });
      const from = files.find(({ to }) => to > gone)?.from;
      const done = Math.min(memory, this.ledger.undone(tier)[0] ?? Number.POSITIVE_INFINITY) * DAY;
      const until = Number.isFinite(done) ? Math.floor(done / Math.max(DAY, every)) * Math.max(DAY, every) : done;
      if (from !== undefined && until > from) kept.push({ every, from, until });
    }
    return kept;
  }

  parts(every: Millis, from: Millis, to: Millis): readonly TierPart[] {
    return this.folder.files(every).filter((file) => file.from < to && file.to > from);
  }

  /** Up to when samples may be deleted: what was before is in the finest tier. */
  get samplesNeededFrom(): Millis {
    const [first] = this.ledger.undone(0);
    return first === undefined ? Number.POSITIVE_INFINITY : first * DAY;
  }

  /** All files of all tiers. */
  get files(): readonly TierFile[] {
    return this.options.tiers.flatMap(({ every }) => this.folder.files(every));
  }

  get bytes(): number {
    return this.files.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  status(): readonly TierStatus[] {
    const kept = this.kept();
    return this.options.tiers.map(({ every, keep }) => {
      const files = this.folder.files(every);
      const there = kept.findLast((one) => one.every === every);
      return {
        tier: formatTier(every),
        keep,
        from: there?.from ?? null,
        until: there === undefined || !Number.isFinite(there.until) ? null : there.until,
        files: files.length,
        bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
        buckets: files.reduce((sum, { footer }) => sum + footer.rows, 0),
      };
    });
  }

  /** Deletes the oldest file of the finest tier that has one; false when there is none. */
  dropOldest(now: Millis): boolean {
    for (const { every } of this.options.tiers) {
      const oldest = this.folder.files(every).find((file) => !this.options.holds.holds(file));
      if (oldest === undefined) continue;
      this.expire(every, oldest.to + 1, { at: now, why: 'size' });
      return true;
    }
    return false;
  }

  private expire(every: Millis, before: Millis, when: Pick<Purge, 'at' | 'why'>): void {
    const expired = this.folder.expire(every, before, this.options.holds);
    if (expired > 0) this.options.purges.note({ ...when, what: formatTier(every), before: this.folder.goneBefore(every) });
    this.expired += expired;
  }

  close(): void {
    this.folder.close();
  }

  /** Days that can be made now and belong into one file: one that is there, or a new one of days that follow each other. */
  private due(tier: number, now: Millis): readonly number[] {
    const { ledger } = this;
    const { every } = this.options.tiers[tier] as TierRule;
    // Of samples is made what no sample comes to any more but late ones.
    const unit = unitDays(every);
    const before = tier === 0 || unit > 1 ? Math.floor((now - this.options.settleAfter) / DAY) : Number.POSITIVE_INFINITY;
    const undone = ledger.undone(tier).filter((day) => day + unit <= before && ledger.isReady(tier, day));
    const [first] = undone;
    if (first === undefined) return [];
    const file = this.fileOf(every, first);
    if (file !== undefined) return undone.filter((day) => this.fileOf(every, day) === file);
    const run = [first];
    for (const day of undone.slice(1)) {
      const follows = day === (run.at(-1) ?? 0) + unit && periodOf(every, day) === periodOf(every, first);
      if (!follows || this.fileOf(every, day) !== undefined) break;
      run.push(day);
    }
    return run;
  }

  private async make(tier: number, days: readonly number[]): Promise<void> {
    const { every } = this.options.tiers[tier] as TierRule;
    const unit = unitDays(every);
    const [first = 0] = days;
    const file = this.fileOf(every, first);
    const from = file === undefined ? first : file.from / DAY;
    const to = file === undefined ? (days.at(-1) ?? 0) + unit : file.to / DAY;
    const records = days.map((day) => ({ day, version: this.folder.nextVersion(every), of: this.ledger.ingredientsOf(tier, day) }));
    const fills: Fill[] = [];
    for (let day = from; day < to; day += unit) {
      if (days.includes(day)) fills.push(tier === 0 ? this.fillFromSamples(every, day) : this.fillFromTier(tier, day));
      else if (file !== undefined) {
        let end = day + unit;
        while (end < to && !days.includes(end)) end += unit;
        fills.push(fillFromFile(file, day, end));
        day = end - unit;
      }
    }
    await this.write({ every, from, to, fills, removed: file === undefined ? [] : [file], days: records });
    this.rolled += days.length;
  }

  private fillFromSamples(every: Millis, day: number): Fill {
    const { columns } = this;
    const days = unitDays(every);
    const [from, to] = [day * DAY, (day + days) * DAY];
    const blocks = this.ledger.blocksOf(day, days);
    return function* (ref, out) {
      const mine = blocks.filter((block) => block.has(ref));
      if (mine.length === 0) return;
      const roller = new SampleRoller((time) => bucketEnd(time, every), out);
      const read = (first: Millis, last: Millis, histograms: boolean): void => {
        columns.clear();
        [columns.from, columns.to] = histograms ? [first, last] : [Number.POSITIVE_INFINITY, last];
        for (const block of mine) block.read(ref, first, last, columns);
        columns.sort();
        columns.clip(first, last);
      };
      read(from + 1, to, false);
      const hasHistograms = columns.stale.subarray(0, columns.size).includes(HISTOGRAM);
      if (!hasHistograms) roller.add(columns);
      // Histograms are large: not a whole day of them is in memory at once.
      for (let at = from; hasHistograms && at < to; at += HOUR) {
        read(at + 1, at + HOUR, true);
        roller.add(columns);
        yield;
      }
      roller.finish();
    };
  }

  private fillFromTier(tier: number, day: number): Fill {
    const { rows } = this;
    const every = this.options.tiers[tier]?.every ?? DAY;
    const [from, to] = [day * DAY, (day + unitDays(every)) * DAY];
    const parts = this.parts(this.options.tiers[tier - 1]?.every ?? 0, from, to);
    return (ref, out) => {
      rows.clear();
      for (const part of parts) part.read(ref, { from, to }, ALL_COLUMNS, rows);
      rows.clip(from, to);
      rollRows(rows, every, out);
      return NO_TURNS;
    };
  }

  /** Files of one period: all of them once it is over, before that when they are many. */
  private mergeable(tier: number, now: Millis): readonly TierFile[] {
    const { every } = this.options.tiers[tier] as TierRule;
    const periods = new Map<number, TierFile[]>();
    for (const file of this.folder.files(every)) {
      const period = periodOf(every, file.from / DAY);
      const list = periods.get(period) ?? [];
      list.push(file);
      periods.set(period, list);
    }
    for (const [period, files] of periods) {
      const end = (period + 1) * periodDays(every) * DAY;
      if (files.length >= MERGE_AT_LEAST || (files.length > 1 && end + DAY + this.options.settleAfter < now)) return files;
    }
    return [];
  }

  private async merge(tier: number, files: readonly TierFile[]): Promise<void> {
    const { every } = this.options.tiers[tier] as TierRule;
    const from = (files[0]?.from ?? 0) / DAY;
    const to = (files.at(-1)?.to ?? 0) / DAY;
    const fills = files.map((file) => fillFromFile(file, file.from / DAY, file.to / DAY));
    await this.write({ every, from, to, fills, removed: files, days: [] });
    this.merges += 1;
  }

  private async write({ every, from, to, fills, ...change }: Written): Promise<void> {
    const path = this.folder.nextPath(every);
    const fill: TierFill = function* (ref, out) {
      for (const one of fills) yield* one(ref, out);
    };
    const isWritten = await writeTierFile(this.head, { path, every, from: from * DAY, to: to * DAY, fill }, pauses());
    try {
      this.folder.change(every, { added: isWritten ? [path] : [], ...change });
    } catch (error) {
      rmSync(path, { force: true });
      throw error;
    }
  }

  private fileOf(every: Millis, day: number): TierFile | undefined {
    return this.folder.files(every).find(({ from, to }) => from <= day * DAY && to > day * DAY);
  }
}

/** Appends the buckets of a series, in order; where it yields, something else may have its turn. */
type Fill = (...given: Parameters<TierFill>) => Iterable<void>;

const NO_TURNS: readonly void[] = [];

/** A file to write: its days, what fills it, and what becomes of the tier with it. */
interface Written extends Omit<TierChange, 'added'> {
  readonly every: Millis;
  readonly from: number;
  readonly to: number;
  readonly fills: readonly Fill[];
}

function fillFromFile(file: TierFile, fromDay: number, toDay: number): Fill {
  const [from, to] = [fromDay * DAY, toDay * DAY];
  return (ref, out) => {
    const mark = out.size;
    file.read(ref, { from, to }, ALL_COLUMNS, out);
    out.clip(from, to, mark);
    return NO_TURNS;
  };
}

/** How many days of a tier one file holds when its period is over. */
function periodDays(every: Millis): number {
  if (every > DAY) return unitDays(every) * FILE_LONG_BUCKETS;
  const days = 2 ** Math.floor(Math.log2((FILE_BUCKETS * every) / DAY));
  return Math.min(Math.max(1, days), FILE_DAYS_LIMIT);
}

function periodOf(every: Millis, day: number): number {
  return Math.floor(day / periodDays(every));
}
