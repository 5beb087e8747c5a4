import { grown } from '../wire/grown.ts';
import type { Columns } from './columns.ts';

/** A sample and when its counter started. */
interface Noted {
  readonly time: number;
  /** 0: not known. */
  readonly start: number;
  /** The series has no sample after it. */
  readonly isLast: boolean;
  /** It is the only sample of the open chunk. */
  readonly isOnly: boolean;
}

/** From each of the times on the start is another; ascending. */
interface Changes {
  readonly times: number[];
  readonly starts: number[];
}

const FIRST = 1024;

/**
 * When the counters of the samples in open chunks started. Most series have one start for weeks: that is one number, and nothing at all
 * as long as no start was ever told. Where it changes, the changes are listed until the chunk is sealed.
 */
export class OpenStarts {
  /** By number of the series: the start of all samples that no change speaks of. */
  private first: Float64Array = new Float64Array(0);
  private readonly changes = new Map<number, Changes>();

  get isUsed(): boolean {
    return this.first.length > 0;
  }

  get memoryBytes(): number {
    return this.first.byteLength + this.changes.size * 256;
  }

  note(ref: number, { time, start, isLast, isOnly }: Noted): void {
    if (start === 0 && !this.isUsed) return;
    if (ref >= this.first.length) this.first = grown(this.first, new Float64Array(Math.max(FIRST, this.first.length * 2, ref + 1)));
    if (isOnly) {
      this.changes.delete(ref);
      this.first[ref] = start;
      return;
    }
    const before = this.at(ref, time);
    if (before === start) return;
    const changes = this.changes.get(ref) ?? { times: [], starts: [] };
    this.changes.set(ref, changes);
    put(changes, time, start);
    // A late sample has a start of its own; those after it keep theirs.
    if (!isLast && !changes.times.includes(time + 1)) put(changes, time + 1, before);
  }

  /** Tells the columns the starts of the samples of a series from `at` on. */
  fill(ref: number, at: number, out: Columns): void {
    const first = this.first[ref] ?? 0;
    if (!this.changes.has(ref)) out.start(at, out.size, first);
    else for (let i = at; i < out.size; i += 1) out.start(i, i + 1, this.at(ref, out.times[i] ?? 0));
  }

  /** The open chunk of the series is sealed: the next one begins with the last start. */
  seal(ref: number): void {
    const changes = this.changes.get(ref);
    if (changes === undefined) return;
    this.first[ref] = changes.starts.at(-1) ?? 0;
    this.changes.delete(ref);
  }

  private at(ref: number, time: number): number {
    let start = this.first[ref] ?? 0;
    const changes = this.changes.get(ref);
    for (let i = 0; i < (changes?.times.length ?? 0) && (changes?.times[i] ?? 0) <= time; i += 1) start = changes?.starts[i] ?? 0;
    return start;
  }
}

function put({ times, starts }: Changes, time: number, start: number): void {
  let at = times.length;
  while (at > 0 && (times[at - 1] ?? 0) >= time) at -= 1;
  const replaced = times[at] === time ? 1 : 0;
  times.splice(at, replaced, time);
  starts.splice(at, replaced, start);
}
