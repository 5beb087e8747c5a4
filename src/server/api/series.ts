import type { series } from '../../contract/api/series.ts';
import type { AnswerOf } from '../../contract/infer.ts';
import { refuse } from '../../core/base/result.ts';
import type { SnapshotView } from '../../engine/commands/series.ts';
import type { KeepingPart } from '../keeping-part.ts';
import type { Verbs } from '../parts.ts';
import { parseSelectors } from './selectors.ts';

export type SeriesDocument = AnswerOf<typeof series.status>;

export interface SeriesContext {
  /** `top`: how many of each list of the largest. */
  readonly describe: (top: number) => Promise<SeriesDocument>;
  readonly keeping: KeepingPart;
}

export function seriesVerbs({ describe, keeping }: SeriesContext): Verbs<typeof series> {
  return {
    status: async ({ query }) => ({ ok: await describe(query.top) }),
    delete: async ({ principal, body }) => {
      const { match, start, end, reason, dryRun } = body;
      const selectors = parseSelectors(match);
      if ('error' in selectors) return selectors;
      const from = start ?? Number.MIN_SAFE_INTEGER;
      const to = end ?? Number.MAX_SAFE_INTEGER;
      if (from > to) return refuse('bad_request', 'The end is before the start.');
      const wish = { texts: match, selectors: selectors.ok, from, to };
      const found = dryRun ? await keeping.count(wish) : await keeping.delete(principal, { ...wish, reason });
      return 'error' in found ? found : { ok: { ...found.ok, deleted: !dryRun } };
    },
    clean: ({ principal }) => keeping.clean(principal),
    snapshots: async () => {
      const listed = await keeping.snapshots();
      return 'error' in listed ? listed : { ok: { items: listed.ok.map(viewSnapshot) } };
    },
    snapshot: async ({ principal, body }) => {
      const { name = null, skipHead, withCold } = body;
      if (skipHead && withCold) return refuse('bad_request', 'Give skipHead or withCold, not both.');
      const made = await keeping.snapshot(principal, { name, scope: withCold ? 'cold too' : skipHead ? 'blocks' : 'all' });
      return 'error' in made ? made : { ok: viewSnapshot(made.ok) };
    },
    removeSnapshot: ({ principal, params }) => keeping.removeSnapshot(principal, params.name),
  };
}

function viewSnapshot(snapshot: SnapshotView) {
  return { ...snapshot, coldPlace: snapshot.leftOut === 0 ? null : (snapshot.coldPlace ?? null) };
}
