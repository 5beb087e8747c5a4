import type { FastifyInstance } from 'fastify';
import { tokens, users } from '../../contract/api/account.ts';
import { changeUser, inviteUser, listUsers, renewLink } from '../../engine/commands/accounts.ts';
import { createToken, listTokens, revokeToken } from '../../engine/commands/tokens.ts';
import type { ServerParts } from '../parts.ts';
import { registerAll } from '../register.ts';

/** People and tokens. */
export function registerAccounts(server: FastifyInstance, parts: ServerParts): void {
  registerAll(server, users, {
    list: async () => ({ ok: { items: await listUsers(parts) } }),
    add: ({ principal, body }) => inviteUser(parts, principal, body),
    change: ({ principal, params, body }) => changeUser(parts, principal, params.name, body),
    link: ({ principal, params }) => renewLink(parts, principal, params.name),
  });
  registerAll(server, tokens, {
    list: async () => ({ ok: { items: await listTokens(parts) } }),
    create: ({ principal, body }) => createToken(parts, principal, body),
    revoke: ({ principal, params }) => revokeToken(parts, principal, params.id),
  });
}
