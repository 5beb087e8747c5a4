import type { Endpoint } from '../contract/endpoint.ts';
import { ErrorBody } from '../contract/endpoint.ts';
import type { AnswerOf, ParamsOf } from '../contract/infer.ts';
import { formatProblem } from '../core/base/problem.ts';
import { SECOND } from '../core/base/time.ts';
import { systemFiles } from '../io/files.ts';
import { openHttpClient, type HttpClient, type HttpOutcome, type HttpRequest } from '../io/http.ts';
import { failed, wrongUsage } from './command-line.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

/** The options by which every command finds its server. */
export const SERVER_OPTIONS = {
  server: { type: 'string' },
  'token-file': { type: 'string' },
  ca: { type: 'string' },
} as const;

export const SERVER_USAGE = `  --server URL       the server, http://127.0.0.1:4780 if absent (TOCSIN_SERVER)
  --token-file FILE  a file with the token (TOCSIN_TOKEN_FILE; or the token itself in TOCSIN_TOKEN)
  --ca FILE          authorities to trust, PEM (TOCSIN_CA)
`;

export interface ServerValues {
  readonly server?: string;
  readonly 'token-file'?: string;
  readonly ca?: string;
}

export interface Asked<E extends Endpoint> {
  readonly params?: ParamsOf<E>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server as commands talk to it. What it refuses ends the command with its reason. */
export interface Api {
  readonly server: string;
  ask<E extends Endpoint>(endpoint: E, asked?: Asked<E>): Promise<AnswerOf<E>>;
  /** A request outside our own JSON API. */
  send(request: RawRequest): Promise<{ readonly status: number; readonly body: string }>;
  stream(path: string, headers: Readonly<Record<string, string>>): Promise<Extract<StreamOutcome, { kind: 'streaming' }> | StreamBreak>;
  close(): void;
}

type StreamOutcome = Awaited<ReturnType<HttpClient['stream']>>;
export type StreamBreak = Extract<StreamOutcome, { kind: 'failed' }>;
type RawRequest = Pick<HttpRequest, 'method' | 'headers' | 'body'> & { readonly path: string };

const DEFAULT_SERVER = 'http://127.0.0.1:4780';
const SMALL_FILE_BYTES = 1 << 20;
const ANSWER_LIMIT_BYTES = 256 << 20;
const PATIENCE = 60 * SECOND;
/** The server's stream says something every 15 s. */
const SILENCE = 60 * SECOND;

/** Opens the server that options and environment name. */
async function openApi(terminal: Terminal, values: ServerValues): Promise<Api> {
  const { env, interrupt } = terminal;
  const server = (values.server ?? env['TOCSIN_SERVER'] ?? DEFAULT_SERVER).replace(/\/+$/, '');
  if (!/^https?:\/\/./.test(server) || !URL.canParse(server)) throw wrongUsage(`${server} is no address: give --server http://HOST:PORT`);
  const token = await tokenOf(terminal, values);
  const caFile = values.ca ?? env['TOCSIN_CA'];
  const http = openHttpClient(caFile === undefined ? {} : { ca: await readSmallFile(caFile) });
  const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const request = async ({ path, headers, ...rest }: RawRequest): Promise<Extract<HttpOutcome, { kind: 'answered' }>> => {
    const outcome = await http.request({
      ...rest,
      url: `${server}${path}`,
      headers: { ...authorization, ...headers },
      timeout: PATIENCE,
      limitBytes: ANSWER_LIMIT_BYTES,
      signal: interrupt,
    });
    if (outcome.kind === 'failed') throw failed(interrupt.aborted ? 'Given up.' : whyUnreachable(server, outcome));
    return outcome;
  };
  return {
    server,
    ask: async (endpoint, asked = {}) => {
      const headers = { ...(asked.body !== undefined && { 'content-type': 'application/json' }), ...asked.headers };
      const body = asked.body === undefined ? {} : { body: JSON.stringify(asked.body) };
      const answer = await request({ method: endpoint.method, path: pathOf(endpoint, asked), headers, ...body });
      const text = decode(answer.body);
      if (answer.status >= 300) throw failed(whyRefused(server, answer.status, text, token));
      return readAnswer(server, endpoint, text);
    },
    send: async (raw) => {
      const { status, body } = await request(raw);
      const text = decode(body);
      if (status === 401 || status === 403) throw failed(whyRefused(server, status, text, token));
      return { status, body: text };
    },
    stream: async (path, headers) => {
      const outcome = await http.stream({
        method: 'GET',
        url: `${server}${path}`,
        headers: { ...authorization, accept: 'text/event-stream', ...headers },
        timeout: SILENCE,
        limitBytes: 0,
        signal: interrupt,
      });
      if (outcome.kind === 'failed' || outcome.status === 200) return outcome;
      if (outcome.status >= 500) {
        outcome.close();
        return { kind: 'failed', reason: `status ${outcome.status}`, code: '' };
      }
      const chunks: Uint8Array[] = [];
      for await (const chunk of outcome.chunks) chunks.push(chunk);
      throw failed(whyRefused(server, outcome.status, decode(Buffer.concat(chunks)), token));
    },
    close: () => http.close(),
  };
}

/** Opens the server, does the work and closes what was opened. */
export async function withApi(terminal: Terminal, values: ServerValues, work: (api: Api) => Promise<number>): Promise<number> {
  const api = await openApi(terminal, values);
  try {
    return await work(api);
  } finally {
    api.close();
  }
}

/** Takes pages of a list until there are so many items, or no more. */
export async function collectPages<T>(
  limit: number,
  page: (query: {
    readonly limit: string;
    readonly cursor?: string;
  }) => Promise<{ readonly items: readonly T[]; readonly next: string | null }>,
): Promise<{ readonly items: readonly T[]; readonly isAll: boolean }> {
  const items: T[] = [];
  let next: string | null = null;
  do {
    const wanted = String(Math.min(LARGEST_PAGE, limit - items.length));
    const got: Awaited<ReturnType<typeof page>> = await page(next === null ? { limit: wanted } : { limit: wanted, cursor: next });
    items.push(...got.items);
    next = got.next;
  } while (next !== null && items.length < limit);
  return { items, isAll: next === null };
}

const LARGEST_PAGE = 500;

async function tokenOf({ env }: Terminal, values: ServerValues): Promise<string | null> {
  const file = values['token-file'] ?? (env['TOCSIN_TOKEN'] === undefined ? env['TOCSIN_TOKEN_FILE'] : undefined);
  const token = (file === undefined ? env['TOCSIN_TOKEN'] : await readSmallFile(file))?.trim() ?? '';
  if (/[^\x21-\x7e]/.test(token)) throw failed('The token has characters that no token has.');
  return token === '' ? null : token;
}

/** The text of a file that the command line names. */
async function readSmallFile(path: string): Promise<string> {
  try {
    return await systemFiles.readText(path, SMALL_FILE_BYTES);
  } catch (error) {
    throw failed(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function pathOf<E extends Endpoint>(endpoint: E, { params, query = {} }: Asked<E>): string {
  const given: Readonly<Record<string, string>> = params ?? {};
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(given[name] ?? ''));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value);
  return search.size === 0 ? path : `${path}?${search}`;
}

function readAnswer<E extends Endpoint>(server: string, endpoint: E, text: string): AnswerOf<E> {
  if (endpoint.response === null) return null as AnswerOf<E>;
  const parsed = endpoint.response.safeParse(parseJson(text));
  if (!parsed.success)
    throw failed(`${server} answers in another way than this version of tocsin knows: ${endpoint.method} ${endpoint.path}`);
  return parsed.data as AnswerOf<E>;
}

function whyUnreachable(server: string, { reason, code }: StreamBreak): string {
  if (/CERT|ISSUER|SIGNATURE|ALTNAME/.test(code))
    return `${server} shows a certificate that is not trusted (${reason}). Give its authority with --ca FILE.`;
  return `No answer from ${server}: ${reason}. Is the server running? Its address is given with --server or TOCSIN_SERVER.`;
}

function whyRefused(server: string, status: number, text: string, token: string | null): string {
  const parsed = ErrorBody.safeParse(parseJson(text));
  if (!parsed.success) return `${server} answers with status ${status}. Is this the address of a Tocsin server?`;
  const { message, problems = [] } = parsed.data.error;
  const lines = [
    plain(message),
    ...problems.map((problem) => `  ${plain(formatProblem({ message: problem.message, path: problem.path ?? '' }))}`),
  ];
  if (status === 401)
    lines.push(
      token === null
        ? 'Give a token with --token-file FILE or TOCSIN_TOKEN; "tocsin token create NAME --role operator" makes one.'
        : 'The token that was sent does not count here.',
    );
  return lines.join('\n');
}

/** What the text says as JSON; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
