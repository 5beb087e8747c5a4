import { DAY, HOUR, MINUTE, type Millis } from '../base/time.ts';
import type { Session } from './account.ts';

/** A session ends so long after it was last used. */
const SESSION_IDLE: Millis = 12 * HOUR;
/** And so long after the login, however much it is used. */
export const SESSION_LONGEST: Millis = 30 * DAY;
/** Uses within this time of the one that is written down are not written. */
export const LAST_USE_PRECISION: Millis = MINUTE;

/** A new session of a person: `id` is the SHA-256 of the secret in the cookie. */
export function openSession(user: string, secrets: { readonly id: string; readonly csrf: string }, now: Millis): Session {
  return { ...secrets, user, createdAt: now, expiresAt: now + SESSION_IDLE, lastUsedAt: now };
}

/** Whether a session still counts. */
export function isLive(session: Session, now: Millis): boolean {
  return now < session.expiresAt;
}

/** The session after a use now, or null when that is not worth writing. */
export function stepUse(session: Session, now: Millis): Session | null {
  if (now - session.lastUsedAt < LAST_USE_PRECISION) return null;
  return { ...session, lastUsedAt: now, expiresAt: Math.min(now + SESSION_IDLE, session.createdAt + SESSION_LONGEST) };
}
