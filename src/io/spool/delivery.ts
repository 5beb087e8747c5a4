import { MINUTE, SECOND, type Millis } from '../../core/base/time.ts';
import type { HttpOutcome } from '../http.ts';

/** What to do with a batch after an attempt to deliver it. */
export type Delivery =
  | { readonly kind: 'delivered' }
  /** The server will never take it. */
  | { readonly kind: 'refused'; readonly why: string }
  /** The server does not know this compression. */
  | { readonly kind: 'encoding'; readonly why: string }
  | { readonly kind: 'again'; readonly after: Millis; readonly why: string };

const FIRST_PAUSE: Millis = 500;
const LONGEST_PAUSE: Millis = 30 * SECOND;
const LONGEST_RETRY_AFTER: Millis = 5 * MINUTE;
const DOUBLINGS = 10;
/** The server does not let us in, or is not (yet) where we look: no fault of the batch, and mended by a person. */
const NOT_THE_BATCH = new Set([401, 403, 404, 405, 407, 408, 421, 425]);

export interface Attempt {
  readonly now: Millis;
  /** How many went before it without success. */
  readonly failures: number;
  /** Uniform in [0, 1). */
  readonly fraction: number;
}

/** As remote write 1.0 says: 2xx is delivered, 5xx and 429 again later, any other 4xx never; without an answer, again. */
export function decideDelivery(outcome: HttpOutcome, attempt: Attempt): Delivery {
  const pause = pauseAfter(attempt);
  if (outcome.kind === 'failed') return { kind: 'again', after: pause, why: outcome.reason };
  const { status, headers } = outcome;
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const why = whyOf(status, outcome.body);
  if (status === 415 || status === 406) return { kind: 'encoding', why };
  if (status >= 400 && status < 500 && status !== 429 && !NOT_THE_BATCH.has(status)) return { kind: 'refused', why };
  const asked = parseRetryAfter(headers['retry-after'], attempt.now);
  return { kind: 'again', after: Math.max(pause, Math.min(asked, LONGEST_RETRY_AFTER)), why };
}

/** Doubles from half a second to half a minute, give or take half, so that a thousand agents do not come back at one moment. */
function pauseAfter({ failures, fraction }: Attempt): Millis {
  const length = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** Math.min(failures, DOUBLINGS));
  return Math.round(length * (0.5 + fraction));
}

/** Seconds or a date (RFC 9110); 0 when it is neither. */
function parseRetryAfter(text: string | undefined, now: Millis): Millis {
  if (text === undefined) return 0;
  if (/^\d{1,9}$/.test(text)) return Number(text) * SECOND;
  const at = Date.parse(text);
  return Number.isNaN(at) ? 0 : Math.max(0, at - now);
}

const LONGEST_WHY = 200;

function whyOf(status: number, body: Uint8Array): string {
  const text = Buffer.from(body.subarray(0, LONGEST_WHY)).toString('utf8').trim();
  return text === '' ? `answer ${status}` : `answer ${status}: ${text}`;
}
