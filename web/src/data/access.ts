import { queryOptions } from '@tanstack/react-query';
import { answer, client } from './client.ts';
import { keys } from './keys.ts';
import type { Role, TokenRole } from './types.ts';

export const usersQuery = queryOptions({
  queryKey: keys.users,
  queryFn: ({ signal }) => answer(client.GET('/api/users', { signal })),
});

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: ({ signal }) => answer(client.GET('/api/tokens', { signal })),
});

export function inviteUser(name: string, role: Role, email: string | null) {
  return answer(client.POST('/api/users', { body: { name, role, email } }));
}

export function changeUser(name: string, change: { readonly role?: Role; readonly disabled?: boolean; readonly email?: string | null }) {
  return answer(client.PUT('/api/users/{name}', { params: { path: { name } }, body: change }));
}

export function freshLink(name: string) {
  return answer(client.POST('/api/users/{name}/link', { params: { path: { name } } }));
}

export interface TokenRequest {
  readonly name: string;
  readonly role: TokenRole;
  /** The only actions it may run; null: all that the role allows. */
  readonly actions: string[] | null;
  readonly expiresInMs: number | null;
}

export function createToken(request: TokenRequest) {
  return answer(client.POST('/api/tokens', { body: request }));
}

export function revokeToken(id: string): Promise<unknown> {
  return answer(client.DELETE('/api/tokens/{id}', { params: { path: { id } } }));
}
