import type { FastifyInstance } from 'fastify';
import type { ServerParts } from '../parts.ts';
import { serveAdmin } from './admin.ts';
import { serveCatalogue } from './catalogue.ts';
import { serveCrossOrigin } from './cross-origin.ts';
import { serveExpressions } from './expressions.ts';
import { serveFederation } from './federate.ts';
import { serveLookups } from './lookups.ts';
import { serveQueries } from './queries.ts';
import { serveRemoteRead } from './remote-read.ts';
import { serveStatus } from './status.ts';
import { serveWrite } from './write.ts';

/** `/api/v1/*` and `/federate`, as Prometheus 3 answers them. */
export function servePrometheusApi(server: FastifyInstance, parts: ServerParts): void {
  serveWrite(server, parts);
  serveRemoteRead(server, parts);
  serveQueries(server, parts);
  serveLookups(server, parts);
  serveExpressions(server);
  serveCatalogue(server, parts);
  serveStatus(server, parts);
  serveFederation(server, parts);
  serveAdmin(server, parts);
  serveCrossOrigin(server);
}
