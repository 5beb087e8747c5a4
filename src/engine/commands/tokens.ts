import type { Token } from '../../core/access/account.ts';
import type { Principal, Role } from '../../core/access/actor.ts';
import { LAST_USE_PRECISION } from '../../core/access/session.ts';
import type { Problem } from '../../core/base/problem.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Write } from '../../core/change/change.ts';
import { commitQuietly, decideAgain, type Accounts } from './credentials.ts';

/** So that a secret is recognised where it does not belong. */
const PREFIX = 'tocsin_';

/** A token as people see it: without anything to sign in with. */
export type TokenListing = Omit<Token, 'revokedAt'>;

export interface TokenWish {
  readonly name: string;
  readonly role: Role;
  readonly actions: readonly string[] | null;
  readonly expiresInMs: Millis | null;
}

/** Creates a token; its secret is known only here. */
export async function createToken(
  { world, settings, credentials }: Accounts,
  by: Principal,
  wish: TokenWish,
): Promise<Result<{ readonly token: TokenListing; readonly secret: string }>> {
  const problems: Problem[] = [];
  for (const action of wish.actions ?? []) {
    if (!settings().actions.has(action)) problems.push({ path: 'actions', message: `there is no action ${action}` });
  }
  if (wish.actions !== null && wish.role !== 'operator' && wish.role !== 'admin') {
    problems.push({ path: 'role', message: 'a token for certain actions needs the role operator or admin' });
  }
  if (problems.length > 0) return refuse('bad_request', 'This token cannot be made.', problems);
  const now = world.clock.now();
  const taken = (await world.store.tokens()).some(({ value }) => value.name === wish.name && isValid(value, now));
  if (taken) return refuse('conflict', `There is a token ${wish.name} already.`);
  const secret = PREFIX + credentials.secret();
  const token: Token = {
    id: credentials.digest(secret),
    name: wish.name,
    role: wish.role,
    actions: wish.actions,
    createdBy: by.actor.name,
    createdAt: now,
    expiresAt: wish.expiresInMs === null ? null : now + wish.expiresInMs,
    lastUsedAt: null,
    revokedAt: null,
  };
  const writes: readonly Write[] = [{ op: 'put', row: { table: 'token', id: token.id, version: 0, value: null }, value: token }];
  const what = token.actions === null ? token.role : `${token.role}, only for ${token.actions.join(', ')}`;
  await world.store.commit({ at: now, who: by.actor, why: `created the token (${what})`, about: [`token/${token.name}`], writes });
  return { ok: { token: listToken(token), secret } };
}

/** Ends a token at once. */
export async function revokeToken({ world }: Accounts, by: Principal, id: string): Promise<Result<null>> {
  return decideAgain(async () => {
    const row = await world.store.load('token', id);
    const token = row.value;
    if (token === null || token.revokedAt !== null) return refuse('not_found', 'There is no such token.');
    const now = world.clock.now();
    const writes: readonly Write[] = [{ op: 'put', row, value: { ...token, revokedAt: now } }];
    const done = await world.store.commit({ at: now, who: by.actor, why: 'revoked the token', about: [`token/${token.name}`], writes });
    return done === 'stale' ? 'stale' : { ok: null };
  });
}

/** The tokens that were not revoked, newest first. */
export async function listTokens({ world }: Accounts): Promise<readonly TokenListing[]> {
  const live = (await world.store.tokens()).filter(({ value }) => value.revokedAt === null);
  return live.map(({ value }) => listToken(value)).toSorted((a, b) => b.createdAt - a.createdAt);
}

function listToken({ id, name, role, actions, createdBy, createdAt, expiresAt, lastUsedAt }: Token): TokenListing {
  return { id, name, role, actions, createdBy, createdAt, expiresAt, lastUsedAt };
}

/** Who a token's secret speaks for; null when it is none, or not valid any more. */
export async function authenticateToken({ world, credentials }: Accounts, secret: string): Promise<Principal | null> {
  const row = await world.store.load('token', credentials.digest(secret));
  const now = world.clock.now();
  const token = row.value;
  if (token === null || !isValid(token, now)) return null;
  const principal: Principal = { actor: { kind: 'token', name: token.name }, role: token.role, teams: [], actions: token.actions };
  if (token.lastUsedAt === null || now - token.lastUsedAt >= LAST_USE_PRECISION) {
    const write: Write = { op: 'put', row, value: { ...token, lastUsedAt: now } };
    await commitQuietly(world, { at: now, who: principal.actor, why: 'token used' }, write);
  }
  return principal;
}

function isValid(token: Token, now: Millis): boolean {
  return token.revokedAt === null && (token.expiresAt === null || now < token.expiresAt);
}
