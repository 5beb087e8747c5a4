import type { Principal, Role } from '../../core/access/actor.ts';
import type { User } from '../../core/access/account.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { Change, Write } from '../../core/change/change.ts';
import type { World } from '../../world.ts';

/** What makes and checks secrets; src/main passes the real one in. */
export interface Credentials {
  /** SHA-256 of a text, lower-case hex. */
  digest(text: string): string;
  /** An unguessable text of at least 256 bits that may stand in a URL. */
  secret(): string;
  /** argon2id in PHC text form. */
  hashPassword(password: string): Promise<string>;
  verifyPassword(password: string, hash: string): Promise<boolean>;
}

/** What the commands about accounts work with. */
export interface Accounts {
  readonly world: Pick<World, 'clock' | 'store'>;
  readonly settings: () => Settings;
  readonly credentials: Credentials;
}

/** The role that counts: the file's, where a file defines the person. */
export function roleOf(user: Pick<User, 'name' | 'role'>, settings: Settings): Role {
  return settings.users.get(user.name)?.role ?? user.role;
}

export function principalOf(user: Pick<User, 'name' | 'role'>, settings: Settings): Principal {
  const teams = [...settings.teams].filter(([, members]) => members.includes(user.name)).map(([team]) => team);
  return { actor: { kind: 'user', name: user.name }, role: roleOf(user, settings), teams, actions: null };
}

/** What a row of a person becomes who is defined by a file: without the file they may look and nothing else. */
export function roleToKeep(name: string, role: Role, settings: Settings): Role {
  return settings.users.has(name) ? 'viewer' : role;
}

/** The exception to "decide again": a use that is not worth a conflict. */
export async function commitQuietly(
  { store }: Pick<World, 'store'>,
  change: Omit<Change, 'about' | 'writes'>,
  write: Write,
): Promise<void> {
  await store.commit({ ...change, about: [], writes: [write] });
}

const ATTEMPTS = 5;

/** Decides again on fresh rows when what it was decided on has changed meanwhile. */
export async function decideAgain<T>(decide: () => Promise<T | 'stale'>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const outcome = await decide();
    if (outcome !== 'stale') return outcome;
  }
  throw new Error('the same rows changed again and again');
}
