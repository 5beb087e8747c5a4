import type { Millis } from '../base/time.ts';
import type { Role } from './actor.ts';

/** A person who can sign in. */
export interface User {
  readonly name: string;
  readonly role: Role;
  /** Where mail reaches the person; whoever reads it may decide in their name what it asks. Null: nowhere. */
  readonly email: string | null;
  /** argon2id in PHC text form; null until the person has used the set-up link. */
  readonly passwordHash: string | null;
  readonly createdAt: Millis;
  readonly lastLoginAt: Millis | null;
  /** Failed logins since the last good one, and until when no more are taken. */
  readonly failures: number;
  readonly lockedUntil: Millis | null;
  readonly disabled: boolean;
}

/** A signed-in browser. The cookie holds a random secret, the store only its SHA-256. */
export interface Session {
  readonly id: string;
  readonly user: string;
  readonly csrf: string;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
  readonly lastUsedAt: Millis;
}

/** A machine's credential: shown once, kept as SHA-256. */
export interface Token {
  /** SHA-256 of the secret, hex. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
  readonly actions: readonly string[] | null;
  readonly createdBy: string;
  readonly createdAt: Millis;
  readonly expiresAt: Millis | null;
  readonly lastUsedAt: Millis | null;
  readonly revokedAt: Millis | null;
}

/** A link that may be used once: to create the administrator, or to set a password. The store keeps the SHA-256 of its secret. */
export interface SetupLink {
  readonly id: string;
  readonly purpose: 'administrator' | 'password';
  readonly user: string | null;
  readonly role: Role;
  readonly createdAt: Millis;
  readonly expiresAt: Millis;
  readonly usedAt: Millis | null;
}
