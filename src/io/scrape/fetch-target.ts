import { SECOND, type Millis } from '../../core/base/time.ts';
import { acceptHeader, formatOf } from '../../core/scrape/content-type.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import { bodyEncoding } from '../decompress.ts';
import type { AccessClient } from '../access-client.ts';
import type { FetchedBody } from '../intake/messages.ts';

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
): Promise<FetchedBody | string> {
  const limitBytes = Math.min(job.limits.bodyBytes === 0 ? DEFAULT_LIMIT_BYTES : job.limits.bodyBytes, BODY_LIMIT_BYTES);
  const headers = {
    accept: acceptHeader(job.protocols),
    'accept-encoding': job.isCompressionAsked ? 'gzip' : 'identity',
    'x-prometheus-scrape-timeout-seconds': String(timeout / SECOND),
  };
  const outcome = await client.request({ method: 'GET', url, headers, timeout, limitBytes, signal });
  if (outcome.kind === 'failed')
    return outcome.code === 'ERR_TOO_LONG' ? `body_size_limit of ${limitBytes} bytes exceeded` : outcome.reason;
  if (outcome.status !== 200) return `the target answered with status ${outcome.status}`;
  const contentType = outcome.headers['content-type'];
  const format = formatOf(contentType, job.fallbackProtocol);
  if (format === null)
    return `the answer is of type ${JSON.stringify((contentType ?? '').slice(0, 100))}, which is no known format, and no fallback_scrape_protocol is given`;
  const encoding = bodyEncoding(outcome.headers['content-encoding']);
  if (encoding === null) return 'the answer is compressed in an unknown way';
  return { format, body: outcome.body, encoding, limitBytes };
}
