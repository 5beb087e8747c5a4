import { DAY, type Millis } from '../../core/base/time.ts';
import type { Head } from '../../core/series/head.ts';
import type { BlockFolder } from './block-folder.ts';
import type { Holds } from './holds.ts';
import { sparedBlocks } from './spared.ts';
import type { Purge, PurgeLog } from './purge-log.ts';
import type { TierKeeper } from './tiers/tier-keeper.ts';

/** How long, and how much, is kept. */
export interface ExpiryRules {
  /** Samples are deleted when the whole block they are in is older than this. */
  readonly retention: Millis;
  /** Blocks and tiers together occupy at most so much. */
  readonly retentionBytes: number;
}

interface Kept {
  readonly blocks: BlockFolder;
  readonly head: Head;
  readonly holds: Holds;
  readonly tiers: TierKeeper | null;
  readonly purges: PurgeLog;
}

/**
 * Lets go of old samples: what is older than the retention, and the oldest blocks while there are too many bytes. With tiers, whole days
 * are deleted, none before it is in the finest tier; when the samples of the last two days are left, the finest tier shrinks.
 */
export class Expiry {
  /** Blocks that were deleted. */
  expired = 0;
  private readonly kept: Kept;
  private readonly blocks: BlockFolder;
  private readonly tiers: TierKeeper | null;
  private readonly purges: PurgeLog;
  private readonly rules: ExpiryRules;

  constructor(kept: Kept, rules: ExpiryRules) {
    const { blocks, tiers, purges } = kept;
    this.kept = kept;
    this.blocks = blocks;
    this.tiers = tiers;
    this.purges = purges;
    this.rules = rules;
  }

  run(now: Millis): void {
    const { retention, retentionBytes } = this.rules;
    if (Number.isFinite(retention)) this.deleteBefore(Math.min(now - retention, this.tiers?.samplesNeededFrom ?? now), now, 'retention');
    while (this.bytes > retentionBytes) if (!this.dropOldest(now)) break;
  }

  private get bytes(): number {
    return this.blocks.blocks.reduce((sum, block) => sum + block.bytes, this.tiers?.bytes ?? 0);
  }

  private dropOldest(now: Millis): boolean {
    const spared = sparedBlocks(this.kept, { now, before: Number.POSITIVE_INFINITY });
    const oldest = this.blocks.blocks.find(({ name }) => !spared.has(name));
    const isRecent = this.tiers !== null && (oldest?.maxTime ?? now) >= (Math.floor(now / DAY) - 1) * DAY;
    if (isRecent && this.tiers?.dropOldest(now) === true) return true;
    if (oldest === undefined) return false;
    this.deleteBefore(oldest.maxTime + 1, now, 'size');
    return true;
  }

  private deleteBefore(time: Millis, now: Millis, why: Purge['why']): void {
    const { tiers, blocks } = this;
    let before = time;
    if (tiers !== null) before = (why === 'size' ? Math.ceil(time / DAY) : Math.floor(time / DAY)) * DAY;
    const spared = sparedBlocks(this.kept, { now, before });
    if (tiers !== null) {
      if (blocks.blocks.some(({ name, maxTime }) => maxTime < before && !spared.has(name))) tiers.folder.noteDeletion(before);
    }
    const expired = blocks.expire(before, spared);
    const { head, holds } = this.kept;
    if (expired > 0 || why === 'retention') head.exemplars.expire(before, (ref, at) => holds.isHeld(ref, at));
    if (expired > 0) this.purges.note({ at: now, what: 'raw', before, why });
    this.expired += expired;
  }
}
