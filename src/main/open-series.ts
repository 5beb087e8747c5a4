import { join } from 'node:path';
import type { Millis } from '../core/base/time.ts';
import { DEFAULT_LIMITS } from '../core/series/series-table.ts';
import type { Secrets } from '../io/secrets.ts';
import { startEmbeddedSeries } from '../io/series/embedded.ts';
import { openEndpoint } from '../io/series/remote/endpoint.ts';
import { openRemoteSeries } from '../io/series/remote/remote-store.ts';
import { Senders } from '../io/series/remote/senders.ts';
import type { SeriesStore } from '../io/series/store.ts';
import type { ComposeInput } from './opened.ts';

const now = (): Millis => Date.now();

/** The store of the configuration, and what sends everything that is stored to others as well. */
export async function openSeries(
  { options, settings, log, seriesThread }: ComposeInput,
  secrets: Secrets,
): Promise<{ readonly series: SeriesStore; readonly senders: Senders }> {
  const doors = { resolve: secrets.resolve, now, log };
  const senders = new Senders(join(options.data, 'remote-write'), doors);
  const {
    keep,
    tiers,
    keepMatching,
    holds,
    maxBytes,
    maxSeries,
    maxSeriesPerSource,
    outOfOrderWindow,
    minFree,
    flushSamples,
    exemplars,
    cold,
    sync,
    remote,
  } = settings.series;
  if (remote !== null) {
    await seriesThread.end();
    const { write, query, access, headers } = remote;
    const http = openEndpoint(access, headers, doors);
    return { series: await openRemoteSeries({ folder: join(options.data, 'series-queue'), write, query, http, log, now }), senders };
  }
  await senders.apply(settings.remoteWrite);
  const series = startEmbeddedSeries({
    folder: join(options.data, 'series'),
    now,
    thread: seriesThread,
    rules: {
      limits: { ...DEFAULT_LIMITS, series: maxSeries, seriesPerSource: maxSeriesPerSource },
      lateWindow: outOfOrderWindow,
      retention: keep,
    },
    keepMatching,
    keeping: { flushSamples, tiers, cold, holds, ...(maxBytes !== null && { retentionBytes: maxBytes }) },
    exemplars,
    sync: sync === 'full' ? 'full' : 'second',
    minFreeBytes: minFree,
    alsoTo: () => (senders.isEmpty ? undefined : (body, encoding, protocol) => senders.send(body, encoding, protocol)),
    onFailure: (error) => log.error('the series thread died and starts again', { error: error.message }),
  });
  return { series, senders };
}
