import { base } from '../../data/base.ts';
import { ApiError } from '../../data/error.ts';
import { rememberServerTime } from '../../data/server-time.ts';
import { parseRange, parseRows, type RangeAnswer, type Row } from './answer.ts';

/** What a query took, as far as the server tells it. */
export interface Cost {
  /** Milliseconds on the server. */
  readonly serverMs: number | null;
  /** Milliseconds until the answer was here. */
  readonly totalMs: number;
  readonly samples: number | null;
  readonly bytes: number;
  /** Which kind of stored samples answered, when the server says so. */
  readonly tier: string | null;
}

export interface Told {
  readonly cost: Cost;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
  /** There are more series than the answer holds. */
  readonly isCut: boolean;
}

/** A refusal of the server: its kind in Prometheus' words beside the message. */
class QueryError extends ApiError {
  readonly errorType: string;

  constructor(errorType: string, message: string, status: number) {
    super(status === 401 ? 'unauthenticated' : status === 403 ? 'forbidden' : errorType, message);
    this.name = 'QueryError';
    this.errorType = errorType;
  }
}

/** The series that a graph can still show; more are counted, not fetched. */
export const MOST_LINES = 100;
/** The lines of a table that are fetched. */
const MOST_ROWS = 2000;
const CUT = 'results truncated due to limit';

export async function askRange(
  expr: string,
  grid: { readonly start: number; readonly end: number; readonly step: number },
  signal: AbortSignal,
): Promise<Told & { readonly answer: RangeAnswer }> {
  const { start, end, step } = grid;
  const { data, told } = await ask(
    'query_range',
    { query: expr, start: String(start / 1000), end: String(end / 1000), step: String(step / 1000), limit: String(MOST_LINES) },
    signal,
  );
  return { ...told, answer: parseRange(data, grid) };
}

export async function askInstant(expr: string, at: number, signal: AbortSignal): Promise<Told & { readonly rows: readonly Row[] }> {
  const { data, told } = await ask('query', { query: expr, time: String(at / 1000), limit: String(MOST_ROWS) }, signal);
  return { ...told, rows: parseRows(data) };
}

/** How many series an expression has at a moment. */
export async function countSeries(expr: string, at: number, signal: AbortSignal): Promise<number | null> {
  const { data } = await ask('query', { query: `count(${expr}\n)`, time: String(at / 1000) }, signal);
  return parseRows(data)[0]?.value ?? null;
}

async function ask(
  path: string,
  params: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ readonly data: unknown; readonly told: Told }> {
  const began = performance.now();
  const response = await fetch(`${base}/api/v1/${path}?${new URLSearchParams({ ...params, stats: 'all' })}`, {
    credentials: 'same-origin',
    signal,
  }).catch(offline);
  rememberServerTime(response.headers.get('date'));
  const text = await response.text().catch(offline);
  const body = parse(text);
  if (!response.ok || body['status'] !== 'success') throw refusal(body, response.status);
  const warnings = texts(body['warnings']);
  const cost = {
    ...statsOf(body['data']),
    totalMs: performance.now() - began,
    bytes: new Blob([text]).size,
    tier: response.headers.get('x-tocsin-tier'),
  };
  return {
    data: body['data'],
    told: { cost, warnings: warnings.filter((one) => one !== CUT), infos: texts(body['infos']), isCut: warnings.includes(CUT) },
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body) ? body : {};
  } catch {
    return {};
  }
}

function refusal(body: Readonly<Record<string, unknown>>, status: number): QueryError {
  const { error, errorType } = body;
  const kind = typeof errorType === 'string' ? errorType : 'internal';
  if (typeof error === 'string') return new QueryError(kind, error, status);
  if (isObject(error) && typeof error['message'] === 'string') return new QueryError(kind, error['message'], status);
  return new QueryError(kind, `The server answered with status ${status}.`, status);
}

function statsOf(data: unknown): { readonly serverMs: number | null; readonly samples: number | null } {
  const stats = isObject(data) && isObject(data['stats']) ? data['stats'] : {};
  const timings = isObject(stats['timings']) ? stats['timings'] : {};
  const samples = isObject(stats['samples']) ? stats['samples'] : {};
  const { execTotalTime } = timings;
  const { totalQueryableSamples } = samples;
  return {
    serverMs: typeof execTotalTime === 'number' ? execTotalTime * 1000 : null,
    samples: typeof totalQueryableSamples === 'number' ? totalQueryableSamples : null,
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function offline(error: unknown): never {
  if (error instanceof DOMException && error.name === 'AbortError') throw error;
  throw new ApiError('offline', 'The server does not answer.');
}
