import { queryOptions } from '@tanstack/react-query';
import { answer, client, setCsrf } from './client.ts';
import { keys } from './keys.ts';
import type { Me, Role } from './types.ts';

export interface Session {
  readonly me: Me | null;
  readonly needsSetup: boolean;
  readonly version: string;
}

export interface LinkPurpose {
  readonly purpose: 'administrator' | 'password';
  readonly user: string | null;
  readonly role: Role;
}

/** Who is signed in. Every answer brings the token that changes need. */
export const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await answer(client.GET('/api/session', { signal }));
    setCsrf(session.me?.csrf ?? null);
    return session;
  },
  staleTime: 60_000,
});

/** Whether the person may do this: `run`, `decide`, `administer`... as the server's access rules name it. */
export function may(me: Me | null | undefined, verb: string): boolean {
  return me?.may.includes(verb) ?? false;
}

export function signIn(name: string, password: string): Promise<Me> {
  return answer(client.POST('/api/session/login', { body: { name, password } }));
}

export function signOut(): Promise<unknown> {
  return answer(client.POST('/api/session/logout'));
}

export function linkPurpose(secret: string): Promise<LinkPurpose> {
  return answer(client.POST('/api/session/link', { body: { secret } }));
}

export function redeemLink(secret: string, name: string | null, password: string): Promise<Me> {
  return answer(client.POST('/api/session/setup', { body: { secret, password, ...(name !== null && { name }) } }));
}

export function changePassword(current: string, next: string): Promise<unknown> {
  return answer(client.POST('/api/session/password', { body: { current, next } }));
}
