import {
  cleanTombstones,
  countSamples,
  deleteSamples,
  listSnapshots,
  removeSnapshot,
  type SeriesCommands,
  takeSnapshot,
} from '../engine/commands/series.ts';
import type { KeepingPart } from '../server/keeping-part.ts';

/** What administrators may do with samples, as the HTTP API asks for it. */
export function keepingPart(commands: SeriesCommands): KeepingPart {
  return {
    count: (wish) => countSamples(commands, wish),
    delete: (by, wish) => deleteSamples(commands, by, wish),
    clean: (by) => cleanTombstones(commands, by),
    snapshot: (by, wish) => takeSnapshot(commands, by, wish),
    snapshots: () => listSnapshots(commands),
    removeSnapshot: (by, name) => removeSnapshot(commands, by, name),
  };
}
