import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { principalOf } from '../gate.ts';
import type { ServerParts } from '../parts.ts';

const RETRY_AFTER_SECONDS = 5;
const STATUS = { unsupported: 415, bad: 400, unavailable: 503 } as const;

/** `POST /api/v1/import`: JSON lines in VictoriaMetrics' format, taken while they arrive, whatever their content type. */
export function serveImport(server: FastifyInstance, { intake }: ServerParts): void {
  if (intake === undefined) return;
  server.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, end) => end(null, payload));
    const config = { gate: { access: 'ingest samples', basic: true, errors: 'text' } } as const;
    scope.post('/api/v1/import', { config }, async (request, reply) => {
      const body = request.body instanceof Readable ? request.body : Readable.from([]);
      const outcome = await intake.importLines(body, request.headers['content-encoding'], principalOf(request).actor.name);
      const { error, ...told } = outcome;
      if (error === 'unavailable') void reply.header('retry-after', RETRY_AFTER_SECONDS);
      const status = error !== null ? STATUS[error] : told.badLines > 0 ? 400 : 200;
      return reply.code(status).send(told);
    });
    done();
  });
}
