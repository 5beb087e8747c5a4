import { join } from 'node:path';
import { hashText } from '../../core/base/hash.ts';
import type { Files } from '../../io/files.ts';
import type { Doors } from './doors.ts';
import type { RunOrder } from './refuse.ts';
import type { Rights } from './rights.ts';

/** Beside the files of the runs; what an agent that died has left there is removed by the next one. */
export const SCRIPT_SUFFIX = '.script';
/** The agent's data folder is closed to everybody else. Here a user finds the script that runs with its rights, and no other. */
const PASSAGE = '/run/tocsin-agent';

interface Place {
  readonly doors: Pick<Doors, 'files' | 'log'>;
  /** The agent's data folder. */
  readonly folder: string;
}

/** The argument vector to start: the script of the order lies in a file of its own, readable by the user who runs it and nobody else. */
export async function placeScript(
  order: RunOrder,
  place: Place,
  { user }: Pick<Rights, 'user'>,
): Promise<{ readonly argv: readonly string[] } | { readonly reason: string }> {
  const { script, argv } = order;
  if (script === null) return { argv };
  const path = pathOf(order, place, user !== null);
  const { files } = place.doors;
  try {
    if (user !== null) await files.makePassage(PASSAGE);
    await files.writeWhole(path, Buffer.from(script.content), user ?? undefined);
    return { argv: argv.with(script.at, path) };
  } catch (error) {
    return { reason: `The script could not be written: ${String(error)}` };
  }
}

export async function removeScript(order: RunOrder, place: Place, { user }: Pick<Rights, 'user'>): Promise<void> {
  if (order.script === null) return;
  try {
    await place.doors.files.remove(pathOf(order, place, user !== null));
  } catch (error) {
    place.doors.log.error('the script of a run could not be removed', { run: order.run, error: String(error) });
  }
}

/** What an agent on this folder that died has left for other users. */
export async function removeLeftScripts(files: Files, folder: string): Promise<void> {
  // Not there, or not ours: then this agent has left nothing in it.
  const entries = await files.list(PASSAGE).catch(() => []);
  for (const { name } of entries) if (name.startsWith(`${hashText(folder)}-`)) await files.remove(join(PASSAGE, name)).catch(() => {});
}

function pathOf({ run }: RunOrder, { folder }: Place, forOther: boolean): string {
  return forOther ? join(PASSAGE, `${hashText(folder)}-${run}${SCRIPT_SUFFIX}`) : join(folder, 'runs', `${run}${SCRIPT_SUFFIX}`);
}
