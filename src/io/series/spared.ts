import { DAY, type Millis } from '../../core/base/time.ts';
import type { BlockFolder } from './block-folder.ts';

/** The blocks that stay although their time is over; with one of a day all of that day, so that a day is there as a whole or not at all. */
export function sparedBlocks(folder: BlockFolder, now: Millis): ReadonlySet<string> {
  const spared = new Set(folder.list.blocks.filter(({ keptUntil = now }) => keptUntil > now).map(({ name }) => name));
  if (spared.size === 0) return spared;
  const days = new Set<number>();
  const { blocks } = folder;
  for (const block of blocks) if (spared.has(block.name)) for (const day of daysOf(block)) days.add(day);
  for (const block of blocks) if (daysOf(block).some((day) => days.has(day))) spared.add(block.name);
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
