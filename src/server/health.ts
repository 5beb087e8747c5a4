import type { FastifyInstance } from 'fastify';
import type { Gate } from './gate.ts';
import type { ServerParts } from './parts.ts';
import { sendRefusal } from './refusal.ts';

const ANYBODY: { readonly gate: Gate } = { gate: { access: null } };

/** Whether the process lives and whether it may be sent requests, under the names that orchestrators and Prometheus ask for. */
export function serveHealth(server: FastifyInstance, parts: ServerParts): void {
  for (const path of ['/healthz', '/-/healthy']) {
    server.get(path, { config: ANYBODY }, (_request, reply) => reply.type('text/plain').send('Tocsin is healthy.\n'));
  }
  for (const path of ['/readyz', '/-/ready']) {
    server.get(path, { config: ANYBODY }, (_request, reply) => {
      const why = parts.whyNotReady();
      void reply.type('text/plain').code(why === null ? 200 : 503);
      return reply.send(why === null ? 'Tocsin is ready.\n' : `Not ready: ${why}\n`);
    });
  }
  server.post('/-/reload', { config: { gate: { access: 'administer', basic: true } } }, async (_request, reply) => {
    const result = await parts.reload();
    return 'error' in result ? sendRefusal(reply, result.error) : reply.type('text/plain').send('reloaded\n');
  });
}
