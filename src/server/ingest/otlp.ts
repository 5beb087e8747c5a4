import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { encodeOtlpAnswer, encodeStatus, formatOtlpAnswer } from '../../core/wire/otlp-answer.ts';
import { principalOf } from '../gate.ts';
import type { OtlpBody, OtlpOutcome } from './intake-part.ts';
import type { ServerParts } from '../parts.ts';

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;
const RETRY_AFTER_SECONDS = 5;
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';
const PATHS = ['/v1/metrics', '/api/v1/otlp/v1/metrics'];
/** OTLP sends again after 429, 502, 503 and 504, and after nothing else. */
const STATUS = { bad: 400, 'too-large': 413, unsupported: 415, unavailable: 503 } as const;

/** Metrics by OTLP over HTTP. The answer is of the type of the request. */
export function serveOtlp(server: FastifyInstance, { intake }: ServerParts): void {
  if (intake === undefined) return;
  server.register((scope, _options, done) => {
    // Bodies are taken as bytes here, JSON too: they may be compressed.
    scope.removeAllContentTypeParsers();
    const types = [PROTOBUF, JSON_TYPE];
    scope.addContentTypeParser(types, { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, end) => end(null, body));
    const config = { gate: { access: 'ingest samples', basic: true, errors: 'text' } } as const;
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      const format = (request.headers['content-type'] ?? '').toLowerCase().startsWith(JSON_TYPE) ? 'json' : 'protobuf';
      // An empty protobuf message has no bytes.
      const body = request.body instanceof Uint8Array ? request.body : new Uint8Array(0);
      const encoding = request.headers['content-encoding'];
      return answer(reply, format, await intake.otlp({ body, encoding, format, source: principalOf(request).actor.name }));
    };
    for (const url of PATHS) scope.route({ method: 'POST', url, config, bodyLimit: BODY_LIMIT_BYTES, handler });
    done();
  });
}

function answer(reply: FastifyReply, format: OtlpBody['format'], outcome: OtlpOutcome): FastifyReply {
  const isJson = format === 'json';
  void reply.type(isJson ? JSON_TYPE : PROTOBUF);
  if (!('error' in outcome)) return reply.code(200).send(isJson ? formatOtlpAnswer(outcome) : Buffer.from(encodeOtlpAnswer(outcome)));
  if (outcome.error === 'unavailable') void reply.header('retry-after', RETRY_AFTER_SECONDS);
  return reply
    .code(STATUS[outcome.error])
    .send(isJson ? JSON.stringify({ message: outcome.message }) : Buffer.from(encodeStatus(outcome.message)));
}
