import { SECOND, type Millis } from '../../../core/base/time.ts';
import type { HttpClient } from '../../http.ts';
import type { QueryAnswer } from '../query-answer.ts';
import { isObject, type Remarks } from './read-result.ts';

type QueryFailed = Extract<QueryAnswer, { result: 'error' }>;

/** What the other server said: data with what was remarked, or why there is none. */
export type Said = QueryFailed | ({ readonly result: 'data'; readonly data: unknown } & Remarks);

/** A longer answer is none. */
export const ANSWER_LIMIT_BYTES = 64 << 20;
/** The other server says itself that its time is up; only when it does not, the exchange is ended. */
const GRACE: Millis = 2 * SECOND;
const NAMED_PARAMETER = /^invalid parameter "\w+(?:\[\])?": /;
const LONGEST_WHY = 300;

/** One question at a time to a server that speaks the Prometheus API. */
export class Upstream {
  private readonly url: string;
  private readonly http: Pick<HttpClient, 'request'>;

  constructor(url: string, http: Pick<HttpClient, 'request'>) {
    this.url = url.replace(/\/+$/, '');
    this.http = http;
  }

  /** Asks below `/api/v1/`: with a form, or in the address where the path takes no other. */
  async ask(
    path: string,
    params: URLSearchParams,
    given: { readonly method: 'GET' | 'POST'; readonly timeout: Millis; readonly signal?: AbortSignal | undefined },
  ): Promise<Said> {
    const { method, timeout, signal } = given;
    const text = params.toString();
    const outcome = await this.http.request({
      method,
      url: `${this.url}/api/v1/${path}${method === 'GET' && text !== '' ? `?${text}` : ''}`,
      ...(method === 'POST' && { body: text, headers: { 'content-type': 'application/x-www-form-urlencoded' } }),
      timeout: timeout + GRACE,
      limitBytes: ANSWER_LIMIT_BYTES,
      ...(signal !== undefined && { signal }),
    });
    if (outcome.kind === 'failed') {
      if (signal?.aborted === true) return { result: 'error', error: 'canceled', message: 'query was canceled' };
      return { result: 'error', error: 'unavailable', message: `the series store does not answer: ${outcome.reason}` };
    }
    const body = Buffer.from(outcome.body).toString('utf8');
    const parsed = parseJson(body);
    if (outcome.status === 200 && isObject(parsed) && parsed['status'] === 'success') {
      return { result: 'data', data: parsed['data'], warnings: textsOf(parsed['warnings']), infos: textsOf(parsed['infos']) };
    }
    return failureOf(outcome.status, parsed, body);
  }

  /** A remote-read request and its answer, both in Snappy; null when there is none. */
  async read(body: Uint8Array, timeout: Millis): Promise<Uint8Array | null> {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'accept-encoding': 'snappy',
      'x-prometheus-remote-read-version': '0.1.0',
    };
    const asked = { method: 'POST', url: `${this.url}/api/v1/read`, body, headers } as const;
    const outcome = await this.http.request({ ...asked, timeout: timeout + GRACE, limitBytes: ANSWER_LIMIT_BYTES });
    return outcome.kind === 'answered' && outcome.status === 200 ? outcome.body : null;
  }
}

function failureOf(status: number, parsed: unknown, body: string): QueryFailed {
  const said = isObject(parsed) ? parsed : {};
  const text = typeof said['error'] === 'string' ? said['error'] : body.slice(0, LONGEST_WHY).trim();
  const message = text === '' ? `the series store answered ${status}` : text.replace(NAMED_PARAMETER, '');
  const type = said['errorType'];
  if (type === 'bad_data' || status === 400) return { result: 'error', error: 'bad-query', message };
  if (type === 'timeout') return { result: 'error', error: 'timeout', message };
  if (type === 'canceled' || status === 499) return { result: 'error', error: 'canceled', message };
  if (type === 'execution' || status === 422) return { result: 'error', error: 'execution', message };
  return { result: 'error', error: 'unavailable', message: `the series store answered ${status}: ${message}` };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
