import type { NameEscaping, ScrapeProtocol } from './scrape-job.ts';
import type { ScrapedBody } from './target-memory.ts';

const MEDIA_TYPES: Readonly<Record<ScrapeProtocol, string>> = {
  PrometheusProto: 'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
  'PrometheusText0.0.4': 'text/plain;version=0.0.4',
  'PrometheusText1.0.0': 'text/plain;version=1.0.0',
  'OpenMetricsText0.0.1': 'application/openmetrics-text;version=0.0.1',
  'OpenMetricsText1.0.0': 'application/openmetrics-text;version=1.0.0',
};
/** As Prometheus counts: one more than there are formats. */
const HIGHEST_WEIGHT = 6;

/** The `Accept` header by which Prometheus asks for these formats, the first one most. */
export function acceptHeader(protocols: readonly ScrapeProtocol[], escaping: NameEscaping): string {
  const wanted = protocols.map((protocol, index) => {
    const names = protocol.endsWith('1.0.0') ? `;escaping=${escaping}` : '';
    return `${MEDIA_TYPES[protocol]}${names};q=0.${HIGHEST_WEIGHT - index}`;
  });
  return [...wanted, `*/*;q=0.${HIGHEST_WEIGHT - protocols.length}`].join(',');
}

/** The format of an answer with this `Content-Type`; null: it says none that is known, and there is nothing to fall back to. */
export function formatOf(contentType: string | undefined, fallback: ScrapeProtocol | null): ScrapedBody['format'] | null {
  const [type = '', ...parameters] = (contentType ?? '').split(';').map((part) => part.trim().toLowerCase());
  if (type === 'text/plain') return 'prometheus';
  if (type === 'application/openmetrics-text') return 'openmetrics';
  if (type === 'application/vnd.google.protobuf') {
    const isDelimited = parameters.includes('encoding=delimited') && parameters.includes('proto=io.prometheus.client.metricfamily');
    return isDelimited ? 'protobuf' : null;
  }
  if (fallback === null) return null;
  return fallback === 'PrometheusProto' ? 'protobuf' : fallback.startsWith('OpenMetrics') ? 'openmetrics' : 'prometheus';
}
