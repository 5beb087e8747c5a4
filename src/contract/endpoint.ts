import { z } from 'zod';
import type { Verb } from '../core/access/allow.ts';

/** One verb of our HTTP API, as data: the server registers it, the OpenAPI document and the typed client are made from it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With OpenAPI placeholders: `/api/runs/{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  /** What `core/access/allow` is asked; null: answers without authentication. */
  readonly access: Verb | null;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Null: no content (204). */
  readonly response: z.ZodType | null;
  readonly status?: 200 | 201 | 202 | 204;
}

/** Declares an endpoint and keeps its exact types. */
export function endpoint<const E extends Endpoint>(declared: E): E {
  return declared;
}

/** The stable error codes of our API with the status each has. */
export const ERROR_STATUS = {
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  too_many_requests: 429,
  internal: 500,
  unavailable: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

/** What every error looks like. `problems` lists all that is wrong with the input at once. */
export const ErrorBody = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    problems: z.array(z.object({ path: z.string().optional(), message: z.string() })).optional(),
  }),
});

/** A page of a list; give `next` back as `cursor`. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/** The paging part of every list's query. */
export const Paging = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
};

/** A comma-separated list in a query parameter. */
export function listOf<const V extends readonly [string, ...string[]]>(values: V) {
  return z
    .string()
    .max(400)
    .transform((text) => text.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(values)));
}

export const Comment = z.object({ comment: z.string().max(4000).default('') });
export const Name = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._@-]*$/, 'letters, digits, space and . _ @ - only');
export const LabelSet = z.record(z.string(), z.string());
export const Millis = z.number().int().describe('milliseconds since 1970');
