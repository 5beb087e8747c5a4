import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { ProtoCursor } from '../wire/proto-cursor.ts';
import type { WriteBatch } from '../wire/write-batch.ts';

/** A single observation, for example with the trace it belongs to, that stands for many. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  readonly time: Millis;
}

/** What is kept when nothing else is said. */
const DEFAULT_EXEMPLARS = 100_000;

/** No series keeps more. */
const PER_SERIES = 512;
/** Names and values of the labels of one exemplar together, in characters. */
const LABELS_LENGTH = 256;
const MOST_LABELS = 32;

interface Kept extends Exemplar {
  readonly ref: number;
}

/** The newest exemplars of all series: when there is no room any more, the one that came first goes. */
export class Exemplars {
  /** Refused: malformed, with too many labels, or against the limit of none. */
  refused = 0;
  /** Gave way to newer ones. */
  displaced = 0;
  /** Deleted, or past their time. */
  removed = 0;
  private readonly limit: number;
  private readonly ring: Kept[] = [];
  private next = 0;
  /** By number of the series, in the order of time. */
  private readonly bySeries = new Map<number, Kept[]>();

  constructor(limit: number = DEFAULT_EXEMPLARS) {
    this.limit = limit;
  }

  /** How many there are. */
  get size(): number {
    let size = 0;
    for (const list of this.bySeries.values()) size += list.length;
    return size;
  }

  /** Takes the exemplars of a batch whose series have these numbers; how many are kept, or were already. */
  take({ bytes, exemplars }: WriteBatch, refs: Int32Array): number {
    let taken = 0;
    for (let i = 0; i < exemplars.count; i += 1) {
      const ref = refs[exemplars.series[i] ?? -1] ?? -1;
      const exemplar = ref < 0 ? null : decodeExemplar(bytes, exemplars.from[i] ?? 0, exemplars.to[i] ?? 0);
      if (exemplar !== null && this.limit > 0) {
        this.add({ ...exemplar, ref });
        taken += 1;
      } else this.refused += 1;
    }
    return taken;
  }

  /** The exemplars of a series between two times, both of them included, in the order of time. */
  of(ref: number, from: Millis, to: Millis): readonly Exemplar[] {
    const inside = (this.bySeries.get(ref) ?? []).filter(({ time }) => time >= from && time <= to);
    return inside.map(({ labels, value, time }) => ({ labels, value, time }));
  }

  /** Takes the exemplars of a series away that are between two times, both of them included. */
  remove(ref: number, from: Millis, to: Millis): void {
    this.leave(ref, ({ time }) => time < from || time > to);
  }

  /** Takes away what is older than a moment and not held. */
  expire(before: Millis, isHeld: (ref: number, time: Millis) => boolean): void {
    for (const [ref, [oldest]] of this.bySeries)
      if (oldest !== undefined && oldest.time < before) this.leave(ref, ({ time }) => time >= before || isHeld(ref, time));
  }

  /** The numbers of the series that have some. */
  refs(): readonly number[] {
    return [...this.bySeries.keys()];
  }

  private leave(ref: number, isLeft: (one: Kept) => boolean): void {
    const list = this.bySeries.get(ref) ?? [];
    const left = list.filter((one) => isLeft(one));
    if (left.length === list.length) return;
    this.removed += list.length - left.length;
    if (left.length === 0) this.bySeries.delete(ref);
    else this.bySeries.set(ref, left);
  }

  private add(one: Kept): void {
    const list = this.bySeries.get(one.ref) ?? [];
    let at = list.length;
    while (at > 0 && (list[at - 1]?.time ?? 0) > one.time) at -= 1;
    for (let i = at - 1; list[i]?.time === one.time; i -= 1) if (isSame(list[i] as Kept, one)) return;
    list.splice(at, 0, one);
    this.bySeries.set(one.ref, list);
    if (list.length > PER_SERIES) {
      // In the ring it stays until its turn comes.
      list.shift();
      this.displaced += 1;
    }
    const before = this.ring[this.next] ?? null;
    this.ring[this.next] = one;
    this.next = (this.next + 1) % this.limit;
    if (before !== null) this.drop(before);
  }

  private drop(one: Kept): void {
    const list = this.bySeries.get(one.ref);
    const at = list?.indexOf(one) ?? -1;
    if (list === undefined || at < 0) return;
    list.splice(at, 1);
    if (list.length === 0) this.bySeries.delete(one.ref);
    this.displaced += 1;
  }
}

function isSame(a: Exemplar, b: Exemplar): boolean {
  return Object.is(a.value, b.value) && JSON.stringify(a.labels) === JSON.stringify(b.labels);
}

/** Reads an `Exemplar` message of remote write 1.0; null when it is none that can be kept. */
function decodeExemplar(bytes: Uint8Array, from: number, to: number): Exemplar | null {
  const cursor = ProtoCursor.within(bytes, from, to);
  const labels: [name: string, value: string][] = [];
  let value = 0;
  let time = 0;
  let length = 0;
  while (cursor.next()) {
    if (cursor.tag === 10) {
      const label = readLabel(cursor.message());
      length += label[0].length + label[1].length;
      labels.push(label);
      if (labels.length > MOST_LABELS || length > LABELS_LENGTH) return null;
    } else if (cursor.tag === 17) value = cursor.double();
    else if (cursor.tag === 24) time = cursor.int64();
    else cursor.skip();
  }
  return cursor.bad ? null : { labels: Object.fromEntries(labels.sort(([a], [b]) => (a < b ? -1 : 1))), value, time };
}

function readLabel(cursor: ProtoCursor): [name: string, value: string] {
  let name = '';
  let value = '';
  while (cursor.next()) {
    if (cursor.tag === 10) name = cursor.text();
    else if (cursor.tag === 18) value = cursor.text();
    else cursor.skip();
  }
  return [name, value];
}
