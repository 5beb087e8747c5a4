import type { Columns, RegularSamples } from './columns.ts';

const DEFAULT_LIMIT_BYTES = 32 << 20;
/** What an entry takes besides its values. */
const ENTRY_BYTES = 160;
/** Fewer samples are decoded as quickly as they are found. */
const LEAST_SAMPLES = 16;
/** So many chunks are remembered as decoded once; a power of two. */
const SEEN = 32_768;
const WORD = 2 ** 32;
/** When there is no room, so many chunks are passed over for one that takes the place of others. */
const PASSED = 8;

interface Entry extends RegularSamples {
  /** Was it read since it was last looked at for its place? */
  used: boolean;
}

/**
 * Samples of chunks that were decoded more than once, for the next time: the same dashboards and rules ask again and again. Holds numbers
 * at regular times only, never more than its limit; a chunk that was not read for a while makes place for others. Keys are numbers that
 * no two chunks share and none gets again.
 */
export class DecodedChunks {
  hits = 0;
  misses = 0;
  /** What it occupies. */
  bytes = 0;
  private readonly limitBytes: number;
  private readonly entries = new Map<number, Entry>();
  private seen: Uint32Array = new Uint32Array(0);
  private passed = 0;

  constructor(limitBytes = DEFAULT_LIMIT_BYTES) {
    this.limitBytes = limitBytes;
  }

  /** Appends the samples between the times, both included; false when the chunk is not there. */
  read(key: number, from: number, to: number, out: Columns): boolean {
    const entry = this.entries.get(key);
    if (entry === undefined) {
      this.misses += 1;
      return false;
    }
    this.hits += 1;
    entry.used = true;
    out.addBetween(entry, from, to);
    return true;
  }

  /**
   * Takes over a chunk of regular samples, if it is one of those worth it. In passing: only if there is room without others making place, for
   * who looks at few samples of many chunks does not read them again soon.
   */
  keep(key: number, { first, step, count, values }: RegularSamples, inPassing: boolean): void {
    const bytes = count * 8 + ENTRY_BYTES;
    if (count < LEAST_SAMPLES || !this.wasSeen(key) || this.entries.has(key)) return;
    if (this.bytes + bytes > this.limitBytes && (inPassing || !this.makeRoom(bytes))) return;
    this.entries.set(key, { first, step, count, values: values.slice(0, count), used: false });
    this.bytes += bytes;
  }

  /** Takes over a chunk that was decoded behind the first `start` samples of the columns, if it is one of those worth it. */
  offer(key: number, { times, values, stale, starts, size }: Columns, start: number): void {
    if (size - start < LEAST_SAMPLES || starts !== null || !this.wasSeen(key) || this.entries.has(key)) return;
    const bytes = (size - start) * 8 + ENTRY_BYTES;
    if (this.bytes + bytes > this.limitBytes && !this.makeRoom(bytes)) return;
    const first = times[start] ?? 0;
    const step = (times[start + 1] ?? 0) - first;
    for (let i = start; i < size; i += 1) if (times[i] !== first + (i - start) * step || stale[i] !== 0) return;
    this.entries.set(key, { first, step, count: size - start, values: values.slice(start, size), used: false });
    this.bytes += bytes;
  }

  /** Forgets the chunks whose keys are in `[from, to)`. */
  forget(from: number, to: number): void {
    for (const [key, { values }] of this.entries) if (key >= from && key < to) this.remove(key, values);
  }

  /** Whether the chunk was decoded before, as far as is remembered. */
  private wasSeen(key: number): boolean {
    if (this.seen.length === 0) this.seen = new Uint32Array(SEEN);
    // Both halves of the key count: chunks of the same number in different files are read together.
    const mark = (Math.imul(key % WORD, 0x9e3779b1) ^ Math.imul(Math.floor(key / WORD), 0x85ebca6b)) >>> 0;
    const { seen } = this;
    const slot = (mark >>> 8) & (SEEN - 1);
    // Two that fall on one place both find room.
    const beside = slot ^ 1;
    if (seen[slot] === mark || seen[beside] === mark) return true;
    seen[beside] = seen[slot] ?? 0;
    seen[slot] = mark;
    return false;
  }

  /** Drops the oldest that were not read since they were last looked at; those that were get another round. */
  private makeRoom(bytes: number): boolean {
    this.passed += 1;
    if (bytes > this.limitBytes || this.passed % PASSED !== 0) return false;
    for (const [key, entry] of this.entries) {
      if (this.bytes + bytes <= this.limitBytes) break;
      if (entry.used) {
        entry.used = false;
        this.entries.delete(key);
        this.entries.set(key, entry);
      } else this.remove(key, entry.values);
    }
    return this.bytes + bytes <= this.limitBytes;
  }

  private remove(key: number, values: Float64Array): void {
    this.entries.delete(key);
    this.bytes -= values.byteLength + ENTRY_BYTES;
  }
}
