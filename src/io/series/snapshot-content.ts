import type { Millis } from '../../core/base/time.ts';
import type { Block } from './block-file.ts';
import type { BlockFolder } from './block-folder.ts';
import type { SnapshotContent } from './snapshots.ts';

/** What a copy of all that can be read is made of. */
export function snapshotContent(folder: BlockFolder): SnapshotContent {
  const blocks = folder.blocks.filter(({ isCold }) => !isCold);
  const sum = (of: (block: Block) => number): number => blocks.reduce((total, block) => total + of(block), 0);
  const names = new Set(blocks.map(({ name }) => name));
  const { list } = folder;
  return {
    blocks: blocks.map(({ path, name }) => ({ path, name })),
    list: { ...list, blocks: list.blocks.filter(({ name }) => names.has(name)) },
    figures: {
      blocks: blocks.length,
      samples: sum(({ footer }) => footer.samples),
      bytes: sum(({ bytes }) => bytes),
      from: blocks[0]?.minTime ?? null,
      to: blocks.reduce<Millis | null>((last, { maxTime }) => Math.max(last ?? maxTime, maxTime), null),
      leftOut: list.blocks.length - blocks.length,
    },
  };
}
