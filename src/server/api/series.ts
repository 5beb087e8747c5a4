import type { series } from '../../contract/api/series.ts';
import type { AnswerOf } from '../../contract/infer.ts';
import type { Verbs } from '../parts.ts';

export type SeriesDocument = AnswerOf<typeof series.status>;

export interface SeriesContext {
  /** `top`: how many of each list of the largest. */
  readonly describe: (top: number) => Promise<SeriesDocument>;
}

export function seriesVerbs({ describe }: SeriesContext): Verbs<typeof series> {
  return {
    status: async ({ query }) => ({ ok: await describe(query.top) }),
  };
}
