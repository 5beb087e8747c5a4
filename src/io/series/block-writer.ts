import type { Millis } from '../../core/base/time.ts';
import { CHUNK_SAMPLES_LIMIT, ChunkEncoder } from '../../core/series/chunk.ts';
import { Columns } from '../../core/series/columns.ts';
import type { Head, SamplePart } from '../../core/series/head.ts';
import { grown } from '../../core/wire/grown.ts';
import { BLOCK_MAGIC, type WrittenBlock } from './block-file.ts';
import { ChunkFile } from './chunk-file.ts';

/** Two hours at the usual step of 15 s: long enough to compress well, short enough to read a part of. */
const CHUNK_SAMPLES = 480;
/** Where a series has many samples its chunks are longer, because what is known of each chunk is kept in memory. */
const FEW_CHUNKS = 4;
/** Histograms are larger: less has to be read for a few of them. */
const CHUNK_HISTOGRAMS = 120;

/** What a block is made of: the samples of some parts between two times, `to` excluded. */
export interface BlockPlan {
  readonly path: string;
  readonly parts: readonly SamplePart[];
  readonly from: Millis;
  readonly to: Millis;
}

/** Called between series: gives way to what waits when enough time has gone. */
export type Pause = () => Promise<void> | null;

/**
 * Writes a block file, synced and complete, and gives what is known of it; null (and no file) when there was no sample. A file that could not be
 * finished is removed.
 */
export async function writeBlock(head: Head, plan: BlockPlan, pause: Pause): Promise<WrittenBlock | null> {
  const file = new BlockFile(plan);
  try {
    file.begin();
    const total = head.table.count;
    for (let ref = 0; ref < total; ref += 1) {
      const pausing = file.addSeries(head, ref) ?? pause();
      if (pausing !== null) await pausing;
    }
    return await file.finish();
  } finally {
    file.release();
  }
}

class BlockFile {
  private readonly plan: BlockPlan;
  private readonly file: ChunkFile;
  private readonly columns = new Columns(CHUNK_SAMPLES * 4);
  private readonly encoder = new ChunkEncoder();
  private refs: Uint32Array = new Uint32Array(1024);
  private samples = 0;
  private minTime = Number.POSITIVE_INFINITY;
  private maxTime = Number.NEGATIVE_INFINITY;

  constructor(plan: BlockPlan) {
    this.plan = plan;
    this.file = new ChunkFile(plan.path, plan.from);
  }

  begin(): void {
    this.file.begin(BLOCK_MAGIC);
  }

  /** Null, or what must be waited for before the next one. */
  addSeries(head: Head, ref: number): Promise<void> | null {
    const { columns, plan, file } = this;
    columns.clear();
    for (const part of plan.parts) if (part.has(ref)) part.read(ref, plan.from, plan.to - 1, columns);
    if (columns.size === 0) return null;
    columns.sort();
    columns.clip(plan.from, plan.to - 1);
    if (columns.size === 0) return null;
    if (file.series === this.refs.length) this.refs = grown(this.refs, new Uint32Array(file.series * 2));
    this.refs[file.series] = ref;
    this.samples += columns.size;
    this.minTime = Math.min(this.minTime, columns.times[0] ?? 0);
    this.maxTime = Math.max(this.maxTime, columns.times[columns.size - 1] ?? 0);
    this.encodeChunks();
    return file.endSeries(head, ref);
  }

  async finish(): Promise<WrittenBlock | null> {
    const { file, minTime, maxTime, samples } = this;
    if (file.series === 0) return null;
    const footer = await file.finish({ origin: this.plan.from, minTime, maxTime, samples });
    return { footer, refs: this.refs.slice(0, file.series), places: file.index.chunkPlaces() };
  }

  release(): void {
    this.file.release();
  }

  private encodeChunks(): void {
    const { columns, file } = this;
    const size = columns.histograms.length > 0 ? CHUNK_HISTOGRAMS : chunkSamples(columns.size);
    for (let from = 0; from < columns.size; from += size) {
      const to = Math.min(columns.size, from + size);
      const start = file.sink.at;
      this.encoder.encode(columns, from, to, file.sink);
      file.endChunk(start, columns.times[from] ?? 0, columns.times[to - 1] ?? 0);
    }
  }
}

function chunkSamples(samples: number): number {
  return Math.min(Math.max(Math.ceil(samples / FEW_CHUNKS), CHUNK_SAMPLES), CHUNK_SAMPLES_LIMIT);
}
