import { answer, client } from './client.ts';

/** What may not be deleted; ends in milliseconds, null where there is none. */
export interface HoldWish {
  readonly name: string;
  readonly match: string[];
  readonly start: number | null;
  readonly end: number | null;
  readonly reason: string;
}

export function holdSamples({ start, end, ...wish }: HoldWish) {
  return answer(client.POST('/api/series/holds', { body: { ...wish, ...(start !== null && { start }), ...(end !== null && { end }) } }));
}

export function liftHold(name: string, reason: string): Promise<unknown> {
  return answer(client.POST('/api/series/holds/{name}/lift', { params: { path: { name } }, body: { reason } }));
}
