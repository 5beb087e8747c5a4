import { SECOND, type Millis } from '../../core/base/time.ts';
import { acceptHeader, formatOf } from '../../core/scrape/content-type.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import { bodyEncoding } from '../decompress.ts';
import type { AccessClient } from '../access-client.ts';
import type { FetchedBody, NotFetched } from '../intake/messages.ts';

/** No answer is taken that is longer, whatever a job allows. */
const BODY_LIMIT_BYTES = 256 << 20;
const DEFAULT_LIMIT_BYTES = 64 << 20;

export interface FetchedTarget {
  readonly url: string;
  readonly timeout: Millis;
}

/** Asks a target: what it said, or why nothing that it said can be used. */
export async function fetchTarget(
  client: AccessClient,
  job: ScrapeJob,
  { url, timeout }: FetchedTarget,
  signal: AbortSignal,
): Promise<FetchedBody | NotFetched> {
  const limitBytes = Math.min(job.limits.bodyBytes === 0 ? DEFAULT_LIMIT_BYTES : job.limits.bodyBytes, BODY_LIMIT_BYTES);
  const headers = {
    accept: acceptHeader(job.protocols, job.escaping),
    'accept-encoding': job.isCompressionAsked ? 'gzip' : 'identity',
    'x-prometheus-scrape-timeout-seconds': String(timeout / SECOND),
  };
  const outcome = await client.request({ method: 'GET', url, headers, timeout, limitBytes, signal });
  if (outcome.kind === 'failed') {
    const isTooLong = outcome.code === 'ERR_TOO_LONG';
    return { reason: isTooLong ? `body_size_limit of ${limitBytes} bytes exceeded` : outcome.reason, isTooLong };
  }
  if (outcome.status !== 200) return notFetched(`the target answered with status ${outcome.status}`);
  const contentType = outcome.headers['content-type'];
  const format = formatOf(contentType, job.fallbackProtocol);
  if (format === null) {
    const type = JSON.stringify((contentType ?? '').slice(0, 100));
    return notFetched(`the answer is of type ${type}, which is no known format, and no fallback_scrape_protocol is given`);
  }
  const encoding = bodyEncoding(outcome.headers['content-encoding']);
  if (encoding === null) return notFetched('the answer is compressed in an unknown way');
  return { format, body: outcome.body, encoding, limitBytes };
}

/** Why there is no answer that can be used. */
export function notFetched(reason: string): NotFetched {
  return { reason, isTooLong: false };
}
