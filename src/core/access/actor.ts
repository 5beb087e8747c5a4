/** What a person or machine may do at most. `agent` may deliver its host's facts and nothing else; `ingest` may send samples and alerts. */
export type Role = 'viewer' | 'operator' | 'admin' | 'agent' | 'ingest';

export const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'agent', 'ingest'];

/** Who did something: stands in every change, every run and every audit line. */
export interface Actor {
  readonly kind: 'user' | 'token' | 'anonymous' | 'trigger' | 'system' | 'agent';
  readonly name: string;
}

export const SYSTEM: Actor = { kind: 'system', name: 'tocsin' };

/** An actor as one word: `user:alice`. */
export function formatActor(actor: Actor): string {
  return `${actor.kind}:${actor.name}`;
}

/** Who is asking, as the server found out from cookie or token. */
export interface Principal {
  readonly actor: Actor;
  readonly role: Role;
  readonly teams: readonly string[];
  /** The only actions this token may run; null: all that the role allows. */
  readonly actions: readonly string[] | null;
}
