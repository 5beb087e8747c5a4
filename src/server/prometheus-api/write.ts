import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { increase } from '../../core/base/counters.ts';
import { METRICS } from '../metrics.ts';
import { principalOf } from '../gate.ts';
import type { ServerParts } from '../parts.ts';
import type { WriteOutcome, WriteRequest } from './series-part.ts';

const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const MEDIA_TYPE = 'application/x-protobuf';
const RETRY_AFTER_SECONDS = 5;
const ENCODINGS: readonly string[] = ['snappy', 'zstd'];
const PROTOCOLS: Readonly<Record<string, 1 | 2>> = { 'prometheus.WriteRequest': 1, 'io.prometheus.write.v2.Request': 2 };

/** `POST /api/v1/write`: the body goes to the series thread as it came; 204 when it is durable. */
export function serveWrite(server: FastifyInstance, parts: ServerParts): void {
  server.addContentTypeParser(MEDIA_TYPE, { parseAs: 'buffer', bodyLimit: BODY_LIMIT_BYTES }, (_request, body, done) => done(null, body));
  const config = { gate: { access: 'ingest samples', basic: true, errors: 'text' } } as const;
  server.post('/api/v1/write', { config, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const asked = readWrite(request);
    if ('why' in asked) {
      count(parts, 'unsupported');
      return reply.code(asked.status).type('text/plain').send(`${asked.why}\n`);
    }
    increase(parts.counters, METRICS.writeBytes, {}, asked.body.length);
    return answer(parts, await parts.series.write(asked), reply);
  });
}

function readWrite(request: FastifyRequest): WriteRequest | { readonly status: 400 | 415; readonly why: string } {
  const protocol = protocolOf(request.headers['content-type'] ?? '');
  if (protocol === null) return { status: 415, why: `the content type must be ${MEDIA_TYPE} of remote write 1.0 or 2.0` };
  const encoding = request.headers['content-encoding'] ?? 'snappy';
  if (!isEncoding(encoding)) return { status: 415, why: `the content encoding must be one of ${ENCODINGS.join(', ')}` };
  const { body } = request;
  if (!(body instanceof Uint8Array)) return { status: 400, why: 'the body is empty' };
  return { body, encoding, protocol, source: principalOf(request).actor.name };
}

function isEncoding(text: string): text is WriteRequest['encoding'] {
  return ENCODINGS.includes(text);
}

function protocolOf(contentType: string): 1 | 2 | null {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (type.toLowerCase() !== MEDIA_TYPE) return null;
  const proto = parameters.find((parameter) => parameter.toLowerCase().startsWith('proto='));
  return proto === undefined ? 1 : (PROTOCOLS[proto.slice('proto='.length).replaceAll('"', '')] ?? null);
}

function answer(parts: ServerParts, outcome: WriteOutcome, reply: FastifyReply): FastifyReply {
  void reply.type('text/plain; charset=utf-8');
  if ('error' in outcome) {
    count(parts, outcome.error);
    if (outcome.error === 'bad') return reply.code(400).send(`${outcome.message}\n`);
    if (outcome.error === 'too-large') return reply.code(413).send(`${outcome.message}\n`);
    void reply.header('retry-after', RETRY_AFTER_SECONDS);
    return reply.code(outcome.error === 'busy' ? 429 : 503).send(`${outcome.message}\n`);
  }
  const { samples, histograms = 0, exemplars = 0, refused } = outcome;
  increase(parts.counters, METRICS.writeSamples, {}, samples + histograms);
  void reply.headers({
    'x-prometheus-remote-write-samples-written': samples,
    'x-prometheus-remote-write-histograms-written': histograms,
    'x-prometheus-remote-write-exemplars-written': exemplars,
  });
  count(parts, refused.length === 0 ? 'ok' : 'partly refused');
  if (refused.length === 0) return reply.code(204).send();
  const reasons = refused.map(({ reason, count: howMany }) => `${howMany} ${reason}`).join(', ');
  return reply.code(400).send(`${samples + histograms} samples written, refused: ${reasons}\n`);
}

function count(parts: ServerParts, outcome: string): void {
  increase(parts.counters, METRICS.writeRequests, { outcome });
}
