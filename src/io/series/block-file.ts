import { closeSync, fstatSync, openSync } from 'node:fs';
import { basename } from 'node:path';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { Millis } from '../../core/base/time.ts';
import { type BlockIndex, decodeBlockIndex } from '../../core/series/block-index.ts';
import type { ChunkPlaces } from '../../core/series/chunk-places.ts';
import { ChunkDecoder, type ChunkRange } from '../../core/series/chunk.ts';
import { Columns } from '../../core/series/columns.ts';
import type { DecodedChunks } from '../../core/series/decoded-chunks.ts';
import type { Head, SamplePart } from '../../core/series/head.ts';
import { openCold } from './cold-file.ts';
import { type Bytes, FileWindow, readAt } from './file-window.ts';

/**
 * A block file: magic, chunks, index (zstd), footer (JSON), and at the very end the length of the footer and its CRC-32.
 * It is written once and never changed.
 */
export const BLOCK_MAGIC = 'TOCSINB1';
const TRAILER_BYTES = 8;
const FOOTER_LIMIT_BYTES = 1 << 20;
const INDEX_LIMIT_BYTES = 2 ** 31 - 1;
const UNPACKED_GROWTH = 64;
const LEAST_ROOM_BYTES = 1 << 16;
const MOST_ROOM_BYTES = 1 << 28;

/** What a block file says of itself. */
export interface BlockFooter {
  /** Times in the index are relative to this. */
  readonly origin: Millis;
  readonly minTime: Millis;
  readonly maxTime: Millis;
  readonly series: number;
  readonly chunks: number;
  readonly samples: number;
  readonly sources: readonly string[];
  readonly indexAt: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
}

const NO_CUTS: readonly Cut[] = [];
const UNLIMITED = Number.POSITIVE_INFINITY;
/** What is in a file was taken once. */
export const ANY_SERIES = { series: UNLIMITED, seriesPerSource: UNLIMITED, labels: UNLIMITED, nameBytes: UNLIMITED, valueBytes: UNLIMITED };

/** Reads the footer and the index of a block file, or says what is wrong with it. */
export function openBlock(path: string, head: Head): Block | string {
  const fd = openSync(path, 'r');
  let block: Block | string = 'the file cannot be read';
  try {
    block = readBlock(path, fd, head);
    return block;
  } finally {
    if (typeof block === 'string') closeSync(fd);
  }
}

/** The same for a copy in a cold folder, compressed or not. */
export function openColdBlock(path: string, head: Head): Block | string {
  const file = openCold(path);
  let block: Block | string = 'the file cannot be read';
  try {
    block = readBlock(path, file, head);
    return block;
  } finally {
    if (typeof block === 'string') file.close();
  }
}

function readBlock(path: string, fd: Bytes, head: Head): Block | string {
  const size = typeof fd === 'number' ? fstatSync(fd).size : fd.size;
  const footer = readFooter(fd, size);
  if (typeof footer === 'string') return footer;
  const packed = readAt(fd, footer.indexAt, footer.indexBytes);
  if (packed.length !== footer.indexBytes || crc32(packed) !== footer.indexCrc) return 'the index is damaged';
  const bytes = zstdDecompressSync(packed, { maxOutputLength: INDEX_LIMIT_BYTES, chunkSize: unpackedRoom(packed.length) });
  const index = decodeBlockIndex(bytes, footer.origin, footer);
  if (index === null) return 'the index cannot be read';
  return new Block({ path, fd, size, footer }, { refs: adoptSeries(index, footer, head), places: index.places }, head.decoded);
}

/** Room into which most indexes fit as a whole: what comes in pieces is copied once more. */
function unpackedRoom(packedBytes: number): number {
  return Math.min(Math.max(packedBytes * UNPACKED_GROWTH, LEAST_ROOM_BYTES), MOST_ROOM_BYTES);
}

/** The numbers that the series of an index have in the head, which learns from it whose they are and how new. */
function adoptSeries({ series, sources, newest }: BlockIndex, footer: BlockFooter, head: Head): Uint32Array {
  const refs = Uint32Array.from(head.resolve(series, '', ANY_SERIES).subarray(0, footer.series));
  for (const [row, ref] of refs.entries()) {
    head.table.assignSource(ref, footer.sources[sources[row] ?? 0] ?? '');
    head.noteNewest(ref, newest[row] ?? footer.maxTime);
  }
  return refs;
}

/** Opens a block file that was written a moment ago, of which everything is known. */
export function openWritten(path: string, { footer, refs, places }: WrittenBlock, head: Head): Block {
  const fd = openSync(path, 'r');
  return new Block({ path, fd, size: fstatSync(fd).size, footer }, { refs, places }, head.decoded);
}

/** What is known of a block file by who wrote it. */
export interface WrittenBlock extends BlockSeries {
  readonly footer: BlockFooter;
}

/** The numbers of the series of a block, row after row, and where their chunks are. */
interface BlockSeries {
  readonly refs: Uint32Array;
  readonly places: ChunkPlaces;
}

function readFooter(fd: Bytes, size: number): BlockFooter | string {
  const text = readFooterText(fd, size, BLOCK_MAGIC);
  return typeof text === 'string' ? text : (JSON.parse(text.toString()) as BlockFooter);
}

/** The footer of a file that begins with the magic and ends as block files do, or what is wrong with it. */
export function readFooterText(fd: Bytes, size: number, magic: string): Buffer | string {
  if (size < magic.length + TRAILER_BYTES) return 'the file is too short';
  if (readAt(fd, 0, magic.length).toString('latin1') !== magic) return 'this is no block file';
  const trailer = readAt(fd, size - TRAILER_BYTES, TRAILER_BYTES);
  const length = trailer.readUInt32LE(0);
  if (length > FOOTER_LIMIT_BYTES || length > size - TRAILER_BYTES) return 'the end of the file is damaged';
  const text = readAt(fd, size - TRAILER_BYTES - length, length);
  return crc32(text) === trailer.readUInt32LE(4) ? text : 'the footer is damaged';
}

interface BlockFile {
  readonly path: string;
  readonly fd: Bytes;
  readonly size: number;
  readonly footer: BlockFooter;
}

/** Samples of a block that were deleted: of these series (ascending numbers), between these times, both included. */
export interface Cut {
  /** Of the deletion. */
  readonly id: string;
  readonly refs: Uint32Array;
  readonly from: Millis;
  readonly to: Millis;
}

/** A block has fewer chunks: series times the chunks of a day. */
const KEYS_EACH = 2 ** 32;
let opened = 0;

function keysOfNext(): number {
  opened += 1;
  return opened * KEYS_EACH;
}

/** One block file, ready to be read. Its series have the numbers of the head. */
export class Block implements SamplePart {
  readonly path: string;
  /** As the list names it, wherever it is. */
  readonly name: string;
  /** Is it in a cold folder? */
  readonly isCold: boolean;
  /** What it occupies on disk. */
  readonly bytes: number;
  /** The same if it is not compressed. */
  readonly plainBytes: number;
  readonly footer: BlockFooter;
  readonly minTime: Millis;
  readonly maxTime: Millis;
  /** Chunks whose bytes are not what was written; what they held is missing from answers. */
  damagedChunks = 0;
  /** What is not to be seen any more, although the file still holds it. */
  cuts: readonly Cut[] = [];
  /** The series of which nothing can be seen any more; ascending. */
  private gone: Uint32Array = new Uint32Array(0);
  private readonly fd: Bytes;
  private readonly places: ChunkPlaces;
  /** Ascending numbers of the series, and the row of each. */
  private readonly refs: Uint32Array;
  private readonly rows: Uint32Array | null;
  /** The place behind that of the series that was found last. */
  private next = 0;
  private readonly decoder = new ChunkDecoder();
  private readonly decoded: DecodedChunks;
  /** The number of its first chunk among the decoded chunks of all blocks. */
  private readonly keys: number;
  private readonly window: FileWindow;

  constructor({ path, fd, size, footer }: BlockFile, { refs, places }: BlockSeries, decoded: DecodedChunks) {
    this.decoded = decoded;
    this.keys = keysOfNext();
    this.path = path;
    this.name = basename(path).replace(/\.zst$/, '');
    this.isCold = typeof fd !== 'number';
    this.fd = fd;
    this.window = new FileWindow(fd, footer.indexAt);
    this.bytes = typeof fd === 'number' ? size : fd.stored;
    this.plainBytes = size;
    this.footer = footer;
    this.minTime = footer.minTime;
    this.maxTime = footer.maxTime;
    this.places = places;
    const ascending = refs.every((ref, row) => row === 0 || ref > (refs[row - 1] ?? 0));
    this.rows = ascending ? null : Uint32Array.from(refs.keys()).sort((a, b) => (refs[a] ?? 0) - (refs[b] ?? 0));
    this.refs = ascending ? refs : refs.slice().sort();
  }

  has(ref: number): boolean {
    return this.row(ref) >= 0 && place(this.gone, ref) < 0;
  }

  /** Hides what another copy of the same block hides. */
  cutAs({ cuts, gone }: Block): void {
    this.cuts = cuts;
    this.gone = gone;
  }

  /** Hides the samples of these series (ascending numbers) between the times, both included, if there may be any. */
  cut(id: string, wanted: Uint32Array, { from, to }: { readonly from: Millis; readonly to: Millis }): void {
    if (this.minTime > to || this.maxTime < from) return;
    const refs = wanted.filter((ref) => {
      const row = this.row(ref);
      return row >= 0 && this.places.from(this.places.first(row)) <= to;
    });
    if (refs.length === 0) return;
    this.cuts = [...this.cuts, { id, refs, from, to }];
    const gone = [...this.gone, ...refs.filter((ref) => place(this.gone, ref) < 0 && this.isEmptied(ref))];
    this.gone = Uint32Array.from(gone).sort();
  }

  /** A time at or after that of the newest sample of a series that can be seen, none of which is newer than `known`; -infinity when there is none. */
  newestOf(ref: number, known: Millis): Millis {
    if (!this.has(ref)) return Number.NEGATIVE_INFINITY;
    let newest = Math.min(known, this.maxTime);
    const cuts = this.cuts.filter(({ refs }) => place(refs, ref) >= 0).sort((a, b) => b.to - a.to);
    for (const { from, to } of cuts) if (from <= newest && to >= newest) newest = from - 1;
    return newest;
  }

  read(ref: number, from: Millis, to: Millis, out: Columns): void {
    const row = this.row(ref);
    if (row < 0) return;
    const { places } = this;
    let first = places.first(row);
    let end = places.first(row + 1);
    // The chunks of a series follow one another in time.
    while (first + 1 < end && places.from(first + 1) <= from) first += 1;
    while (end > first && places.from(end - 1) > to) end -= 1;
    if (first === end) return;
    const start = out.size;
    const { decoded, keys } = this;
    const cuts =
      this.cuts.length === 0 ? NO_CUTS : this.cuts.filter((cut) => cut.from <= to && cut.to >= from && place(cut.refs, ref) >= 0);
    const { instants } = out;
    // Instead of a sample that is cut out one before it counts.
    if (cuts.length > 0) out.instants = null;
    for (let chunk = first; chunk < end; chunk += 1) {
      if (decoded.read(keys + chunk, from, to, out)) continue;
      const at = BLOCK_MAGIC.length + places.at(chunk);
      this.window.load(at, BLOCK_MAGIC.length + places.at(end) - at);
      const before = out.size;
      this.decode(chunk, { since: from, until: to }, out);
      if (this.decoder.isWhole) decoded.keep(keys + chunk, this.decoder.whole, out.instants !== null);
      else decoded.offer(keys + chunk, out, before);
    }
    for (const cut of cuts) out.cut(start, cut.from, cut.to);
    out.instants = instants;
  }

  /** Reads all of it; how many chunks are not what was written. */
  async check(pause: () => Promise<void> | null): Promise<number> {
    const { places, window } = this;
    let damaged = 0;
    for (let chunk = 0; chunk < this.footer.chunks; chunk += 1) {
      const [from, to] = [BLOCK_MAGIC.length + places.at(chunk), BLOCK_MAGIC.length + places.at(chunk + 1)];
      window.load(from, to - from);
      const isWhole = to <= window.at + window.size && crc32(window.bytes.subarray(from - window.at, to - window.at)) === places.crc(chunk);
      if (!isWhole) damaged += 1;
      const pausing = pause();
      if (pausing !== null) await pausing;
    }
    return damaged;
  }

  close(): void {
    this.decoded.forget(this.keys, this.keys + KEYS_EACH);
    if (typeof this.fd === 'number') closeSync(this.fd);
    else this.fd.close();
  }

  /** What it occupies in memory. */
  get memoryBytes(): number {
    return this.refs.byteLength * (this.rows === null ? 1 : 2) + this.places.memoryBytes + this.window.memoryBytes;
  }

  /** Is nothing left of a series after what was cut? */
  private isEmptied(ref: number): boolean {
    const row = this.row(ref);
    const { places } = this;
    const [first, last] = [places.from(places.first(row)), places.from(places.first(row + 1) - 1)];
    const cuts = this.cuts.filter(({ refs }) => place(refs, ref) >= 0);
    if (cuts.some(({ from, to }) => from <= first && to >= this.maxTime)) return true;
    if (![first, last].every((time) => cuts.some(({ from, to }) => from <= time && to >= time))) return false;
    const left = new Columns();
    this.read(ref, first, this.maxTime, left);
    return left.size === 0;
  }

  private row(ref: number): number {
    // Series are asked for one after the other more often than not.
    const at = this.refs[this.next] === ref ? this.next : place(this.refs, ref);
    if (at < 0) return -1;
    this.next = at + 1;
    return this.rows?.[at] ?? at;
  }

  private decode(chunk: number, times: Pick<ChunkRange, 'since' | 'until'>, out: Columns): void {
    const { places, decoder } = this;
    decoder.isWhole = false;
    const from = BLOCK_MAGIC.length + places.at(chunk) - this.window.at;
    const to = BLOCK_MAGIC.length + places.at(chunk + 1) - this.window.at;
    const whole = to <= this.window.size && crc32(this.window.bytes.subarray(from, to)) === places.crc(chunk);
    if (!whole || !decoder.decode(this.window.bytes, this.window.view, { from, to, ...times }, out)) this.damagedChunks += 1;
  }
}

/** Where a number stands in an ascending list, or -1. */
export function place(list: Uint32Array, wanted: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return list[low] === wanted ? low : -1;
}
