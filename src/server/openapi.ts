import type { Verb } from '../core/access/allow.ts';
import { ERROR_STATUS, ErrorBody, type Endpoint, type ErrorCode } from '../contract/endpoint.ts';
import { jsonSchemaOf, type JsonSchema } from '../contract/infer.ts';
import { LiveEvent } from '../contract/api/system.ts';
import { OutputChunk } from '../contract/api/runs.ts';

/** What is not JSON in and out: described by hand, so that the document names every address of our API. */
interface Stream {
  readonly path: string;
  readonly method: 'get' | 'post';
  readonly summary: string;
  readonly tag: string;
  readonly access: Verb;
  readonly parameters: readonly JsonSchema[];
  readonly requestType?: string;
  readonly status: number;
  readonly answer: string;
  /** Media type -> schema. */
  readonly content: Readonly<Record<string, JsonSchema>>;
}

const binary: JsonSchema = { type: 'string', format: 'binary' };
const query = (name: string, description: string, schema: JsonSchema): JsonSchema => ({ name, in: 'query', description, schema });

const STREAMS: readonly Stream[] = [
  {
    path: '/api/live',
    method: 'get',
    summary: 'What changed, as server-sent events `change`; `overflow` means that some were dropped: load everything again',
    tag: 'live',
    access: 'read',
    parameters: [],
    status: 200,
    answer: 'Events, each with a LiveEvent as its data',
    content: { 'text/event-stream': { $ref: '#/components/schemas/LiveEvent' } },
  },
  {
    path: '/api/runs/{id}/output/live',
    method: 'get',
    summary: 'Output from any byte on, then live, as server-sent events `output`; `end` carries the final run',
    tag: 'runs',
    access: 'read',
    parameters: [
      query('offset', 'the first byte wanted; 0 by default', { type: 'integer', minimum: 0 }),
      { name: 'Last-Event-ID', in: 'header', description: 'goes on after the last event received', schema: { type: 'string' } },
    ],
    status: 200,
    answer: 'Events, each with an OutputChunk as its data',
    content: { 'text/event-stream': { $ref: '#/components/schemas/OutputChunk' } },
  },
  {
    path: '/api/runs/{id}/output',
    method: 'get',
    summary: 'Download the output as it was written; a Range of bytes is honoured',
    tag: 'runs',
    access: 'read',
    parameters: [query('stream', 'only one of the streams', { enum: ['stdout', 'stderr', 'note'] })],
    status: 200,
    answer: 'The bytes',
    content: { 'text/plain': binary },
  },
  {
    path: '/api/recommendations/{id}/documents/{n}',
    method: 'get',
    summary: 'Download a document of a recommendation',
    tag: 'recommendations',
    access: 'read',
    parameters: [],
    status: 200,
    answer: 'The file',
    content: { 'application/octet-stream': binary },
  },
  {
    path: '/api/v1/write',
    method: 'post',
    summary: 'Prometheus remote write 1.0 and 2.0 (Snappy or zstd)',
    tag: 'prometheus',
    access: 'ingest samples',
    parameters: [],
    requestType: 'application/x-protobuf',
    status: 204,
    answer: 'Written, and durable',
    content: {},
  },
];

/** The OpenAPI 3.1 document of our API. */
export function openApiDocument(endpoints: readonly Endpoint[], version: string): JsonSchema {
  const schemas: Record<string, unknown> = {};
  const describe = (schema: NonNullable<Endpoint['body']>, io: 'input' | 'output'): JsonSchema => {
    const described = jsonSchemaOf(schema, io);
    Object.assign(schemas, described.named);
    return described.schema;
  };
  schemas['Error'] = describe(ErrorBody, 'output');
  describe(LiveEvent, 'output');
  describe(OutputChunk, 'output');
  const paths: Record<string, Record<string, unknown>> = {};
  for (const declared of endpoints) {
    paths[declared.path] = { ...paths[declared.path], [declared.method.toLowerCase()]: describeEndpoint(declared, describe) };
  }
  for (const stream of STREAMS) paths[stream.path] = { ...paths[stream.path], [stream.method]: describeStream(stream) };
  return {
    openapi: '3.1.0',
    info: { title: 'Tocsin', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/' }],
    tags: [...new Set([...endpoints, ...STREAMS].map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'A token made on the page or by `tocsin token create`.' },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'tocsin',
          description: 'A signed-in browser; every change also needs the header X-CSRF-Token.',
        },
      },
    },
  };
}

type Describe = (schema: NonNullable<Endpoint['body']>, io: 'input' | 'output') => JsonSchema;

function describeEndpoint(declared: Endpoint, describe: Describe): JsonSchema {
  const { access, body, response, path, method } = declared;
  const schema = declared.query === undefined ? {} : describe(declared.query, 'input');
  const parameters = [...pathParameters(path), ...queryParameters(schema)];
  if (declared.summary.includes('Idempotency-Key')) parameters.push(idempotencyKey);
  const codes: ErrorCode[] = ['internal'];
  if (access !== null) codes.push('unauthenticated', 'forbidden');
  if (body !== undefined || declared.query !== undefined) codes.push('bad_request');
  if (path.includes('{')) codes.push('not_found');
  if (method !== 'GET') codes.push('conflict');
  return {
    operationId: operationId(method, path),
    summary: declared.summary,
    tags: [declared.tag],
    ...securityOf(access),
    ...(parameters.length > 0 && { parameters }),
    ...(body !== undefined && { requestBody: { required: true, content: { 'application/json': { schema: describe(body, 'input') } } } }),
    responses: {
      [declared.status ?? 200]:
        response === null
          ? { description: 'Done' }
          : { description: 'Done', content: { 'application/json': { schema: describe(response, 'output') } } },
      ...errorResponses(codes),
    },
  };
}

const idempotencyKey: JsonSchema = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'the same key gives the same run',
  schema: { type: 'string', maxLength: 200 },
};

function describeStream(stream: Stream): JsonSchema {
  const content = Object.fromEntries(Object.entries(stream.content).map(([type, schema]) => [type, { schema }]));
  return {
    operationId: operationId(stream.method, stream.path),
    summary: stream.summary,
    tags: [stream.tag],
    ...securityOf(stream.access),
    parameters: [...pathParameters(stream.path), ...stream.parameters],
    ...(stream.requestType !== undefined && { requestBody: { required: true, content: { [stream.requestType]: { schema: binary } } } }),
    responses: {
      [stream.status]: { description: stream.answer, ...(stream.status !== 204 && { content }) },
      ...errorResponses(['unauthenticated', 'forbidden', 'not_found']),
    },
  };
}

function securityOf(access: Verb | null): JsonSchema {
  return access === null ? { security: [] } : { security: [{ token: [] }, { session: [] }], 'x-access': access };
}

function pathParameters(path: string): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters(schema: JsonSchema): JsonSchema[] {
  const { properties, required } = schema;
  if (typeof properties !== 'object' || properties === null) return [];
  const needed: readonly unknown[] = Array.isArray(required) ? required : [];
  return Object.entries(properties).map(([name, of]) => ({
    name,
    in: 'query',
    ...(needed.includes(name) && { required: true }),
    schema: of,
  }));
}

/** `GET /api/runs/{id}/output` is `getRunsByIdOutput`. */
function operationId(method: string, path: string): string {
  const words = path.replace(/^\/api\//, '').split('/');
  const parts = words.map((word) => capital(word.startsWith('{') ? `by-${word.slice(1, -1)}` : word));
  return method.toLowerCase() + parts.join('');
}

function capital(word: string): string {
  return word.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function errorResponses(codes: readonly ErrorCode[]): JsonSchema {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries(codes.map((code) => [ERROR_STATUS[code], { description: code, content }]));
}
