import { availableParallelism, hostname } from 'node:os';
import { cwd, getActiveResourcesInfo } from 'node:process';
import { getHeapStatistics } from 'node:v8';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatInstant } from '../../core/base/calendar.ts';
import { formatDuration } from '../../core/base/time.ts';
import { withoutUser } from '../../core/base/without-user.ts';
import type { ServerParts } from '../parts.ts';
import { sendData, sendQueryError } from './envelope.ts';
import { describeFeatures } from './features.ts';
import { parseWhole, readParams } from './params.ts';
import type { SeriesStatus } from './series-part.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;
/** What Grafana chooses its abilities by: the semantics of PromQL here are those of Prometheus 3. */
const PROMETHEUS_VERSION = '3.5.0';
const TOP = 10;
const MOST_TOP = 10_000;

/** `/api/v1/status/*`, `alertmanagers` and `features`: how the server is, in the words of Prometheus. */
export function serveStatus(server: FastifyInstance, parts: ServerParts): void {
  const serve = (path: string, answer: () => unknown): void => {
    server.get(`/api/v1/${path}`, { config }, async (_request, reply) => sendData(reply, await answer()));
  };
  serve('status/buildinfo', () => describeBuild(parts));
  serve('status/config', () => ({ yaml: formatSettings(parts) }));
  serve('status/flags', () => describeFlags(parts));
  serve('status/runtimeinfo', () => describeRuntime(parts));
  serve('status/walreplay', async () => {
    // The server listens when everything is replayed.
    const { journalSegments } = await parts.series.status(1);
    return { min: 0, max: journalSegments, current: journalSegments };
  });
  server.get('/api/v1/status/tsdb', { config }, (request, reply) => sendStoreStatus(parts, request, reply));
  serve('status/tsdb/blocks', async () => ({ blocks: (await parts.series.status(1)).blocks.map(formatBlock) }));
  // Tocsin tells people itself and sends to no Alertmanager.
  serve('alertmanagers', () => ({ activeAlertmanagers: [], droppedAlertmanagers: [] }));
  serve('features', () => describeFeatures());
}

function describeBuild({ version }: ServerParts): object {
  return { version: PROMETHEUS_VERSION, revision: `tocsin ${version}`, branch: '', buildUser: '', buildDate: '', goVersion: '' };
}

/** The settings that say how samples are kept and where the server is; secrets are none of them. */
function formatSettings({ settings }: ServerParts): string {
  const { server, series, rules } = settings();
  const lines = [
    'server:',
    `  listen: ${JSON.stringify(`${server.listen.host}:${server.listen.port}`)}`,
    `  external_url: ${JSON.stringify(server.externalUrl)}`,
    'storage:',
    '  series:',
    ...formatSeries(series),
    rules.size === 0 ? 'rules: {}' : 'rules:',
    ...[...rules.values()].map(({ name, expr }) => `  ${JSON.stringify(name)}: { expr: ${JSON.stringify(expr)} }`),
  ];
  return `${lines.join('\n')}\n`;
}

function formatSeries({ keep, maxSeries, outOfOrderWindow, remote }: ReturnType<ServerParts['settings']>['series']): readonly string[] {
  if (remote !== null) {
    return [
      '    kind: remote',
      `    write: ${JSON.stringify(withoutUser(remote.write))}`,
      `    query: ${JSON.stringify(withoutUser(remote.query))}`,
    ];
  }
  const window = formatDuration(outOfOrderWindow);
  return ['    kind: embedded', `    keep: ${formatDuration(keep)}`, `    max_series: ${maxSeries}`, `    out_of_order_window: ${window}`];
}

function describeFlags({ settings, series }: ServerParts): Readonly<Record<string, string>> {
  const { server, series: kept } = settings();
  return {
    'query.lookback-delta': formatDuration(series.limits.lookback),
    'query.max-samples': String(series.limits.samples),
    'query.timeout': formatDuration(series.limits.timeout),
    'storage.tsdb.out-of-order-time-window': formatDuration(kept.outOfOrderWindow),
    'storage.tsdb.retention.time': formatDuration(kept.keep),
    'web.enable-remote-write-receiver': 'true',
    'web.external-url': server.externalUrl,
    'web.listen-address': `${server.listen.host}:${server.listen.port}`,
  };
}

async function describeRuntime({ world, settings, series, configuration }: ServerParts): Promise<object> {
  const { damaged } = await series.status(1);
  const { loadedAt, problems } = configuration();
  return {
    startTime: formatInstant(world.clock.startedAt),
    CWD: cwd(),
    hostname: hostname(),
    serverTime: formatInstant(world.clock.now()),
    reloadConfigSuccess: problems.length === 0,
    lastConfigTime: formatInstant(loadedAt),
    corruptionCount: damaged,
    // The nearest that this runtime has: what it waits for at the moment, processors, and the bound of its heap.
    goroutineCount: getActiveResourcesInfo().length,
    GOMAXPROCS: availableParallelism(),
    GOMEMLIMIT: getHeapStatistics().heap_size_limit,
    GOGC: '',
    GODEBUG: '',
    storageRetention: formatDuration(settings().series.keep),
  };
}

/** A block under Prometheus' names; what it is compacted from is not kept. */
function formatBlock({ name, from, to, series, samples, chunks }: SeriesStatus['blocks'][number]): object {
  return {
    ulid: name,
    minTime: from,
    maxTime: to,
    stats: { numSamples: samples, numSeries: series, numChunks: chunks },
    compaction: { level: 1, sources: [name] },
    version: 1,
  };
}

async function sendStoreStatus(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const text = readParams(request).get('limit') ?? '';
  const limit = text === '' ? TOP : (parseWhole(text) ?? 0);
  if (limit < 1) return sendQueryError(reply, { errorType: 'bad_data', error: 'limit must be a positive number' });
  if (limit > MOST_TOP) return sendQueryError(reply, { errorType: 'bad_data', error: `limit must not exceed ${MOST_TOP}` });
  const status = await parts.series.status(limit);
  const { numSeries, numLabelPairs, chunkCount, minTime, maxTime } = status;
  return sendData(reply, {
    headStats: { numSeries, numLabelPairs, chunkCount, minTime, maxTime },
    seriesCountByMetricName: status.seriesCountByMetricName,
    labelValueCountByLabelName: status.labelValueCountByLabelName,
    memoryInBytesByLabelName: status.memoryInBytesByLabelName,
    seriesCountByLabelValuePair: status.seriesCountByLabelValuePair,
  });
}
