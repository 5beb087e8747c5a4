import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DAY, type Millis } from '../../../core/base/time.ts';
import type { Head } from '../../../core/series/head.ts';
import { formatTier } from '../../../core/series/tiers/tier-reader.ts';
import type { BlockProblem } from '../block-folder.ts';
import { type Deletion, deletedRefs } from '../deletion.ts';
import type { Holds } from '../holds.ts';
import { openTierFile, type TierFile } from './tier-file.ts';
import { unitDays } from './tier-unit.ts';
import { NO_TIERS, readTierList, type TierContents, type TierDay, type TierDeletion, type TierList, writeTierList } from './tier-list.ts';

const LIST = 'tiers.json';
/** Stands in `of` where it is not known what a day was made of: it is never made anew. */
export const ANYTHING = '*';
const KNOWN_DELETIONS = 1_000;
const NAME = /^(\d{8})-(\w+)\.tier$/;

/** The change of one tier: files in place of others, and the days that are new. */
export interface TierChange {
  readonly added: readonly string[];
  readonly removed: readonly TierFile[];
  readonly days: readonly TierDay[];
}

/**
 * The files of the coarser tiers of a store. Which of them count is said by a list that is replaced as a whole. Tiers that are not
 * configured stay in the list and are not read.
 */
export class TierFolder {
  readonly folder: string;
  /** What is listed and cannot be served, and why. */
  problems: readonly BlockProblem[] = [];
  /** What was wrong with the list at the start; null when nothing was. */
  listProblem: string | null = null;
  /** Changes with the contents. */
  revision = 0;
  private readonly head: Head;
  private readonly units: ReadonlyMap<string, number>;
  private list: TierList;
  private readonly opened = new Map<string, TierFile[]>();
  private readonly days = new Map<string, Map<number, TierDay>>();
  private doomed: TierFile[] = [];

  constructor(folder: string, head: Head, widths: readonly Millis[]) {
    this.folder = folder;
    this.head = head;
    this.units = new Map(widths.map((every) => [formatTier(every), unitDays(every)]));
    mkdirSync(folder, { recursive: true });
    const files = readdirSync(folder).filter((name) => NAME.test(name));
    const list = readTierList(join(folder, LIST));
    if (list === null && files.length > 0) this.listProblem = 'the list of tiers was missing or damaged: every file that is whole counts';
    this.list = list ?? adopt(files);
    const listed = new Set(Object.values(this.list.tiers).flatMap((tier) => tier.files.map(({ name }) => name)));
    for (const name of files) if (!listed.has(name)) rmSync(join(folder, name), { force: true });
    for (const every of widths) this.load(formatTier(every), list === null);
    for (const { deletion, upTo } of this.deletions) this.cut(deletion, deletedRefs(head, deletion), upTo);
    this.publish();
  }

  /** Hides what is deleted, unless that is known already; the days it is about are made anew of what is left, where there is anything. */
  delete(deletion: Deletion, refs: Uint32Array): void {
    const { known = [], number } = this.list;
    if (known.includes(deletion.id)) return;
    this.cut(deletion, refs, number);
    for (const [name, days] of this.days)
      for (const [day, one] of days) if (isPartOf(day, this.unitOf(name), deletion)) days.set(day, { ...one, of: [] });
    const tiers = { ...this.list.tiers };
    for (const [name, days] of this.days) tiers[name] = { files: [], ...tiers[name], days: [...days.values()] };
    const deletions = [...this.deletions, { deletion, upTo: number }];
    this.write({ ...this.list, tiers, deletions, known: [...known, deletion.id].slice(-KNOWN_DELETIONS) });
  }

  /** A file that holds what is deleted, and the width of its buckets. */
  get withCuts(): TierFile | undefined {
    return [...this.opened.values()].flat().find(({ cuts }) => cuts.length > 0);
  }

  /** Samples before this were deleted. */
  get samplesFrom(): Millis {
    return this.list.samplesFrom;
  }

  /** What was before this in a tier is deleted. */
  goneBefore(every: Millis): Millis {
    return this.list.tiers[formatTier(every)]?.from ?? 0;
  }

  /** The files of a tier, the oldest first. */
  files(every: Millis): readonly TierFile[] {
    return this.opened.get(formatTier(every)) ?? [];
  }

  /** What is known of a day of a tier; undefined when it is not there. */
  day(every: Millis, day: number): TierDay | undefined {
    return this.days.get(formatTier(every))?.get(day);
  }

  /** The days that are in a tier. */
  daysOf(every: Millis): readonly number[] {
    return [...(this.days.get(formatTier(every))?.keys() ?? [])];
  }

  /** The path for a new file. */
  nextPath(every: Millis): string {
    this.list = { ...this.list, number: this.list.number + 1 };
    return join(this.folder, `${String(this.list.number).padStart(8, '0')}-${formatTier(every)}.tier`);
  }

  /** A name for what a day of a tier is made into. */
  nextVersion(every: Millis): string {
    this.list = { ...this.list, number: this.list.number + 1 };
    return `${formatTier(every)}-${this.list.number}`;
  }

  /** Makes the change true. */
  change(every: Millis, { added, removed, days }: TierChange): void {
    const name = formatTier(every);
    const fresh: TierFile[] = [];
    const known = new Map(this.days.get(name));
    for (const day of days) known.set(day.day, day);
    // What a day was made of matters as long as it can be made anew.
    for (const [day, one] of known)
      if (every <= DAY && one.of.length > 1 && day * DAY < this.samplesFrom) known.set(day, { ...one, of: [] });
    const contents = this.list.tiers[name];
    const replaced = (contents?.files ?? []).filter((file) => this.isReplaced(file, known, unitDays(every))).map((file) => file.name);
    const gone = new Set([...replaced, ...removed.map(({ path }) => basename(path))]);
    try {
      for (const path of added) fresh.push(this.open(path));
      const files = (contents?.files ?? []).filter((file) => !gone.has(file.name));
      for (const { path, from, to } of fresh) files.push({ name: basename(path), from, to });
      this.write({ ...this.list, tiers: { ...this.list.tiers, [name]: { ...contents, files, days: [...known.values()] } } });
    } catch (error) {
      for (const file of fresh) file.close();
      throw error;
    }
    this.days.set(name, known);
    const open = this.files(every).filter((file) => !removed.includes(file));
    this.opened.set(
      name,
      [...open, ...fresh].sort((a, b) => a.from - b.from),
    );
    this.doomed.push(...removed);
    for (const one of replaced) rmSync(join(this.folder, one), { force: true });
    this.problems = this.problems.filter((one) => !gone.has(one.name));
    this.publish();
  }

  /** Cannot the file be read, and is all of its time in others? */
  private isReplaced({ name, from, to }: TierContents['files'][number], days: ReadonlyMap<number, TierDay>, unit: number): boolean {
    if (!this.problems.some((one) => one.name === name)) return false;
    for (let day = from / DAY; day < to / DAY; day += unit) if (!days.has(day)) return false;
    return true;
  }

  /** Forgets what is older than a moment and not held, files that cannot be read included; the number of files. */
  expire(every: Millis, before: Millis, holds: Holds): number {
    const name = formatTier(every);
    const contents = this.list.tiers[name];
    const isHeld = (listed: TierContents['files'][number]): boolean => {
      const file = this.files(every).find(({ path }) => basename(path) === listed.name);
      return file === undefined ? holds.mayHold(listed.from, listed.to) : holds.holds(file);
    };
    const old = contents?.files.filter((file) => file.to < before && !isHeld(file)) ?? [];
    if (contents === undefined || old.length === 0) return 0;
    const names = new Set(old.map((file) => file.name));
    const latest = Math.max(...old.map(({ to }) => to));
    const days = contents.days.filter(({ day }) => (day + unitDays(every)) * DAY > latest);
    const files = contents.files.filter((file) => !names.has(file.name));
    this.write({ ...this.list, tiers: { ...this.list.tiers, [name]: { files, days, from: latest } } });
    const open = this.files(every);
    const kept = open.filter(({ path }) => !names.has(basename(path)));
    this.doomed.push(...open.filter((file) => !kept.includes(file)));
    for (const one of names) if (!open.some(({ path }) => basename(path) === one)) rmSync(join(this.folder, one), { force: true });
    this.opened.set(name, kept);
    this.days.set(name, new Map(days.map((day) => [day.day, day])));
    this.problems = this.problems.filter((one) => !names.has(one.name));
    this.publish();
    return old.length;
  }

  /** Says, before it is done, that samples before a moment are deleted. */
  noteDeletion(before: Millis): void {
    if (before > this.list.samplesFrom) this.write({ ...this.list, samplesFrom: before });
  }

  /** Removes the files that count no longer; called when nobody reads. */
  sweep(): void {
    for (const file of this.doomed) {
      file.close();
      rmSync(file.path, { force: true });
    }
    this.doomed = [];
  }

  close(): void {
    this.sweep();
    for (const files of this.opened.values()) for (const file of files) file.close();
  }

  private unitOf(name: string): number {
    return this.units.get(name) ?? 1;
  }

  private get deletions(): readonly TierDeletion[] {
    return this.list.deletions ?? [];
  }

  private cut(deletion: Deletion, refs: Uint32Array, upTo: number): void {
    for (const files of this.opened.values())
      for (const file of files) if (numberOf(basename(file.path)) <= upTo) file.cut(deletion.id, refs, deletion);
  }

  /** Deletions that are about none of the files any more are forgotten with it. */
  private write(whole: TierList): void {
    const names = Object.values(whole.tiers).flatMap(({ files }) => files.map(({ name }) => name));
    const deletions = whole.deletions?.filter((one) => names.some((name) => this.isOwed(one, name)));
    const list = { ...whole, deletions };
    writeTierList(join(this.folder, LIST), list);
    this.list = list;
    this.revision += 1;
  }

  /** What cannot be opened now, and tiers that are not configured, may hold anything. */
  private isOwed({ deletion, upTo }: TierDeletion, name: string): boolean {
    const file = [...this.opened.values()].flat().find(({ path }) => basename(path) === name);
    return numberOf(name) <= upTo && (file === undefined || file.cuts.some(({ id }) => id === deletion.id));
  }

  private publish(): void {
    this.head.useTiers([...this.opened.values()].flat());
  }

  private load(name: string, isAdopted: boolean): void {
    const contents: TierContents = this.list.tiers[name] ?? { files: [], days: [] };
    const days = new Map(contents.days.map((day) => [day.day, day]));
    const files: TierFile[] = [];
    const problems: BlockProblem[] = [];
    for (const listed of contents.files) {
      try {
        const file = this.open(join(this.folder, listed.name));
        const isOverlaid = isAdopted && files.some((other) => other.from < file.to && other.to > file.from);
        if (isOverlaid) file.close();
        else files.push(file);
      } catch (error) {
        problems.push({ name: listed.name, problem: error instanceof Error ? error.message : String(error) });
        // What is still there of the days' samples makes them anew.
        for (let day = listed.from / DAY; day < listed.to / DAY; day += 1) days.delete(day);
      }
    }
    if (isAdopted) {
      for (const { path, from, to } of files) {
        const version = `${name}-${basename(path)}`;
        for (let day = from / DAY; day < to / DAY; day += 1) days.set(day, { day, version, of: [ANYTHING] });
      }
      const listed = files.map(({ path, from, to }) => ({ name: basename(path), from, to }));
      this.list = { ...this.list, tiers: { ...this.list.tiers, [name]: { ...contents, files: listed, days: [...days.values()] } } };
    }
    this.opened.set(
      name,
      files.sort((a, b) => a.from - b.from),
    );
    this.days.set(name, days);
    this.problems = [...this.problems, ...problems];
  }

  private open(path: string): TierFile {
    const file = openTierFile(path, this.head);
    if (typeof file === 'string') throw new Error(file);
    return file;
  }
}

function numberOf(name: string): number {
  return Number(NAME.exec(name)?.[1]);
}

/** Is some of the days from one on deleted, and some not? Of what is deleted as a whole all buckets are hidden, and no more is to be done. */
function isPartOf(day: number, days: number, { from, to }: Deletion): boolean {
  const [first, last] = [day * DAY + 1, (day + days) * DAY];
  return last >= from && first <= to && !(first >= from && last <= to);
}

/** Without a list every file counts; of those that overlap, the one that was written last. */
function adopt(files: readonly string[]): TierList {
  const tiers: Record<string, { files: { name: string; from: Millis; to: Millis }[]; days: TierDay[] }> = {};
  let number = 0;
  for (const name of [...files].sort().reverse()) {
    const parts = NAME.exec(name);
    number = Math.max(number, Number(parts?.[1]));
    const tier = (tiers[parts?.[2] ?? ''] ??= { files: [], days: [] });
    tier.files.push({ name, from: 0, to: 0 });
  }
  return { ...NO_TIERS, number, tiers };
}
