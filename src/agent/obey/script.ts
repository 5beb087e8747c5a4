import { join } from 'node:path';
import type { RunOrder } from './refuse.ts';
import type { Doors } from './doors.ts';

/** Beside the files of the runs; what an agent that died has left there is removed by the next one. */
export const SCRIPT_SUFFIX = '.script';

interface Place {
  readonly doors: Pick<Doors, 'files' | 'log'>;
  /** The agent's data folder. */
  readonly folder: string;
  readonly runAs?: { readonly uid: number };
}

/** The argument vector to start: the script of the order lies in a file of its own, readable by nobody else. */
export async function placeScript(
  order: RunOrder,
  place: Place,
): Promise<{ readonly argv: readonly string[] } | { readonly reason: string }> {
  const { script, argv } = order;
  if (script === null) return { argv };
  if (place.runAs !== undefined) return { reason: 'This agent runs its commands as another user, who could not read the script.' };
  const path = pathOf(order, place);
  try {
    await place.doors.files.writeWhole(path, Buffer.from(script.content));
    return { argv: argv.with(script.at, path) };
  } catch (error) {
    return { reason: `The script could not be written: ${String(error)}` };
  }
}

export async function removeScript(order: RunOrder, place: Place): Promise<void> {
  if (order.script === null) return;
  try {
    await place.doors.files.remove(pathOf(order, place));
  } catch (error) {
    place.doors.log.error('the script of a run could not be removed', { run: order.run, error: String(error) });
  }
}

function pathOf({ run }: RunOrder, { folder }: Place): string {
  return join(folder, 'runs', `${run}${SCRIPT_SUFFIX}`);
}
