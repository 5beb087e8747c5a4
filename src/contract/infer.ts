import { z } from 'zod';
import type { Endpoint } from './endpoint.ts';

/** Whatever is in it, as something that is only read. */
type Reading<T> = T extends readonly (infer I)[]
  ? readonly Reading<I>[]
  : T extends object
    ? { readonly [K in keyof T]: Reading<T[K]> }
    : T;

/** The parsed query of an endpoint; an empty object where none is declared. */
export type QueryOf<E extends Endpoint> = E extends { readonly query: infer Q extends z.ZodType } ? z.output<Q> : Record<never, never>;

/** The parsed body of an endpoint; undefined where none is declared. */
export type BodyOf<E extends Endpoint> = E extends { readonly body: infer B extends z.ZodType } ? z.output<B> : undefined;

/** What a handler of the endpoint gives; null where the answer has no content. */
export type AnswerOf<E extends Endpoint> = E['response'] extends z.ZodType ? Reading<z.output<E['response']>> : null;

/** The names in the braces of a path: `/api/runs/{id}` gives `id`. */
type PathNames<P extends string> = P extends `${string}{${infer N}}${infer R}` ? N | PathNames<R> : never;

/** The values of the braces of a path. */
export type ParamsOf<E extends Endpoint> = Readonly<Record<PathNames<E['path']>, string>>;

/** A schema that also refuses keys it does not know. */
export function strictly(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodObject ? schema.strict() : schema;
}

/** A JSON schema, as OpenAPI 3.1 takes it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * The JSON schema of what is sent (`input`) or answered (`output`), and beside it every named schema that it refers to;
 * references point to `#/components/schemas/NAME`.
 */
export function jsonSchemaOf(schema: z.ZodType, io: 'input' | 'output'): { readonly schema: JsonSchema; readonly named: JsonSchema } {
  const wrapped = z.toJSONSchema(z.object({ root: schema }), { io, unrepresentable: 'any', reused: 'inline' });
  const moved: { properties?: { root?: JsonSchema }; $defs?: JsonSchema } = JSON.parse(
    JSON.stringify(wrapped, (key, value: unknown) => (key === 'id' && typeof value === 'string' ? undefined : value)).replaceAll(
      '"#/$defs/',
      '"#/components/schemas/',
    ),
  );
  return { schema: moved.properties?.root ?? {}, named: moved.$defs ?? {} };
}
