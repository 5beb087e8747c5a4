import { getJson } from './client.ts';
import { ApiError } from './error.ts';
import { type Columns, parseMatrix, parseVector, type Point } from './columns.ts';

export interface RangeQuery {
  readonly expr: string;
  /** Milliseconds. */
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** The values of an expression over time, one column for each series, all on the same moments. */
export async function queryRange({ expr, start, end, step }: RangeQuery, signal?: AbortSignal): Promise<Columns> {
  const params = new URLSearchParams({ query: expr, start: String(start / 1000), end: String(end / 1000), step: String(step / 1000) });
  return parseMatrix(await envelope(`/api/v1/query_range?${params}`, signal), { start, end, step });
}

/** The values of an expression now. */
export async function queryInstant(expr: string, signal?: AbortSignal): Promise<Point[]> {
  return parseVector(await envelope(`/api/v1/query?${new URLSearchParams({ query: expr })}`, signal));
}

async function envelope(path: string, signal?: AbortSignal): Promise<unknown> {
  const body = await getJson(path, signal);
  if (typeof body !== 'object' || body === null || !('data' in body)) throw new ApiError('internal', 'The answer is no query result.');
  return body.data;
}
