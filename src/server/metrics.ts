import type { FastifyInstance } from 'fastify';
import { increase, type Counters, type Metric } from '../core/base/counters.ts';
import { NAME, sortedNames, type Labels } from '../core/base/labels.ts';
import { SECOND } from '../core/base/time.ts';
import type { ServerParts } from './parts.ts';

const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const gauge = (name: string, help: string): Metric => ({ name, help, type: 'gauge' });

/** What the server counts about itself. */
export const METRICS = {
  requests: counter('tocsin_http_requests_total', 'Answered HTTP requests.'),
  requestSeconds: counter('tocsin_http_request_duration_seconds_total', 'Time spent on answered HTTP requests.'),
  denied: counter('tocsin_http_denied_total', 'Requests without credentials or permission.'),
  internalErrors: counter('tocsin_http_internal_errors_total', 'Requests that failed inside the server.'),
  connections: gauge('tocsin_http_connections', 'Open connections.'),
  connectionsRefused: counter('tocsin_http_connections_refused_total', 'Connections that were closed at once because there were too many.'),
  loginsRefused: counter('tocsin_logins_refused_total', 'Logins that were refused.'),
  decisionLinksRefused: counter('tocsin_decision_links_refused_total', 'Decision links that were refused, by reason.'),
  liveClients: gauge('tocsin_live_clients', 'Open live streams.'),
  liveRefused: counter('tocsin_live_refused_total', 'Live streams refused because there were too many.'),
  liveOverflows: counter('tocsin_live_overflows_total', 'Live clients that were too slow and had to reload.'),
  writeRequests: counter('tocsin_remote_write_requests_total', 'Remote-write requests by outcome.'),
  writeBytes: counter('tocsin_remote_write_bytes_total', 'Bytes of remote-write bodies, as sent.'),
  writeSamples: counter('tocsin_remote_write_samples_total', 'Samples written through remote write.'),
  queries: counter('tocsin_queries_total', 'Queries by kind and outcome.'),
  build: gauge('tocsin_build', 'Always 1; the label is the version.'),
} as const;

/** Counts every answer under its route, never under its path, which has no end. */
export function countRequests(server: FastifyInstance, { counters }: ServerParts): void {
  server.addHook('onResponse', (request, reply, done) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? 'none' };
    increase(counters, METRICS.requests, { ...labels, code: String(reply.statusCode) });
    increase(counters, METRICS.requestSeconds, labels, reply.elapsedTime / SECOND);
    done();
  });
}

/** `/metrics` in the text format 0.0.4. */
export function serveMetrics(server: FastifyInstance, parts: ServerParts): void {
  server.get('/metrics', { config: { gate: { access: 'read', basic: true } } }, async (_request, reply) => {
    await parts.gauges?.();
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(formatCounters(parts.counters));
  });
}

function formatCounters(counters: Counters): string {
  const lines: string[] = [];
  for (const { metric, values } of [...counters.values()].toSorted((a, b) => (a.metric.name < b.metric.name ? -1 : 1))) {
    lines.push(
      `# HELP ${metric.name} ${metric.help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')}`,
      `# TYPE ${metric.name} ${metric.type}`,
    );
    for (const { labels, value } of values.values()) lines.push(`${metric.name}${formatPairs(labels)} ${formatNumber(value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function formatPairs(labels: Labels): string {
  const names = sortedNames(labels).filter((name) => name !== NAME);
  if (names.length === 0) return '';
  return `{${names.map((name) => `${name}="${escape(labels[name] ?? '')}"`).join(',')}}`;
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}
