import { lookup, type LookupAddress } from 'node:dns';
import type * as http from 'node:http';
import type * as https from 'node:https';
import { isIP } from 'node:net';
import type { SecureVersion } from 'node:tls';
import type { Millis } from '../core/base/time.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** For the whole exchange; of a stream: until its headers are there, and afterwards between two pieces. */
  readonly timeout: Millis;
  /** A longer answer is a failure. Of a stream: not bounded here, pieces come as they are read. */
  readonly limitBytes: number;
  readonly signal?: AbortSignal;
}

/** Header names are in lower case. Redirects are answers like any other: nothing is followed. */
interface HttpAnswer {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** No answer, or none that can be used: `reason` is for people, `code` is the runtime's (`ECONNREFUSED`) or empty. */
interface HttpFailure {
  readonly kind: 'failed';
  readonly reason: string;
  readonly code: string;
}

export type HttpOutcome = HttpAnswer | HttpFailure;

/** An answer whose body is read while it arrives; the iteration throws when the connection breaks or stays silent too long. */
interface HttpStream {
  readonly kind: 'streaming';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly chunks: AsyncIterable<Uint8Array>;
  close(): void;
}

export type HttpStreamOutcome = HttpStream | HttpFailure;

/** Outgoing HTTP. It never rejects. */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpOutcome>;
  stream(request: HttpRequest): Promise<HttpStreamOutcome>;
  /** Ends idle connections. */
  close(): void;
}

export interface ClientTls {
  readonly cert?: string;
  readonly key?: string;
  /** The name that the certificate must bear instead of the address's. */
  readonly servername?: string;
  /** False: any certificate will do. */
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: SecureVersion;
  readonly maxVersion?: SecureVersion;
}

export interface HttpClientSettings {
  /** PEM text: trusted instead of the well-known authorities. */
  readonly ca?: string;
  /** Who this client is, and what it demands of a server's certificate. PEM texts. */
  readonly tls?: ClientTls;
  /** A local socket that all connections go to, whatever host the address names. */
  readonly socketPath?: string;
  readonly maxConnections?: number;
  /** Asked with the very address that is connected to, so that a name cannot lead somewhere else than was checked. */
  readonly permits?: (address: string) => boolean;
}

/**
 * Importing these two as ES modules reads all their exports, and with them loads a second HTTP client and TLS: 20 MB, which the host agent
 * does not have to spare. So they are taken as they are, and the second only when an https address is asked for.
 */
const plainHttp = process.getBuiltinModule('node:http');
const secureHttp = (): typeof https => process.getBuiltinModule('node:https');

const DEFAULT_CONNECTIONS = 16;
const LONGEST_HEADER_BYTES = 32_768;

export function openHttpClient(settings: HttpClientSettings = {}): HttpClient {
  const shared = { keepAlive: true, maxSockets: settings.maxConnections ?? DEFAULT_CONNECTIONS, maxFreeSockets: 4 };
  const plain = new plainHttp.Agent(shared);
  let secure: https.Agent | null = null;
  const openSecure = (): https.Agent => {
    secure ??= new (secureHttp().Agent)({ ...shared, ...settings.tls, ...(settings.ca !== undefined && { ca: settings.ca }) });
    return secure;
  };
  const send: Send = (url, request) =>
    url.protocol === 'https:'
      ? secureHttp().request(url, optionsOf(request, settings, openSecure()))
      : plainHttp.request(url, optionsOf(request, settings, plain));
  const begin = (request: HttpRequest): Promise<Begun> => beginExchange(request, settings, send);
  return {
    request: async (request) => {
      const begun = await begin(request);
      return 'kind' in begun ? begun : readWhole(request, begun);
    },
    stream: async (request) => {
      const begun = await begin(request);
      if ('kind' in begun) return begun;
      begun.disarm();
      const { response } = begun;
      const close = (): void => {
        response.destroy();
      };
      return {
        kind: 'streaming',
        status: response.statusCode ?? 0,
        headers: headersOf(response),
        chunks: chunksOf(request, begun),
        close,
      };
    },
    close: () => {
      plain.destroy();
      secure?.destroy();
    },
  };
}

type Begun = HttpFailure | { readonly response: http.IncomingMessage; readonly why: () => string | null; readonly disarm: () => void };

type Send = (url: URL, request: HttpRequest) => http.ClientRequest;

/** Sends the request and waits for the headers of the answer. */
function beginExchange(request: HttpRequest, settings: HttpClientSettings, send: Send): Promise<Begun> {
  return new Promise((resolve) => {
    const url = URL.canParse(request.url) ? new URL(request.url) : null;
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      resolve(failed('not an http or https address', 'ERR_ADDRESS'));
      return;
    }
    const refused = whyRefused(url, settings);
    if (refused !== null) {
      resolve(failed(refused, 'ERR_REFUSED'));
      return;
    }
    let why: string | null = null;
    let sent: http.ClientRequest;
    try {
      sent = send(url, request);
    } catch (error) {
      resolve(failure(error, null));
      return;
    }
    const stop = (reason: string): void => {
      why ??= reason;
      sent.destroy(new Error(reason));
    };
    const timer = setTimeout(() => stop(`no answer within ${request.timeout} ms`), request.timeout);
    const abort = (): void => stop('given up');
    const disarm = (): void => clearTimeout(timer);
    if (request.signal?.aborted === true) abort();
    request.signal?.addEventListener('abort', abort, { once: true });
    sent.on('close', () => {
      disarm();
      request.signal?.removeEventListener('abort', abort);
    });
    sent.on('error', (error) => resolve(failure(error, why)));
    sent.on('response', (response) => resolve({ response, why: () => why, disarm }));
    sent.end(request.body);
  });
}

function optionsOf(request: HttpRequest, settings: HttpClientSettings, agent: http.Agent): https.RequestOptions {
  const { body } = request;
  const length = body === undefined ? {} : { 'content-length': String(typeof body === 'string' ? Buffer.byteLength(body) : body.length) };
  return {
    agent,
    method: request.method,
    headers: { 'user-agent': 'tocsin', ...length, ...request.headers },
    maxHeaderSize: LONGEST_HEADER_BYTES,
    ...(settings.socketPath !== undefined && { socketPath: settings.socketPath }),
    ...(settings.permits !== undefined && { lookup: checkedLookup(settings.permits) }),
  };
}

/** An address written as a number is connected to without a look-up, so it is checked here. */
function whyRefused(url: URL, settings: HttpClientSettings): string | null {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (settings.permits === undefined || isIP(host) === 0 || settings.permits(host)) return null;
  return `the address ${host} is not permitted`;
}

function checkedLookup(permits: (address: string) => boolean): NonNullable<https.RequestOptions['lookup']> {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first, ...rest] = error === null ? addresses.filter((found) => permits(found.address)) : [];
      if (first === undefined) callback(error ?? new Error(`no permitted address for ${hostname}`), '', 0);
      else if (options.all === true) callback(null, [first, ...rest]);
      else callback(null, first.address, first.family);
    });
  };
}

async function readWhole(request: HttpRequest, begun: Exclude<Begun, HttpFailure>): Promise<HttpOutcome> {
  const { response } = begun;
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > request.limitBytes) {
        response.destroy();
        return failed(`the answer is longer than ${request.limitBytes} bytes`, 'ERR_TOO_LONG');
      }
      chunks.push(chunk);
    }
  } catch (error) {
    return failure(error, begun.why());
  }
  return { kind: 'answered', status: response.statusCode ?? 0, headers: headersOf(response), body: Buffer.concat(chunks, length) };
}

async function* chunksOf(request: HttpRequest, begun: Exclude<Begun, HttpFailure>): AsyncGenerator<Uint8Array> {
  const { response } = begun;
  response.setTimeout(request.timeout, () => response.destroy(new Error(`silent for ${request.timeout} ms`)));
  for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
}

function headersOf(response: http.IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

function failed(reason: string, code: string): HttpFailure {
  return { kind: 'failed', reason, code };
}

function failure(error: unknown, why: string | null): HttpFailure {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const message = error instanceof Error ? error.message || code : String(error);
  return failed(why ?? (message === '' ? 'connection failed' : message), code);
}
