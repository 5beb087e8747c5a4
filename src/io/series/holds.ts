import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import type { Head } from '../../core/series/head.ts';
import { type Hold, heldUntil } from '../../core/series/hold.ts';
import { place } from './block-file.ts';
import { syncFolder, writeWhole } from './block-list.ts';
import { type DeletionAsk, deletedRefs } from './deletion.ts';

/** Something that holds samples of series between two times. */
export interface Holder {
  readonly minTime: Millis;
  readonly maxTime: Millis;
  has(ref: number): boolean;
}

export const HOLDS_FILE = 'holds.json';
const LIMIT = 1_000;

/** What may not be deleted, by the configuration and by who asked for it since; the latter stands in a file that is replaced as a whole. */
export class Holds {
  /** Why the file cannot be read; then everything is held, until somebody repairs or removes it. Null: it can. */
  readonly problem: string | null;
  private readonly folder: string;
  private readonly head: Head;
  private readonly configured: readonly Hold[];
  private asked: readonly Hold[];
  private refs = new Map<Hold, { readonly count: number; readonly refs: Uint32Array }>();
  /** What is in a file does not change. */
  private known = new WeakMap<Holder, Map<Hold, boolean>>();

  constructor(head: Head, folder: string, configured: readonly Hold[]) {
    this.head = head;
    this.folder = folder;
    this.configured = configured;
    const read = readHolds(join(folder, HOLDS_FILE));
    this.asked = typeof read === 'string' ? [] : read;
    this.problem = typeof read === 'string' ? read : null;
  }

  get list(): readonly Hold[] {
    return [...this.configured, ...this.asked];
  }

  /** Null when it is on the medium, else why it is not in force. */
  add(hold: Hold): string | null {
    if (this.problem !== null) return this.problem;
    if (this.list.some(({ name }) => name === hold.name)) return `there is a hold ${hold.name} already`;
    if (this.asked.length >= LIMIT) return `there are ${LIMIT} holds already`;
    return this.write([...this.asked, hold]);
  }

  /** Null when it is lifted, else why it is not. */
  lift(name: string): string | null {
    if (this.problem !== null) return this.problem;
    if (this.configured.some((hold) => hold.name === name)) return `${name} stands in the configuration: take it out there`;
    const left = this.asked.filter((hold) => hold.name !== name);
    return left.length === this.asked.length ? `there is no hold ${name}` : this.write(left);
  }

  /** Does a file hold samples that may not be deleted? */
  holds(holder: Holder): boolean {
    return this.problem !== null || this.list.some((hold) => this.isIn(hold, holder));
  }

  /** Might what cannot be read hold some? */
  mayHold(from: Millis, to: Millis): boolean {
    return this.problem !== null || this.list.some((hold) => hold.from <= to && hold.to >= from);
  }

  /** Is something of a series at a time held? */
  isHeld(ref: number, time: Millis): boolean {
    return this.problem !== null || this.list.some((hold) => hold.from <= time && hold.to >= time && place(this.refsOf(hold), ref) >= 0);
  }

  /** Has a file samples of the days and series of a hold? */
  isIn(hold: Hold, holder: Holder): boolean {
    if (holder.minTime > hold.to || holder.maxTime < hold.from) return false;
    const known = this.known.get(holder) ?? new Map<Hold, boolean>();
    const is = known.get(hold) ?? this.refsOf(hold).some((ref) => holder.has(ref));
    known.set(hold, is);
    this.known.set(holder, known);
    return is;
  }

  /** Why samples may not be deleted; null when they may. */
  whyNot(ask: DeletionAsk, holders: readonly Holder[]): string | null {
    if (this.problem !== null) return `${HOLDS_FILE} cannot be read, so everything is held: ${this.problem}`;
    let wanted: Set<number> | null = null;
    for (const hold of this.list) {
      const [from, to] = [Math.max(hold.from, ask.from), Math.min(heldUntil(hold), ask.to)];
      const there = from > to ? [] : holders.filter(({ minTime, maxTime }) => minTime <= to && maxTime >= from);
      if (there.length === 0) continue;
      wanted ??= new Set(deletedRefs(this.head, ask));
      const held = this.refsOf(hold).filter((ref) => wanted?.has(ref) === true && there.some((holder) => holder.has(ref)));
      if (held.length > 0) return `the hold ${hold.name} keeps samples of ${held.length} of these series: leave them out, or lift it`;
    }
    return null;
  }

  /** The series that are known now, ascending. */
  refsOf(hold: Hold): Uint32Array {
    const { count } = this.head.table;
    const known = this.refs.get(hold);
    if (known?.count === count) return known.refs;
    const refs = deletedRefs(this.head, hold);
    this.refs.set(hold, { count, refs });
    return refs;
  }

  private write(asked: readonly Hold[]): string | null {
    try {
      writeWhole(join(this.folder, HOLDS_FILE), JSON.stringify({ holds: asked }));
      syncFolder(this.folder);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    this.asked = asked;
    this.refs = new Map();
    this.known = new WeakMap();
    return null;
  }
}

/** What is in the file, or what is wrong with it. */
function readHolds(path: string): readonly Hold[] | string {
  if (!existsSync(path)) return [];
  try {
    const { holds } = JSON.parse(readFileSync(path, 'utf8')) as { readonly holds: readonly Hold[] };
    const isWhole = Array.isArray(holds) && holds.every((one) => isHold(one));
    return isWhole ? holds : 'it is damaged';
  } catch (error) {
    return `it is damaged: ${error instanceof Error ? error.message : String(error)}`;
  }
}

function isHold({ name, match, selectors, from, to, reason }: Partial<Hold>): boolean {
  const isNamed = typeof name === 'string' && typeof reason === 'string';
  return isNamed && Array.isArray(match) && Array.isArray(selectors) && Number.isSafeInteger(from) && Number.isSafeInteger(to);
}
