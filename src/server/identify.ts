import type { FastifyRequest } from 'fastify';
import type { Principal } from '../core/access/actor.ts';
import { whyAnonymousRefused } from '../core/config/parse-server.ts';
import { authenticateSession } from '../engine/commands/sessions.ts';
import { authenticateToken } from '../engine/commands/tokens.ts';
import { cookieName, readCookie } from './cookies.ts';
import type { Identity } from './identity.ts';
import type { ServerParts } from './parts.ts';

const LONGEST_SECRET = 400;

export async function identify(parts: ServerParts, request: FastifyRequest, basic: boolean): Promise<Identity> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const secret = tokenOf(authorization, basic);
    if (secret === null)
      return { how: 'refused', why: `Send the token as "Authorization: Bearer TOKEN"${basic ? ' or as a password' : ''}.` };
    const principal = await byToken(parts, secret);
    return principal === null ? { how: 'refused', why: 'This token is unknown, revoked or expired.' } : { how: 'token', principal };
  }
  const cookie = readCookie(request.headers.cookie, cookieName(parts.settings()));
  const found = cookie === null || cookie.length > LONGEST_SECRET ? null : await authenticateSession(parts, cookie);
  if (found !== null) return { how: 'session', ...found };
  const anonymous = anonymousPrincipal(parts);
  return anonymous === null ? { how: 'nothing', principal: null } : { how: 'anonymous', principal: anonymous };
}

async function byToken(parts: ServerParts, secret: string): Promise<Principal | null> {
  if (secret.length > LONGEST_SECRET) return null;
  return parts.fixedTokens.get(parts.credentials.digest(secret)) ?? authenticateToken(parts, secret);
}

function tokenOf(authorization: string, basic: boolean): string | null {
  const [, scheme = '', value = ''] = /^([A-Za-z]+) +(\S+)$/.exec(authorization) ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (!basic || scheme.toLowerCase() !== 'basic') return null;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon === -1 ? null : pair.slice(colon + 1);
}

/** What somebody who shows nothing is; the configuration refuses it off loopback, and so does this. */
function anonymousPrincipal(parts: ServerParts): Principal | null {
  const { server } = parts.settings();
  if (server.anonymous === null || whyAnonymousRefused(server) !== null) return null;
  return { actor: { kind: 'anonymous', name: 'anonymous' }, role: server.anonymous, teams: [], actions: null };
}
