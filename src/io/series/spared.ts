import { DAY, type Millis } from '../../core/base/time.ts';
import type { BlockFolder } from './block-folder.ts';
import type { Holds } from './holds.ts';

/** The blocks before a moment that stay although their time is over; with one of a day all of that day, so that a day is there as a whole or not at all. */
export function sparedBlocks(
  { blocks: folder, holds }: { readonly blocks: BlockFolder; readonly holds: Holds },
  { now, before }: { readonly now: Millis; readonly before: Millis },
): ReadonlySet<string> {
  const { blocks } = folder;
  const opened = new Map(blocks.map((block) => [block.name, block]));
  const spared = new Set<string>();
  for (const { name, maxTime, roots = [], keptUntil = now } of folder.list.blocks) {
    if (maxTime >= before) continue;
    const block = opened.get(name);
    const minTime = roots.reduce((least, [, from]) => Math.min(least, from), roots.length === 0 ? Number.MIN_SAFE_INTEGER : maxTime);
    if (keptUntil > now || (block === undefined ? holds.mayHold(minTime, maxTime) : holds.holds(block))) spared.add(name);
  }
  if (spared.size === 0) return spared;
  const days = new Set(blocks.filter(({ name }) => spared.has(name)).flatMap((block) => daysOf(block)));
  for (const block of blocks) if (block.maxTime < before && daysOf(block).some((day) => days.has(day))) spared.add(block.name);
  return spared;
}

/** The days before a moment whose samples are still there. */
export function sparedDays(folder: BlockFolder, before: Millis): readonly { readonly from: Millis; readonly until: Millis }[] {
  const days = new Set(folder.blocks.flatMap((block) => daysOf(block)));
  return [...days].filter((day) => (day + 1) * DAY <= before).map((day) => ({ from: day * DAY, until: (day + 1) * DAY }));
}

function daysOf({ minTime, maxTime }: { readonly minTime: Millis; readonly maxTime: Millis }): readonly number[] {
  const first = Math.floor(minTime / DAY);
  return Array.from({ length: Math.floor(maxTime / DAY) - first + 1 }, (_, i) => first + i);
}
