import type { Session } from '../core/access/account.ts';
import type { Principal } from '../core/access/actor.ts';

/** Who asks, and how that is known. */
export type Identity =
  | { readonly how: 'token' | 'anonymous'; readonly principal: Principal }
  | { readonly how: 'session'; readonly principal: Principal; readonly session: Session }
  | { readonly how: 'nothing'; readonly principal: null }
  /** Something was shown, and it does not count: never the same as having shown nothing. */
  | { readonly how: 'refused'; readonly why: string };
