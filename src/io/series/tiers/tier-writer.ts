import type { Millis } from '../../../core/base/time.ts';
import type { Head } from '../../../core/series/head.ts';
import { ROLLED_CHUNK_ROWS, RolledChunkEncoder } from '../../../core/series/tiers/rolled-chunk.ts';
import { RolledRows } from '../../../core/series/tiers/rolled-rows.ts';
import type { Pause } from '../block-writer.ts';
import { ChunkFile } from '../chunk-file.ts';
import { TIER_MAGIC, type TierFooter } from './tier-file.ts';

/** Histograms are larger: less has to be read for a few of them. */
const CHUNK_HISTOGRAMS = 120;

/** What a file of buckets is made of: those that `fill` appends for each series, in order, after `from` up to `to`. */
export interface TierFilePlan {
  readonly path: string;
  readonly every: Millis;
  readonly from: Millis;
  readonly to: Millis;
  readonly fill: TierFill;
}

/** Appends the buckets of a series as its steps are taken, in order; between two steps something else may have its turn. */
export type TierFill = (ref: number, out: RolledRows) => Iterator<void>;

/** Writes a file of buckets, synced and complete; false (and no file) when there was none. A file that could not be finished is removed. */
export async function writeTierFile(head: Head, plan: TierFilePlan, pause: Pause): Promise<boolean> {
  const file = new TierFileWriter(plan);
  try {
    file.begin();
    const total = head.table.count;
    for (let ref = 0; ref < total; ref += 1) {
      const filling = file.fill(ref);
      while (filling.next().done !== true) {
        const resting = pause();
        if (resting !== null) await resting;
      }
      const pausing = file.addSeries(head, ref) ?? pause();
      if (pausing !== null) await pausing;
    }
    return await file.finish();
  } finally {
    file.release();
  }
}

class TierFileWriter {
  private readonly plan: TierFilePlan;
  private readonly file: ChunkFile;
  private readonly rows = new RolledRows(ROLLED_CHUNK_ROWS);
  private readonly encoder = new RolledChunkEncoder();
  private buckets = 0;

  constructor(plan: TierFilePlan) {
    this.plan = plan;
    this.file = new ChunkFile(plan.path, plan.from);
  }

  begin(): void {
    this.file.begin(TIER_MAGIC);
  }

  /** Brings the buckets of a series; then it can be added. */
  fill(ref: number): Iterator<void> {
    this.rows.clear();
    return this.plan.fill(ref, this.rows);
  }

  /** Null, or what must be waited for before the next one. */
  addSeries(head: Head, ref: number): Promise<void> | null {
    if (this.rows.size === 0) return null;
    this.buckets += this.rows.size;
    this.encodeChunks();
    return this.file.endSeries(head, ref);
  }

  async finish(): Promise<boolean> {
    if (this.file.series === 0) return false;
    const { every, from, to } = this.plan;
    const footer: TierFooter = await this.file.finish({ every, from, to, rows: this.buckets });
    return footer.series > 0;
  }

  release(): void {
    this.file.release();
  }

  private encodeChunks(): void {
    const { rows, file } = this;
    const size = rows.histograms.length > 0 ? CHUNK_HISTOGRAMS : ROLLED_CHUNK_ROWS;
    for (let from = 0; from < rows.size; from += size) {
      const to = Math.min(rows.size, from + size);
      const start = file.sink.at;
      this.encoder.encode(rows, from, to, file.sink);
      file.endChunk(start, rows.ends[from] ?? 0, rows.ends[to - 1] ?? 0);
    }
  }
}
