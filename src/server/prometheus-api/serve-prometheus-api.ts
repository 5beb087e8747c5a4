import type { FastifyInstance } from 'fastify';
import type { LiveClients } from '../live/clients.ts';
import type { ServerParts } from '../parts.ts';
import { serveAdmin } from './admin.ts';
import { serveCatalogue } from './catalogue.ts';
import { serveCrossOrigin } from './cross-origin.ts';
import { serveExpressions } from './expressions.ts';
import { serveFederation } from './federate.ts';
import { serveLookups } from './lookups.ts';
import { serveNotifications } from './notifications.ts';
import { serveQueries } from './queries.ts';
import { serveRemoteRead } from './remote-read.ts';
import { serveSearch } from './search.ts';
import { serveSelfMetrics } from './self-metrics.ts';
import { serveStatus } from './status.ts';
import { serveWrite } from './write.ts';

/** `/api/v1/*` and `/federate`, as Prometheus 3 answers them. */
export function servePrometheusApi(server: FastifyInstance, parts: ServerParts, clients: LiveClients): void {
  serveWrite(server, parts);
  serveRemoteRead(server, parts);
  serveQueries(server, parts);
  serveLookups(server, parts);
  serveExpressions(server);
  serveCatalogue(server, parts);
  serveStatus(server, parts);
  serveSelfMetrics(server, parts);
  serveNotifications(server, parts, clients);
  serveSearch(server, parts);
  serveFederation(server, parts);
  serveAdmin(server, parts);
  serveCrossOrigin(server);
}
