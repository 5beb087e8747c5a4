import { basename } from 'node:path';
import type { SeriesEngine } from './engine.ts';
import { HOLDS_FILE } from './holds.ts';
import { EXTRAS } from './keeper.ts';

/** Something in the folder of the store that is not what was written; the rest is served. */
export interface Damage {
  /** A file or folder of the store. */
  readonly where: string;
  readonly why: string;
}

/** All that was found damaged since the start; what is damaged inside a block shows when it is read. */
export function damageOf({
  replayed,
  keeper,
  extrasProblem,
}: Pick<SeriesEngine, 'replayed' | 'keeper' | 'extrasProblem'>): readonly Damage[] {
  const { blocks, problems, listProblem } = keeper.blocks;
  const found: Damage[] = [];
  if (replayed.corrupt > 0) {
    const places = replayed.corrupt === 1 ? 'one place' : `${replayed.corrupt} places`;
    found.push({ where: 'journal', why: `damaged at ${places}, ${replayed.corruptBytes} bytes of samples are lost` });
  }
  if (extrasProblem !== null) found.push({ where: EXTRAS, why: extrasProblem });
  if (listProblem !== null) found.push({ where: 'blocks/blocks.json', why: listProblem });
  for (const { name, problem } of problems) found.push({ where: `blocks/${name}`, why: problem });
  for (const { path, damagedChunks } of blocks)
    if (damagedChunks > 0) found.push({ where: `blocks/${basename(path)}`, why: 'some of its chunks are damaged' });
  if (keeper.coldProblem !== null) found.push({ where: 'cold folder', why: keeper.coldProblem });
  if (keeper.holds.problem !== null)
    found.push({ where: HOLDS_FILE, why: `${keeper.holds.problem}; nothing is deleted until it is repaired or removed` });
  const { tiers } = keeper;
  if (tiers === null) return found;
  if (tiers.folder.listProblem !== null) found.push({ where: 'tiers/tiers.json', why: tiers.folder.listProblem });
  for (const { name, problem } of tiers.folder.problems) found.push({ where: `tiers/${name}`, why: problem });
  for (const { path, damagedChunks } of tiers.files)
    if (damagedChunks > 0) found.push({ where: `tiers/${basename(path)}`, why: 'some of its chunks are damaged' });
  return found;
}
