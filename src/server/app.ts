import Fastify, { type FastifyInstance } from 'fastify';
import { actions } from '../contract/api/actions.ts';
import { alerts } from '../contract/api/alerts.ts';
import { audit } from '../contract/api/audit.ts';
import { endpoints } from '../contract/api/endpoints.ts';
import { hosts } from '../contract/api/hosts.ts';
import { keeping } from '../contract/api/keeping.ts';
import { recommendations } from '../contract/api/recommendations.ts';
import { runs } from '../contract/api/runs.ts';
import { series } from '../contract/api/series.ts';
import { system } from '../contract/api/system.ts';
import type { JsonSchema } from '../contract/infer.ts';
import { registerAccounts } from './api/accounts.ts';
import { registerSession } from './api/session.ts';
import { serveDecisions } from './decide/decisions.ts';
import { renderDocs } from './docs-page.ts';
import { boundConnections, LOOK_EVERY_MS, SLOWEST_HEADERS_MS } from './connections.ts';
import { serveDownloads } from './downloads.ts';
import { guard } from './gate.ts';
import { serveHealth } from './health.ts';
import { serveForeignAlerts } from './ingest/foreign-alerts.ts';
import { serveImport } from './ingest/import-lines.ts';
import { serveOtlp } from './ingest/otlp.ts';
import { takeJson } from './json-body.ts';
import { serveChanges } from './live/changes.ts';
import { liveClients } from './live/clients.ts';
import { serveOutputLive } from './live/output.ts';
import { countRequests, serveMetrics } from './metrics.ts';
import { openApiDocument } from './openapi.ts';
import { servePage } from './page-files.ts';
import type { ServerParts } from './parts.ts';
import { servePrometheusApi } from './prometheus-api/serve-prometheus-api.ts';
import { serveTargets } from './prometheus-api/targets.ts';
import { answerErrors, sendRefusal } from './refusal.ts';
import { registerAll, SMALL_BODY_BYTES } from './register.ts';
import { sendSecurityHeaders } from './security-headers.ts';

const LONGEST_PARAM = 1_000;
const SLOWEST_REQUEST_MS = 60_000;
/** What is still being answered when the server ends may take so long. */
const PATIENCE_AT_END = 5_000;

/** The whole HTTP surface over what it is given; `listen` is the caller's. */
export function buildServer(parts: ServerParts): FastifyInstance {
  const server = Fastify({
    bodyLimit: SMALL_BODY_BYTES,
    requestTimeout: SLOWEST_REQUEST_MS,
    http: { headersTimeout: SLOWEST_HEADERS_MS, connectionsCheckingInterval: LOOK_EVERY_MS },
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
    // An address that cannot be read belongs to no route.
    frameworkErrors: (_error, _request, reply) => sendRefusal(reply, { code: 'bad_request', message: 'The address cannot be read.' }),
    routerOptions: { maxParamLength: LONGEST_PARAM },
    ...(parts.serverFactory !== undefined && { serverFactory: parts.serverFactory }),
  });
  server.addHook('preClose', async () => {
    parts.timers.after(PATIENCE_AT_END, () => server.server.closeAllConnections());
  });
  boundConnections(server, parts);
  countRequests(server, parts);
  sendSecurityHeaders(server, parts);
  guard(server, parts);
  answerErrors(server, parts);
  takeJson(server);

  registerSession(server, parts);
  registerAccounts(server, parts);
  registerAll(server, alerts, parts.nouns.alerts);
  registerAll(server, actions, parts.nouns.actions);
  registerAll(server, runs, parts.nouns.runs);
  registerAll(server, recommendations, parts.nouns.recommendations);
  registerAll(server, hosts, parts.nouns.hosts);
  registerAll(server, series, parts.nouns.series);
  registerAll(server, keeping, parts.nouns.keeping);
  registerAll(server, system, parts.nouns.system);
  registerAll(server, audit, parts.nouns.audit);
  const clients = liveClients(server, parts);
  serveChanges(server, parts, clients);
  serveOutputLive(server, parts, clients);
  serveDownloads(server, parts);
  serveDecisions(server, parts);
  serveForeignAlerts(server, parts);
  serveOtlp(server, parts);
  serveImport(server, parts);
  servePrometheusApi(server, parts, clients);
  serveTargets(server, parts);
  serveDescription(server, parts.version);
  serveHealth(server, parts);
  serveMetrics(server, parts);
  for (const extend of parts.extensions ?? []) extend(server);
  servePage(server, parts);
  return server;
}

function serveDescription(server: FastifyInstance, version: string): void {
  let made: JsonSchema | null = null;
  const document = (): JsonSchema => {
    // It takes longer than the rest of a start, and few ask for it.
    made ??= openApiDocument(endpoints, version);
    return made;
  };
  const config = { gate: { access: 'read' } } as const;
  server.get('/api/openapi.json', { config }, () => document());
  server.get('/api/docs', { config }, (_request, reply) => reply.type('text/html; charset=utf-8').send(renderDocs(document())));
}
