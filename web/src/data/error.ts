/** What went wrong with a request, fit to be shown. `code` is one of the API's stable codes, or `offline` when no answer came. */
export class ApiError extends Error {
  readonly code: string;
  readonly problems: readonly Problem[];

  constructor(code: string, message: string, problems: readonly Problem[] = []) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.problems = problems;
  }
}

export interface Problem {
  readonly path?: string;
  readonly message: string;
}

/** The error of an answer whose body may be ours (`{ error: { code, message } }`), Prometheus' (`{ error: "..." }`) or anything else. */
export function parseError(body: unknown, status: number): ApiError {
  const fallback = `The server answered with status ${status}.`;
  if (typeof body !== 'object' || body === null || !('error' in body)) return new ApiError(codeOf(status), fallback);
  const { error } = body;
  if (typeof error === 'string') return new ApiError(codeOf(status), error);
  if (typeof error !== 'object' || error === null) return new ApiError(codeOf(status), fallback);
  const { code, message, problems } = error as { code?: unknown; message?: unknown; problems?: unknown };
  return new ApiError(
    typeof code === 'string' ? code : codeOf(status),
    typeof message === 'string' && message !== '' ? message : fallback,
    Array.isArray(problems) ? problems.filter(isProblem) : [],
  );
}

function isProblem(value: unknown): value is Problem {
  return typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string';
}

function codeOf(status: number): string {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  return status >= 500 ? 'unavailable' : 'bad_request';
}

/** The text of anything thrown, for people. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
