import { whyDenied } from '../../core/access/allow.ts';
import type { Principal } from '../../core/access/actor.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Advice } from '../../core/recommendations/recommendation.ts';
import type { World } from '../../world.ts';
import { decideAndCommit, find, put } from '../change.ts';

export interface SaidToAdvice {
  readonly principal: Principal;
  readonly advice: string;
  readonly state: 'acknowledged' | 'helped' | 'did not help';
  readonly comment: string;
}

/** A person follows a recommendation, or says whether it helped; that may be said, and said otherwise, also after the alert is over. */
export async function judgeAdvice(world: Pick<World, 'store' | 'clock'>, said: SaidToAdvice): Promise<Result<Advice>> {
  const denied = whyDenied(said.principal, 'acknowledge');
  if (denied !== null) return refuse('forbidden', denied);
  return decideAndCommit<Result<Advice>>(world, async () => {
    const row = await find(world.store, 'advice', said.advice);
    if (row === null) return { change: null, answer: refuse('not_found', `There is no recommendation ${said.advice.slice(0, 100)}.`) };
    if (said.state === 'acknowledged' && row.value.state !== 'active') {
      return { change: null, answer: refuse('conflict', `It is ${row.value.state} already.`) };
    }
    const now = world.clock.now();
    const closedAt = said.state === 'acknowledged' ? null : (row.value.closedAt ?? now);
    const advice: Advice = { ...row.value, state: said.state, by: said.principal.actor.name, comment: said.comment, closedAt };
    const why = `recommendation ${advice.recommendation}: ${said.state}${said.comment === '' ? '' : `: ${said.comment}`}`;
    const about = [`advice/${row.id}`, `alert/${advice.alert}`];
    return { change: { who: said.principal.actor, why, about, writes: [put(row, advice)] }, answer: { ok: advice } };
  });
}
