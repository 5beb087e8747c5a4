import type { Millis } from '../core/base/time.ts';
import { bytesPerDay, fullAt, reachesAt, slopePerDay, steadyBytes, type StoredPiece } from '../core/series/forecast.ts';
import type { SeriesHealth, SeriesStatus } from '../io/series/status.ts';
import type { SeriesDocument } from '../server/api/series.ts';

/** What a sample takes while nothing is known of it. */
const USUAL_BYTES = 1.5;
const SLOPE_POINTS = 168;

/** Whether the series store is well, in words. */
export function describeHealth(health: Omit<SeriesHealth, 'purges'>): Pick<SeriesDocument, 'state' | 'message'> {
  const { disk, journalProblem, keepingProblem, forwarding, damage } = health;
  const full = disk?.full ?? null;
  if (full !== null) return { state: 'down', message: `the disk is full, samples are refused: ${full}` };
  if (journalProblem !== null) return { state: 'down', message: `samples are refused: ${journalProblem}` };
  if (forwarding !== null) {
    if (keepingProblem === null) return { state: 'ok', message: 'forwards samples' };
    return { state: 'degraded', message: `samples wait: the series store takes none: ${keepingProblem}` };
  }
  if (keepingProblem !== null) return { state: 'degraded', message: `blocks cannot be written: ${keepingProblem}` };
  const [first] = damage;
  if (first !== undefined) {
    const more = damage.length > 1 ? ` and ${damage.length - 1} more` : '';
    return { state: 'degraded', message: `damaged: ${first.where}: ${first.why}${more}` };
  }
  return { state: 'ok', message: 'takes samples' };
}

/** All that is told of the series store, with what its growth so far says of the future. */
export function seriesDocument(status: SeriesStatus, now: Millis): SeriesDocument {
  const { rules, blockSamples, blockBytes, forwarding } = status;
  const bytesEach = blockSamples === 0 ? null : blockBytes / blockSamples;
  return {
    at: now,
    kind: forwarding === null ? 'embedded' : 'remote',
    ...describeHealth(status),
    series: status.series,
    labelPairs: status.labelPairs,
    chunks: status.chunks,
    memoryBytes: status.memoryBytes,
    samples: {
      taken: status.samples,
      perSecond: status.samplesPerSecond,
      bytesEach,
      late: status.lateSamples,
      duplicates: status.duplicates,
      unwritten: status.unwritten.samples,
      oldest: status.oldestSample,
      newest: status.newestSample,
    },
    top: {
      metrics: [...status.topNames],
      labels: [...status.topLabels],
      pairs: [...status.topPairs],
      labelBytes: [...status.topLabelBytes],
      sources: [...status.sources],
    },
    requests: status.requests,
    refused: [...status.refused],
    exemplars: status.exemplars,
    describedMetrics: status.describedMetrics,
    limits:
      rules === null
        ? null
        : {
            series: rules.limits.series,
            seriesPerSource: finite(rules.limits.seriesPerSource),
            outOfOrderWindow: rules.lateWindow,
            futureWindow: rules.futureWindow,
            bodyBytes: rules.bodyLimitBytes,
          },
    retention: rules === null ? null : { keep: finite(rules.retention), bytes: finite(rules.retentionBytes) },
    ...keepingOf(status),
    damage: [...status.damage],
    disk: status.disk,
    forwarding,
    growth: [...status.growth],
    forecast: forecastOf(status, bytesEach ?? USUAL_BYTES, now),
  };
}

function keepingOf(status: SeriesStatus): Pick<SeriesDocument, 'journal' | 'blocks'> {
  return {
    journal: { bytes: status.journalBytes, segments: status.journalSegments, problem: status.journalProblem, replay: status.replay },
    blocks: {
      count: status.blocks,
      bytes: status.blockBytes,
      samples: status.blockSamples,
      flushes: status.flushes,
      merges: status.merges,
      expired: status.expiredBlocks,
      problem: status.forwarding === null ? status.keepingProblem : null,
      items: status.blockList.toSorted((a, b) => b.from - a.from || b.to - a.to),
    },
  };
}

function forecastOf(status: SeriesStatus, bytesEach: number, now: Millis): SeriesDocument['forecast'] {
  const { rules, disk, blockList, unwritten, growth } = status;
  const keep = rules?.retention ?? Number.POSITIVE_INFINITY;
  const pieces: StoredPiece[] = blockList
    .filter(({ problem }) => problem === null)
    .map(({ from, to, bytes }) => ({ from, to, bytes, goesAt: to + keep }));
  if (unwritten.from !== null && unwritten.to !== null) {
    pieces.push({ from: unwritten.from, to: unwritten.to, bytes: unwritten.samples * bytesEach, goesAt: unwritten.to + keep });
  }
  const rate = bytesPerDay(pieces, now);
  const inflows = rate === null ? [] : [{ bytesPerDay: rate, keep }];
  const stored = pieces.reduce((sum, { bytes }) => sum + bytes, 0);
  const free = disk?.freeBytes ?? null;
  const when = (roomBytes: number): Millis | null => (rate === null ? null : fullAt({ now, pieces, inflows, roomBytes }));
  const seriesPerDay = slopePerDay(growth.slice(-SLOPE_POINTS).map(({ at, series }) => ({ at, value: series })));
  return {
    bytesPerDay: rate,
    bytesToday: status.blockBytes + status.journalBytes,
    steadyBytes: rate === null ? null : steadyBytes(inflows),
    diskFullAt: free === null || disk === null ? null : when(free - disk.floorBytes),
    limitAt: when((rules?.retentionBytes ?? Number.POSITIVE_INFINITY) - stored),
    seriesPerDay,
    seriesLimitAt: rules === null ? null : reachesAt(status.series, rules.limits.series, seriesPerDay, now),
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
