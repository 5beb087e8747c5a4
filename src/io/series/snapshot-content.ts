import { dirname } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import type { Block } from './block-file.ts';
import type { BlockFolder } from './block-folder.ts';
import type { SnapshotContent, SnapshotScope } from './snapshots.ts';

/** What a copy of all that can be read is made of. */
export function snapshotContent(folder: BlockFolder, scope: SnapshotScope = 'all'): SnapshotContent {
  const blocks = folder.blocks.filter(({ isCold }) => !isCold);
  const sum = (of: (block: Block) => number): number => blocks.reduce((total, block) => total + of(block), 0);
  const { list } = folder;
  const listed = new Map(list.blocks.map((one) => [one.name, one]));
  const names = new Set(blocks.map(({ name }) => name));
  const cold = scope === 'cold too' ? folder.blocks.filter(({ isCold }) => isCold) : [];
  const coldPath = list.blocks.find((one) => one.cold !== undefined)?.cold;
  return {
    blocks: blocks.map(({ path, name }) => ({ path, name })),
    cold: cold.flatMap(({ path, name, minTime, maxTime, plainBytes }) => {
      const one = listed.get(name);
      return one === undefined ? [] : [{ path, name, listed: one, from: minTime, to: maxTime, bytes: plainBytes }];
    }),
    list: { ...list, blocks: list.blocks.filter(({ name }) => names.has(name)) },
    figures: {
      blocks: blocks.length,
      samples: sum(({ footer }) => footer.samples),
      bytes: sum(({ bytes }) => bytes),
      from: blocks[0]?.minTime ?? null,
      to: blocks.reduce<Millis | null>((last, { maxTime }) => Math.max(last ?? maxTime, maxTime), null),
      leftOut: list.blocks.length - blocks.length,
      coldPlace: coldPath === undefined ? null : dirname(coldPath),
    },
  };
}
