import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32, zstdDecompressSync } from 'node:zlib';
import type { Millis } from '../../../core/base/time.ts';
import { type BlockIndex, decodeBlockIndex } from '../../../core/series/block-index.ts';
import type { ChunkPlaces } from '../../../core/series/chunk-places.ts';
import type { Head, SeriesHolder } from '../../../core/series/head.ts';
import { RolledChunkDecoder } from '../../../core/series/tiers/rolled-chunk.ts';
import type { RolledRows } from '../../../core/series/tiers/rolled-rows.ts';
import type { TierPart } from '../../../core/series/tiers/tier-reader.ts';
import { type Cut, place, readFooterText } from '../block-file.ts';
import { FileWindow, readAt } from '../file-window.ts';

/**
 * A file of buckets: magic, chunks of buckets, index (zstd), footer (JSON), and at the very end the length of the footer and its CRC-32.
 * It is written once and never changed.
 */
export const TIER_MAGIC = 'TOCSINR1';
const INDEX_LIMIT_BYTES = 2 ** 31 - 1;

/** What a file of buckets says of itself. */
export interface TierFooter {
  /** The width of the buckets. They lie after `from`, up to `to`, both midnights. */
  readonly every: Millis;
  readonly from: Millis;
  readonly to: Millis;
  readonly series: number;
  readonly chunks: number;
  readonly rows: number;
  readonly sources: readonly string[];
  readonly indexAt: number;
  readonly indexBytes: number;
  readonly indexCrc: number;
}

const UNLIMITED = Number.POSITIVE_INFINITY;
const ANY_SERIES = { series: UNLIMITED, seriesPerSource: UNLIMITED, labels: UNLIMITED, nameBytes: UNLIMITED, valueBytes: UNLIMITED };
/** Opens a file of buckets, or says what is wrong with it. */
export function openTierFile(path: string, head: Head): TierFile | string {
  const fd = openSync(path, 'r');
  let file: TierFile | string = 'the file cannot be read';
  try {
    file = readFile(path, fd, head);
    return file;
  } finally {
    if (typeof file === 'string') closeSync(fd);
  }
}

function readFile(path: string, fd: number, head: Head): TierFile | string {
  const bytes = fstatSync(fd).size;
  const text = readFooterText(fd, bytes, TIER_MAGIC);
  if (typeof text === 'string') return text;
  const footer = JSON.parse(text.toString()) as TierFooter;
  const packed = readAt(fd, footer.indexAt, footer.indexBytes);
  if (packed.length !== footer.indexBytes || crc32(packed) !== footer.indexCrc) return 'the index is damaged';
  const index = decodeBlockIndex(zstdDecompressSync(packed, { maxOutputLength: INDEX_LIMIT_BYTES }), footer.from, footer);
  return index === null ? 'the index cannot be read' : new TierFile({ path, fd, bytes, footer }, index, head);
}

/** One file of buckets, ready to be read. Its series have the numbers of the head. */
export class TierFile implements TierPart, SeriesHolder {
  readonly path: string;
  readonly bytes: number;
  readonly footer: TierFooter;
  readonly from: Millis;
  readonly to: Millis;
  readonly minTime: Millis;
  readonly maxTime: Millis;
  /** Chunks whose bytes are not what was written; what they held is missing from answers. */
  damagedChunks = 0;
  /** What is not to be seen any more, although the file still holds it. */
  cuts: readonly Cut[] = [];
  private readonly fd: number;
  private readonly places: ChunkPlaces;
  /** Ascending numbers of the series, and the row of each. */
  private readonly refs: Uint32Array;
  private readonly rows: Uint32Array;
  private readonly decoder = new RolledChunkDecoder();
  private readonly window: FileWindow;

  constructor(
    file: { readonly path: string; readonly fd: number; readonly bytes: number; readonly footer: TierFooter },
    index: BlockIndex,
    head: Head,
  ) {
    const { footer } = file;
    this.path = file.path;
    this.fd = file.fd;
    this.window = new FileWindow(file.fd, footer.indexAt);
    this.bytes = file.bytes;
    this.footer = footer;
    this.from = footer.from;
    this.to = footer.to;
    this.minTime = footer.from + 1;
    this.maxTime = footer.to;
    const { series, sources, newest, places } = index;
    this.places = places;
    const refs = Uint32Array.from(head.resolve(series, '', ANY_SERIES).subarray(0, footer.series));
    for (const [row, ref] of refs.entries()) {
      head.table.assignSource(ref, footer.sources[sources[row] ?? 0] ?? '');
      // Somewhere in its last bucket the series had a sample: not before its beginning.
      head.noteNewest(ref, (newest[row] ?? footer.to) - footer.every);
    }
    this.rows = Uint32Array.from(refs.keys()).sort((a, b) => (refs[a] ?? 0) - (refs[b] ?? 0));
    this.refs = refs.slice().sort();
  }

  has(ref: number): boolean {
    return (
      this.row(ref) >= 0 && !this.cuts.some(({ refs, from, to }) => from <= this.minTime && to >= this.maxTime && place(refs, ref) >= 0)
    );
  }

  /** Hides the buckets of these series (ascending numbers) that may hold samples between the times, both included, if there are any. */
  cut(id: string, wanted: Uint32Array, { from, to }: { readonly from: Millis; readonly to: Millis }): void {
    if (this.minTime > to || this.maxTime < from) return;
    const refs = wanted.filter((ref) => this.row(ref) >= 0);
    if (refs.length > 0) this.cuts = [...this.cuts, { id, refs, from, to }];
  }

  read(ref: number, { from, to }: { readonly from: Millis; readonly to: Millis }, mask: number, out: RolledRows): void {
    const row = this.row(ref);
    if (row < 0) return;
    const { places } = this;
    let first = places.first(row);
    let end = places.first(row + 1);
    // The chunks of a series follow one another in time.
    while (first + 1 < end && places.from(first + 1) <= from) first += 1;
    while (end > first && places.from(end - 1) > to) end -= 1;
    if (first === end) return;
    const at = TIER_MAGIC.length + places.at(first);
    this.window.load(at, TIER_MAGIC.length + places.at(end) - at);
    const start = out.size;
    for (let chunk = first; chunk < end; chunk += 1) this.decode(chunk, mask, out);
    for (const cut of this.cuts) if (place(cut.refs, ref) >= 0) out.cut(cut.from - 1, cut.to + this.footer.every - 1, start);
  }

  close(): void {
    closeSync(this.fd);
  }

  /** What it occupies in memory. */
  get memoryBytes(): number {
    return this.refs.byteLength * 2 + this.places.memoryBytes + this.window.memoryBytes;
  }

  private row(ref: number): number {
    const at = place(this.refs, ref);
    return at < 0 ? -1 : (this.rows[at] ?? -1);
  }

  private decode(chunk: number, mask: number, out: RolledRows): void {
    const { places } = this;
    const from = TIER_MAGIC.length + places.at(chunk) - this.window.at;
    const to = TIER_MAGIC.length + places.at(chunk + 1) - this.window.at;
    const whole = to <= this.window.size && crc32(this.window.bytes.subarray(from, to)) === places.crc(chunk);
    if (!whole || !this.decoder.decode(this.window.bytes, this.window.view, { from, to, mask }, out)) this.damagedChunks += 1;
  }
}
