import createClient, { type Middleware } from 'openapi-fetch';
import { base } from './base.ts';
import { ApiError, parseError } from './error.ts';
import { rememberServerTime } from './server-time.ts';
import type { paths } from './schema.d.ts';

let csrf: string | null = null;

/** The session's token, which goes into the header of every change. */
export function setCsrf(token: string | null): void {
  csrf = token;
}

const guard: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET' && csrf !== null) request.headers.set('X-CSRF-Token', csrf);
    return request;
  },
  onResponse({ response }) {
    rememberServerTime(response.headers.get('date'));
    return response;
  },
};

/** The typed client of our API: its types are made from the OpenAPI document. */
export const client = createClient<paths>({ baseUrl: base, credentials: 'same-origin' });
client.use(guard);

interface Answer<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The data of an answer; throws an ApiError for everything else. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch(offline);
  if (!response.ok) throw parseError(error, response.status);
  return data as T;
}

/** The body of a plain GET as JSON, for addresses outside the OpenAPI document. */
export async function getJson(path: string, signal?: AbortSignal): Promise<unknown> {
  const response = await fetch(base + path, { credentials: 'same-origin', signal: signal ?? null }).catch(offline);
  rememberServerTime(response.headers.get('date'));
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw parseError(body, response.status);
  return body;
}

function offline(error: unknown): never {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  throw new ApiError('offline', 'The server does not answer.');
}
