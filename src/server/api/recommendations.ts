import type { recommendations } from '../../contract/api/recommendations.ts';
import { alertHost, type Alert } from '../../core/alerts/alert.ts';
import type { Result } from '../../core/base/result.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Advice, Document } from '../../core/recommendations/recommendation.ts';
import { judgeAdvice } from '../../engine/commands/recommendations.ts';
import type { World } from '../../world.ts';
import type { Asked, Verbs } from '../parts.ts';

/** The length of a configured document in bytes, null when the file is not there. */
export type DocumentSize = (document: Document) => Promise<number | null>;

export interface RecommendationsContext {
  readonly world: Pick<World, 'store' | 'clock'>;
  readonly settings: () => Settings;
  readonly documentSize: DocumentSize;
}

export function recommendationVerbs(context: RecommendationsContext): Verbs<typeof recommendations> {
  const { world, settings, documentSize } = context;
  const view = async (advice: Advice) => {
    const alert = await world.store.load('alert', advice.alert);
    return viewAdvice(advice, alert.value, settings(), documentSize);
  };
  const say = (state: 'acknowledged' | 'helped' | 'did not help') => async (asked: Asked<(typeof recommendations)['helped']>) => {
    const said = await judgeAdvice(world, { principal: asked.principal, advice: asked.params.id, state, comment: asked.body.comment });
    const answer: Result<Awaited<ReturnType<typeof view>>> = 'error' in said ? said : { ok: await view(said.ok) };
    return answer;
  };
  return {
    list: async ({ query }) => {
      const { active, alert, cursor, limit } = query;
      const page = await world.store.findAdvice({ limit, open: active === 'true' ? true : undefined, alert, cursor });
      return { ok: { items: await Promise.all(page.items.map(view)), next: page.next } };
    },
    acknowledge: (asked) => say('acknowledged')({ ...asked, params: asked.params }),
    helped: (asked) => say('helped')(asked),
    didNotHelp: (asked) => say('did not help')({ ...asked, params: asked.params }),
  };
}

/** A recommendation as it is shown for an alert; one that left the configuration keeps its name. */
export async function viewAdvice(...[advice, alert, settings, documentSize]: [Advice, Alert | null, Settings, DocumentSize]) {
  const defined = settings.recommendations.get(advice.recommendation);
  const documents = (defined?.documents ?? []).map(async (document, index) => ({
    name: document.name,
    url: `/api/recommendations/${encodeURIComponent(advice.id)}/documents/${index}`,
    bytes: await documentSize(document),
  }));
  return {
    id: advice.id,
    recommendation: advice.recommendation,
    title: defined?.title ?? advice.recommendation,
    responsible: defined?.responsible ?? '',
    contact: defined?.contact ?? '',
    instructions: defined?.instructions ?? 'This recommendation is no longer in the configuration.',
    documents: await Promise.all(documents),
    alert: advice.alert,
    alertName: alert?.labels['alertname'] ?? 'alert',
    alertState: alert?.state ?? 'resolved',
    host: alert === null ? null : alertHost(alert.labels),
    state: advice.state,
    by: advice.by,
    comment: advice.comment,
    openedAt: advice.openedAt,
    closedAt: advice.closedAt,
  };
}
