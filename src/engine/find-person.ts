import type { User } from '../core/access/account.ts';
import type { Principal } from '../core/access/actor.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Store } from '../world.ts';
import { principalOf } from './commands/credentials.ts';

/** A user as they are now: what they may do, and where mail reaches them. */
export interface KnownPerson {
  readonly principal: Principal;
  readonly email: string | null;
}

/** The user of this name; null when there is none any more, or they are disabled. Also somebody whom only a file defines. */
export async function findPerson(store: Store, settings: Settings, name: string): Promise<KnownPerson | null> {
  const user = (await store.load('user', name)).value;
  const defined = settings.users.get(name);
  if (user === null && defined === undefined) return null;
  if (user?.disabled === true) return null;
  const principal = principalOf({ name, role: user?.role ?? defined?.role ?? 'viewer' }, settings);
  return { principal, email: emailOf({ name, email: user?.email ?? null }, settings) };
}

/** The address that counts: the file's, where a file defines the person. */
export function emailOf(user: Pick<User, 'name' | 'email'>, settings: Settings): string | null {
  const defined = settings.users.get(user.name);
  return defined === undefined ? user.email : defined.email;
}
