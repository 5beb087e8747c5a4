import { randomUUID } from 'node:crypto';
import type { Millis } from '../../core/base/time.ts';
import { compileMatcher, type CompiledMatcher } from '../../core/promql/matcher.ts';
import type { Head } from '../../core/series/head.ts';
import type { PartSource } from '../../core/series/part-source.ts';
import { type DeletionAsk, deletedRefs, type Deletion, encodeDeletion } from './deletion.ts';
import type { Journal } from './journal.ts';
import type { Keeper } from './keeper.ts';
import { pauses } from './pauses.ts';

/** The parts of the store that hold samples. */
interface Holders {
  readonly head: Head;
  readonly keeper: Keeper;
}

/** What a deletion is, or would be, about. */
export interface Deleted {
  readonly series: number;
  readonly samples: number;
}

/** Why nothing was deleted; `held`: because it may not be. */
export interface DeletionRefusal {
  readonly error: string;
  readonly held: boolean;
}

/** Deletions that wait for blocks to be rewritten; each costs every reader of these blocks a little. */
const PENDING_LIMIT = 1_000;
const SOURCE = 'tocsin';

/** How many series and samples a deletion would be about; read in slices, so that writes never wait for long. */
export async function countDeletion({ source, keeper }: Holders & { readonly source: PartSource }, ask: DeletionAsk): Promise<Deleted> {
  const pause = pauses();
  const seen = new Set<number>();
  let samples = 0;
  keeper.blocks.hold();
  try {
    for (const matchers of ask.selectors) {
      const compiled = matchers.map((matcher) => compileMatcher(matcher).value);
      if (!compiled.every((matcher): matcher is CompiledMatcher => matcher !== null)) continue;
      const selection = source.begin(compiled, { from: ask.from, to: ask.to, instants: undefined });
      for (const ref of selection.refs) {
        if (seen.has(ref)) continue;
        const pausing = pause();
        if (pausing !== null) await pausing;
        source.read(ref, selection);
        if (source.columns.size === 0) continue;
        seen.add(ref);
        samples += source.columns.size;
      }
    }
  } finally {
    keeper.blocks.release();
  }
  return { series: seen.size, samples };
}

/**
 * Deletes samples: true for every query when it resolves, and for good. The journal says so first, behind everything that was answered
 * before, so that replay takes away what came before it and nothing that comes after. `held` lets nothing be written meanwhile.
 */
export async function deleteSamples(
  engine: Holders & { readonly journal: Journal },
  ask: DeletionAsk & { readonly at: Millis },
  held: <T>(work: () => Promise<T>) => Promise<T>,
): Promise<string | { readonly held: string } | null> {
  const { keeper, journal } = engine;
  return keeper.alone(() =>
    held(async () => {
      const { blocks, holds, tiers } = keeper;
      const held = holds.whyNot(ask, [...blocks.blocks, ...keeper.unwritten, ...(tiers?.files ?? [])]);
      if (held !== null) return { held };
      if (blocks.deletions.length >= PENDING_LIMIT)
        return `${PENDING_LIMIT} deletions wait for blocks to be rewritten: clean tombstones first`;
      const deletion: Deletion = { ...ask, id: randomUUID(), upToBlock: blocks.lastNumber };
      const problem = journal.append({ encoding: 'deletion', protocol: 1, at: ask.at, source: SOURCE, body: encodeDeletion(deletion) });
      if (problem !== null) return `the journal cannot be written: ${problem}`;
      await applyDeletion(engine, deletion);
      blocks.saveDeletions();
      await journal.sync();
      return null;
    }),
  );
}

/** Takes the samples away in memory and hides them in blocks. */
async function applyDeletion(engine: Holders, deletion: Deletion): Promise<void> {
  const { head, keeper } = engine;
  const pause = pauses();
  const refs = deletedRefs(head, deletion);
  keeper.blocks.addDeletion(deletion, refs);
  keeper.tiers?.folder.delete(deletion, refs);
  for (const ref of refs) {
    takeAway(engine, ref, deletion);
    const pausing = pause();
    if (pausing !== null) await pausing;
  }
}

/** The same at once, while the journal is replayed. */
export function replayDeletion(engine: Holders, deletion: Deletion): void {
  const refs = deletedRefs(engine.head, deletion);
  engine.keeper.blocks.addDeletion(deletion, refs);
  engine.keeper.tiers?.folder.delete(deletion, refs);
  for (const ref of refs) takeAway(engine, ref, deletion);
}

function takeAway({ head, keeper }: Holders, ref: number, { from, to }: Deletion): void {
  head.remove(ref, from, to);
  const known = head.newestOf(ref);
  if (known <= to) head.settleNewest(ref, keeper.blocks.newestOf(ref, known));
}
