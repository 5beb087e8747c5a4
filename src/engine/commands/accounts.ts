import type { User } from '../../core/access/account.ts';
import type { Principal } from '../../core/access/actor.ts';
import { lockedUntil } from '../../core/access/lockout.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Row, Write } from '../../core/change/change.ts';
import type { DefinedUser } from '../../core/config/settings.ts';
import { emailOf } from '../find-person.ts';
import { decideAgain, principalOf, roleOf, roleToKeep, type Accounts } from './credentials.ts';
import { dropSessions } from './sessions.ts';
import { isAdministrator, newLink, newUser } from './setup-links.ts';

type PersonRole = 'viewer' | 'operator' | 'admin';

/** A person as the administrator sees them. */
export interface Person {
  readonly name: string;
  readonly role: PersonRole;
  readonly email: string | null;
  readonly teams: readonly string[];
  readonly state: 'invited' | 'active' | 'locked' | 'disabled';
  readonly createdAt: Millis;
  readonly lastLoginAt: Millis | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** Everybody whom the screen or a file made, by name. */
export async function listUsers({ world, settings }: Accounts): Promise<readonly Person[]> {
  const now = world.clock.now();
  const people = new Map((await world.store.users()).map(({ value }) => [value.name, value]));
  for (const [name, { role }] of settings().users) if (!people.has(name)) people.set(name, newUser(name, role, now));
  return [...people.values()].map((user) => viewPerson(user, settings(), now)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function viewPerson(user: User, settings: ReturnType<Accounts['settings']>, now: Millis): Person {
  const { role, teams } = principalOf(user, settings);
  const source = settings.users.get(user.name)?.source ?? null;
  return {
    name: user.name,
    role: role === 'agent' || role === 'ingest' ? 'viewer' : role,
    email: emailOf(user, settings),
    teams,
    state: stateOf(user, now),
    createdAt: user.createdAt,
    lastLoginAt: user.lastLoginAt,
    file: source?.file ?? null,
    line: source?.line ?? null,
  };
}

function stateOf(user: User, now: Millis): Person['state'] {
  if (user.disabled) return 'disabled';
  if (user.passwordHash === null) return 'invited';
  return lockedUntil(user, now) === null ? 'active' : 'locked';
}

/** Makes a person who sets their password with the one-time link that this gives. */
export async function inviteUser(
  accounts: Accounts,
  by: Principal,
  wish: { readonly name: string; readonly role: PersonRole; readonly email: string | null },
): Promise<Result<{ readonly user: Person; readonly link: string }>> {
  const { world, settings } = accounts;
  return decideAgain(async () => {
    const now = world.clock.now();
    const row = await world.store.load('user', wish.name);
    if (row.value !== null || settings().users.has(wish.name)) return refuse('conflict', `There is a user ${wish.name} already.`);
    const user: User = { ...newUser(wish.name, wish.role, now), email: wish.email };
    const made = await newLink(accounts, { purpose: 'password', user: user.name, role: user.role }, now);
    const writes: Write[] = [{ op: 'put', row, value: user }, ...made.writes];
    const about = [`user/${user.name}`];
    const done = await world.store.commit({ at: now, who: by.actor, why: `invited as ${user.role}`, about, writes });
    return done === 'stale' ? 'stale' : { ok: { user: viewPerson(user, settings(), now), link: made.link } };
  });
}

/** A new one-time link to set the password; the old password stays good until it is used. */
export async function renewLink(accounts: Accounts, by: Principal, name: string): Promise<Result<{ readonly link: string }>> {
  const { world } = accounts;
  return decideAgain(async () => {
    const now = world.clock.now();
    const found = await findUser(accounts, name);
    if (found === null) return refuse('not_found', `There is no user ${name}.`);
    if (found.user.disabled) return refuse('conflict', `${name} is disabled.`);
    const made = await newLink(accounts, { purpose: 'password', user: name, role: found.user.role }, now);
    const change = { at: now, who: by.actor, why: 'made a one-time link to set the password', about: [`user/${name}`] };
    return (await world.store.commit({ ...change, writes: made.writes })) === 'stale' ? 'stale' : { ok: { link: made.link } };
  });
}

/** The row of a person; somebody whom only a file defines has none yet. */
async function findUser({ world, settings }: Accounts, name: string): Promise<{ row: Row<'user'>; user: User } | null> {
  const row = await world.store.load('user', name);
  if (row.value !== null) return { row, user: row.value };
  const defined = settings().users.get(name);
  return defined === undefined ? null : { row, user: newUser(name, roleToKeep(name, defined.role, settings()), world.clock.now()) };
}

export interface UserChange {
  readonly role?: PersonRole | undefined;
  readonly disabled?: boolean | undefined;
  /** Null: no mail reaches them any more. */
  readonly email?: string | null | undefined;
}

/** Changes the role or the mail address, or disables and enables. Somebody who can administer always remains; a file's word is changed in the file. */
export async function changeUser(accounts: Accounts, by: Principal, name: string, change: UserChange): Promise<Result<Person>> {
  const { world, settings } = accounts;
  return decideAgain(async () => {
    const now = world.clock.now();
    const found = await findUser(accounts, name);
    if (found === null) return refuse('not_found', `There is no user ${name}.`);
    const { row, user } = found;
    const defined = settings().users.get(name);
    const written = defined === undefined ? null : whyWritten(defined, name, change);
    if (written !== null) return refuse('conflict', written);
    const email = change.email === undefined ? user.email : change.email;
    const next: User = { ...user, email, role: change.role ?? user.role, disabled: change.disabled ?? user.disabled };
    const said = describe(user, next);
    if (said === '') return { ok: viewPerson(user, settings(), now) };
    const writes: Write[] = [{ op: 'put', row, value: next }];
    if (isAdministrator(user, settings) && !isAdministrator(next, settings)) {
      const other = (await world.store.users()).find(({ value }) => value.name !== name && isAdministrator(value, settings));
      if (other === undefined) return refuse('conflict', `${name} is the last administrator.`);
      // Written back unchanged: if the other one is demoted at the same moment, one of the two changes is stale.
      writes.push({ op: 'put', row: other, value: other.value });
    }
    if (next.disabled || roleOf(next, settings()) !== roleOf(user, settings())) writes.push(...(await dropSessions(world, name)));
    const done = await world.store.commit({ at: now, who: by.actor, why: said, about: [`user/${name}`], writes });
    return done === 'stale' ? 'stale' : { ok: viewPerson(next, settings(), now) };
  });
}

/** Which part of the change a file has the word about, null when none. */
function whyWritten({ role, email, source }: DefinedUser, name: string, change: UserChange): string | null {
  const what =
    change.role !== undefined && change.role !== role ? 'role' : change.email !== undefined && change.email !== email ? 'email' : null;
  return what === null ? null : formatProblem({ ...place(source), message: `the ${what} of ${name} is written here; change it there` });
}

function describe(before: User, after: User): string {
  const parts: string[] = [];
  if (before.role !== after.role) parts.push(`role ${before.role} -> ${after.role}`);
  if (before.email !== after.email) parts.push(`email ${before.email ?? 'none'} -> ${after.email ?? 'none'}`);
  if (before.disabled !== after.disabled) parts.push(after.disabled ? 'disabled' : 'enabled');
  return parts.join(', ');
}

function place(source: { readonly file: string | null; readonly line: number }): { file?: string; line?: number } {
  return source.file === null ? {} : { file: source.file, line: source.line };
}
