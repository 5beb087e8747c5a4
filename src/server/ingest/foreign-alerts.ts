import type { FastifyInstance } from 'fastify';
import { principalOf } from '../gate.ts';
import type { ForeignAlertsPart, ServerParts } from '../parts.ts';
import { sendRefusal } from '../refusal.ts';

const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

const DOORS: readonly { readonly url: string; readonly format: Parameters<ForeignAlertsPart['receive']>[0] }[] = [
  { url: '/api/v2/alerts', format: 'alertmanager v2' },
  { url: '/api/hooks/alertmanager', format: 'alertmanager webhook' },
];

/** Alerts that other systems send: answered with success only when they are durable. */
export function serveForeignAlerts(server: FastifyInstance, parts: ServerParts): void {
  for (const { url, format } of DOORS) {
    const config = { gate: { access: 'ingest alerts', basic: true } } as const;
    server.post(url, { config, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
      const result = await parts.foreignAlerts.receive(format, request.body, principalOf(request));
      return 'error' in result ? sendRefusal(reply, result.error) : reply.send();
    });
  }
}
