import type { Session, User } from '../../core/access/account.ts';
import type { Actor, Principal } from '../../core/access/actor.ts';
import { lockedUntil, stepFailure, type Failures } from '../../core/access/lockout.ts';
import { isLive, openSession, stepUse } from '../../core/access/session.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { SECOND, type Millis } from '../../core/base/time.ts';
import type { Found, Row, Write } from '../../core/change/change.ts';
import type { World } from '../../world.ts';
import { commitQuietly, decideAgain, principalOf, type Accounts } from './credentials.ts';

/** A session with the secret for its cookie: the only moment at which the secret is known. */
export interface OpenedSession {
  readonly secret: string;
  readonly session: Session;
  readonly principal: Principal;
}

/** What logins remember in memory: failures under names that nobody has, and a hash to verify against for them. */
export interface LoginMemory {
  readonly unknown: Map<string, Failures>;
  decoy: Promise<string> | null;
}

export function newLoginMemory(): LoginMemory {
  return { unknown: new Map(), decoy: null };
}

const MOST_UNKNOWN_NAMES = 1_000;
const MOST_SESSIONS = 20;
const WRONG = 'Name or password is wrong.';

/**
 * Signs in. A name that nobody has takes as long and locks in the same way as one that somebody has, so that neither time nor text tells
 * which names exist.
 */
export async function login(
  accounts: Accounts,
  memory: LoginMemory,
  given: { readonly name: string; readonly password: string },
): Promise<Result<OpenedSession>> {
  const { world, credentials } = accounts;
  const before = await world.store.load('user', given.name);
  const failures = before.value ?? memory.unknown.get(given.name) ?? { failures: 0, lockedUntil: null };
  const until = lockedUntil(failures, world.clock.now());
  if (until !== null) return locked(until - world.clock.now());
  const hash = before.value?.passwordHash ?? null;
  memory.decoy ??= credentials.hashPassword(credentials.secret());
  const good = await credentials.verifyPassword(given.password, hash ?? (await memory.decoy));
  if (before.value === null) {
    remember(memory, given.name, stepFailure(failures, world.clock.now()));
    return refuse('unauthenticated', WRONG);
  }
  return decideAgain(async () => {
    const row = await world.store.load('user', given.name);
    if (row.value === null) return refuse('unauthenticated', WRONG);
    const user = row.value;
    const fits = good && hash !== null && user.passwordHash === hash && !user.disabled;
    return fits ? succeed(accounts, row, user) : fail(accounts, row, user);
  });
}

async function fail({ world }: Accounts, row: Row<'user'>, user: User): Promise<Result<never> | 'stale'> {
  const now = world.clock.now();
  const writes: readonly Write[] = [{ op: 'put', row, value: { ...user, ...stepFailure(user, now) } }];
  const done = await world.store.commit({ at: now, who: actorOf(user), why: 'login failed', about: [`user/${user.name}`], writes });
  return done === 'stale' ? 'stale' : refuse('unauthenticated', WRONG);
}

async function succeed(accounts: Accounts, row: Row<'user'>, user: User): Promise<Result<OpenedSession> | 'stale'> {
  const { world } = accounts;
  const now = world.clock.now();
  const opened = newSession(accounts, user, now);
  const value: User = { ...user, failures: 0, lockedUntil: null, lastLoginAt: now };
  const sessions = await world.store.sessions(user.name);
  const writes: Write[] = [{ op: 'put', row, value }, ...superfluous(sessions, now), opened.write];
  const done = await world.store.commit({ at: now, who: actorOf(user), why: 'signed in', about: [`user/${user.name}`], writes });
  return done === 'stale' ? 'stale' : { ok: opened.session };
}

/** Expired sessions, and the ones used longest ago where a person has too many. */
function superfluous(sessions: readonly Found<'session'>[], now: Millis): Write[] {
  const live = sessions.filter(({ value }) => isLive(value, now)).toSorted((a, b) => b.value.lastUsedAt - a.value.lastUsedAt);
  const kept = new Set(live.slice(0, MOST_SESSIONS - 1).map((row) => row.id));
  return sessions.filter((row) => !kept.has(row.id)).map((row) => ({ op: 'drop', row }));
}

function remember({ unknown }: LoginMemory, name: string, failures: Failures): void {
  unknown.delete(name);
  unknown.set(name, failures);
  const oldest = unknown.keys().next();
  if (unknown.size > MOST_UNKNOWN_NAMES && oldest.done !== true) unknown.delete(oldest.value);
}

function locked(wait: Millis): Result<never> {
  return refuse('too_many_requests', `Too many wrong passwords: wait ${Math.ceil(wait / SECOND)} seconds.`);
}

function actorOf(user: User): Actor {
  return { kind: 'user', name: user.name };
}

/** A session and the write that makes it. */
export function newSession(
  { settings, credentials }: Accounts,
  user: User,
  now: Millis,
): { readonly session: OpenedSession; readonly write: Write } {
  const secret = credentials.secret();
  const session = openSession(user.name, { id: credentials.digest(secret), csrf: credentials.secret() }, now);
  return {
    session: { secret, session, principal: principalOf(user, settings()) },
    write: { op: 'put', row: { table: 'session', id: session.id, version: 0, value: null }, value: session },
  };
}

/** Who a session's secret belongs to; null when it is none, has ended, or the person may not sign in any more. */
export async function authenticateSession(
  { world, settings, credentials }: Accounts,
  secret: string,
): Promise<{ readonly principal: Principal; readonly session: Session } | null> {
  const row = await world.store.load('session', credentials.digest(secret));
  const now = world.clock.now();
  if (row.value === null || !isLive(row.value, now)) return null;
  const session = row.value;
  const user = (await world.store.load('user', session.user)).value;
  if (user === null || user.disabled) return null;
  const used = stepUse(session, now);
  if (used !== null) await commitQuietly(world, { at: now, who: actorOf(user), why: 'session used' }, { op: 'put', row, value: used });
  return { principal: principalOf(user, settings()), session };
}

/** Signs out. */
export async function closeSession({ world }: Accounts, session: Session): Promise<void> {
  const who: Actor = { kind: 'user', name: session.user };
  await decideAgain(async () => {
    const row = await world.store.load('session', session.id);
    if (row.value === null) return 'done';
    const writes: readonly Write[] = [{ op: 'drop', row }];
    return world.store.commit({ at: world.clock.now(), who, why: 'signed out', about: [`user/${session.user}`], writes });
  });
}

/** The writes that end every session of a person, but one. */
export async function dropSessions({ store }: Pick<World, 'store'>, user: string, except: string | null = null): Promise<Write[]> {
  const sessions = await store.sessions(user);
  return sessions.filter((row) => row.id !== except).map((row) => ({ op: 'drop', row }));
}

/** Changes the own password and ends the other sessions. A wrong current password counts like a failed login. */
export async function changePassword(
  accounts: Accounts,
  session: Session,
  given: { readonly current: string; readonly next: string },
): Promise<Result<null>> {
  const { world, credentials } = accounts;
  const before = (await world.store.load('user', session.user)).value;
  if (before?.passwordHash === null || before === null) return refuse('not_found', 'There is no such account any more.');
  const until = lockedUntil(before, world.clock.now());
  if (until !== null) return locked(until - world.clock.now());
  const good = await credentials.verifyPassword(given.current, before.passwordHash);
  const passwordHash = good ? await credentials.hashPassword(given.next) : null;
  return decideAgain(async () => {
    const row = await world.store.load('user', session.user);
    if (row.value === null) return refuse('not_found', 'There is no such account any more.');
    const user = row.value;
    if (passwordHash === null || user.passwordHash !== before.passwordHash) return failChange(accounts, row, user);
    const now = world.clock.now();
    const value: User = { ...user, passwordHash, failures: 0, lockedUntil: null };
    const writes: Write[] = [{ op: 'put', row, value }, ...(await dropSessions(world, user.name, session.id))];
    const about = [`user/${user.name}`];
    const done = await world.store.commit({ at: now, who: actorOf(user), why: 'changed the password', about, writes });
    return done === 'stale' ? 'stale' : { ok: null };
  });
}

async function failChange(accounts: Accounts, row: Row<'user'>, user: User): Promise<Result<never> | 'stale'> {
  const failed = await fail(accounts, row, user);
  return failed === 'stale' ? 'stale' : refuse('bad_request', 'The current password is wrong.', [{ path: 'current', message: 'is wrong' }]);
}
