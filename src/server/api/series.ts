import type { series } from '../../contract/api/series.ts';
import type { AnswerOf } from '../../contract/infer.ts';
import { refuse } from '../../core/base/result.ts';
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
      return 'error' in listed ? listed : { ok: { items: [...listed.ok] } };
    },
    snapshot: ({ principal, body }) => keeping.snapshot(principal, { name: body.name ?? null, content: body.skipHead ? 'blocks' : 'all' }),
    removeSnapshot: ({ principal, params }) => keeping.removeSnapshot(principal, params.name),
  };
}
