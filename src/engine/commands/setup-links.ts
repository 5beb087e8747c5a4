import type { SetupLink, User } from '../../core/access/account.ts';
import { SYSTEM, type Actor, type Role } from '../../core/access/actor.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { DAY, type Millis } from '../../core/base/time.ts';
import type { Found, Row, Write } from '../../core/change/change.ts';
import { decideAgain, roleOf, roleToKeep, type Accounts } from './credentials.ts';
import { dropSessions, newSession, type OpenedSession } from './sessions.ts';

/** A link that nobody used is void after this time. */
const LINK_LIFE: Millis = DAY;
const FIRST_ADMINISTRATOR = 'admin';

/** Whether there is nobody yet who could administer the server. */
export async function needsSetup({ world, settings }: Accounts): Promise<boolean> {
  return !(await world.store.users()).some(({ value }) => isAdministrator(value, settings));
}

/** Someone who can sign in and administer. */
export function isAdministrator(user: User, settings: Accounts['settings']): boolean {
  return roleOf(user, settings()) === 'admin' && !user.disabled && user.passwordHash !== null;
}

/**
 * At every start: where nobody can administer, either the given password makes the user `admin`, or a new one-time link is made, which voids
 * the earlier ones. Gives the link, or null where none is needed.
 */
export async function ensureFirstAdministrator(accounts: Accounts, password: string | null): Promise<string | null> {
  if (!(await needsSetup(accounts))) return null;
  const { world, credentials } = accounts;
  const hash = password === null ? null : await credentials.hashPassword(password);
  return decideAgain(async () => {
    const now = world.clock.now();
    if (hash === null) {
      const made = await newLink(accounts, { purpose: 'administrator', user: null, role: 'admin' }, now);
      const why = 'the server waits for its first administrator';
      const done = await world.store.commit({ at: now, who: SYSTEM, why, about: ['setup'], writes: made.writes });
      return done === 'stale' ? 'stale' : made.link;
    }
    const row = await world.store.load('user', FIRST_ADMINISTRATOR);
    const user: User = { ...(row.value ?? newUser(FIRST_ADMINISTRATOR, 'admin', now)), role: 'admin', passwordHash: hash, disabled: false };
    const about = [`user/${user.name}`];
    const writes: readonly Write[] = [{ op: 'put', row, value: user }];
    const done = await world.store.commit({ at: now, who: SYSTEM, why: 'administrator from the environment', about, writes });
    return done === 'stale' ? 'stale' : null;
  });
}

export function newUser(name: string, role: Role, now: Millis): User {
  return {
    name,
    role,
    email: null,
    passwordHash: null,
    createdAt: now,
    lastLoginAt: null,
    failures: 0,
    lockedUntil: null,
    disabled: false,
  };
}

/** The writes of a new link, which voids the earlier ones for the same; the secret stands behind `#`, where no log of a server or proxy sees it. */
export async function newLink(
  { world, settings, credentials }: Accounts,
  to: Pick<SetupLink, 'purpose' | 'user' | 'role'>,
  now: Millis,
): Promise<{ readonly link: string; readonly writes: readonly Write[] }> {
  const secret = credentials.secret();
  const id = credentials.digest(secret);
  const value: SetupLink = { id, ...to, createdAt: now, expiresAt: now + LINK_LIFE, usedAt: null };
  const old = (await world.store.setupLinks()).filter((row) => isReplaced(row, to, now));
  const writes: Write[] = old.map((row) => ({ op: 'drop', row }));
  writes.push({ op: 'put', row: { table: 'setup', id, version: 0, value: null }, value });
  return { link: `${settings().server.externalUrl}/setup#${secret}`, writes };
}

function isReplaced({ value }: Found<'setup'>, by: Pick<SetupLink, 'purpose' | 'user'>, now: Millis): boolean {
  return now >= value.expiresAt || (value.purpose === by.purpose && value.user === by.user);
}

/** What a link is for, or why it cannot be used. */
export async function describeLink({ world, credentials }: Accounts, secret: string): Promise<Result<SetupLink>> {
  const row = await world.store.load('setup', credentials.digest(secret));
  const reason = whyVoid(row, world.clock.now());
  return row.value === null || reason !== null ? refuse('not_found', reason ?? 'unknown link') : { ok: row.value };
}

function whyVoid({ value }: Row<'setup'>, now: Millis): string | null {
  if (value === null) return 'This link is unknown, or a newer one replaced it.';
  if (value.usedAt !== null) return 'This link has been used.';
  return now >= value.expiresAt ? 'This link has expired.' : null;
}

export interface LinkUse {
  readonly secret: string;
  /** Chosen by the first administrator; else the link says who it is for. */
  readonly name: string | null;
  readonly password: string;
}

/** Uses a link: creates the administrator or sets the password, ends the person's other sessions and opens one. */
export async function useLink(accounts: Accounts, use: LinkUse): Promise<Result<OpenedSession>> {
  const { world, credentials } = accounts;
  const described = await describeLink(accounts, use.secret);
  if ('error' in described) return described;
  const passwordHash = await credentials.hashPassword(use.password);
  return decideAgain(async () => {
    const now = world.clock.now();
    const row = await world.store.load('setup', credentials.digest(use.secret));
    const reason = whyVoid(row, now);
    if (row.value === null || reason !== null) return refuse('not_found', reason ?? 'unknown link');
    const link = row.value;
    const decided = await decideUser(accounts, link, use.name, now);
    if ('error' in decided) return decided;
    const user: User = { ...decided.ok.user, passwordHash, failures: 0, lockedUntil: null, lastLoginAt: now };
    const opened = newSession(accounts, user, now);
    const writes: Write[] = [
      { op: 'put', row, value: { ...link, usedAt: now } },
      { op: 'put', row: decided.ok.row, value: user },
      ...(await dropSessions(world, user.name)),
      opened.write,
    ];
    const who: Actor = { kind: 'user', name: user.name };
    const why = link.purpose === 'administrator' ? 'became the first administrator' : 'set a password with a one-time link';
    const done = await world.store.commit({ at: now, who, why, about: [`user/${user.name}`], writes });
    return done === 'stale' ? 'stale' : { ok: opened.session };
  });
}

async function decideUser(
  accounts: Accounts,
  link: SetupLink,
  chosen: string | null,
  now: Millis,
): Promise<Result<{ readonly row: Row<'user'>; readonly user: User }>> {
  const { world, settings } = accounts;
  const name = link.user ?? chosen;
  if (name === null) return refuse('bad_request', 'Choose a name.', [{ path: 'name', message: 'is missing' }]);
  const row = await world.store.load('user', name);
  if (link.purpose === 'administrator') {
    if (!(await needsSetup(accounts))) return refuse('conflict', 'There is an administrator already.');
    const role = settings().users.get(name)?.role;
    if (role !== undefined && role !== 'admin') return refuse('conflict', `A file defines ${name} as ${role}; choose another name.`);
    return { ok: { row, user: { ...(row.value ?? newUser(name, link.role, now)), role: 'admin', disabled: false } } };
  }
  if (row.value?.disabled === true) return refuse('forbidden', 'This account is disabled.');
  return { ok: { row, user: row.value ?? newUser(name, roleToKeep(name, link.role, settings()), now) } };
}
