import type { Problem } from './problem.ts';

/** Why a command from outside was not carried out; the names are the error codes of our API. */
export type RefusalCode = 'bad_request' | 'unauthenticated' | 'forbidden' | 'not_found' | 'conflict' | 'too_many_requests' | 'unavailable';

export interface Refusal {
  readonly code: RefusalCode;
  /** What is wrong and what to do, fit to be shown. */
  readonly message: string;
  readonly problems?: readonly Problem[];
}

/** What a command gives: the value, or why it was not carried out. */
export type Result<T> = { readonly ok: T } | { readonly error: Refusal };

export function refuse(code: RefusalCode, message: string, problems?: readonly Problem[]): { readonly error: Refusal } {
  return { error: problems === undefined ? { code, message } : { code, message, problems } };
}
