import { DAY, type Millis } from '../core/base/time.ts';
import { bytesPerDay, fullAt, type Inflow, reachesAt, slopePerDay, steadyBytes, type StoredPiece } from '../core/series/forecast.ts';
import type { SeriesHealth, SeriesStatus } from '../io/series/status.ts';
import type { SeriesDocument } from '../server/api/series.ts';

/** What a sample takes while nothing is known of it. */
const USUAL_BYTES = 1.5;
const LAST_MOMENT = 8.64e15;
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
    tiers: [...status.tiers],
    cold: coldOf(status),
    held: {
      ...status.held,
      holds: status.held.holds.map((hold) => ({ ...hold, match: [...hold.match], from: moment(hold.from), to: moment(hold.to) })),
    },
    recall: recallOf(status),
    pendingDeletions: status.pendingDeletions,
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

function coldOf({ rules, blockList }: SeriesStatus): SeriesDocument['cold'] {
  const blocks = blockList.filter(({ cold }) => cold);
  const after = finite(rules?.coldAfter ?? Number.POSITIVE_INFINITY);
  if (after === null && blocks.length === 0) return null;
  return { after, blocks: blocks.length, bytes: sumOf(blocks) };
}

function recallOf({ recall }: SeriesStatus): SeriesDocument['recall'] {
  if (recall === null) return null;
  const { from, to, failed, ...rest } = recall;
  return { ...rest, from: moment(from), to: moment(to), failed: [...failed] };
}

/** A bound that is none stands far outside of all times. */
function moment(time: Millis): Millis | null {
  return Number.isSafeInteger(time) && Math.abs(time) < LAST_MOMENT ? time : null;
}

/** What samples and tiers bring, each with how long that is kept. */
function inflowsOf(status: SeriesStatus, rate: number, keep: Millis): readonly Inflow[] {
  const tiers = status.tiers.flatMap(({ from, until, bytes, keep: kept }) =>
    from === null || until === null || until <= from ? [] : [{ bytesPerDay: (bytes * DAY) / (until - from), keep: kept }],
  );
  return [{ bytesPerDay: rate, keep }, ...tiers];
}

/** What is stored, as if all of a tier were spread evenly over its days. */
function piecesOf(status: SeriesStatus, bytesEach: number, keep: Millis): readonly (StoredPiece & { readonly cold: boolean })[] {
  const pieces = status.blockList
    .filter(({ problem }) => problem === null)
    .map(({ from, to, bytes, cold }) => ({ from, to, bytes, cold, goesAt: to + keep }));
  const { from, to, samples } = status.unwritten;
  if (from !== null && to !== null) pieces.push({ from, to, bytes: samples * bytesEach, cold: false, goesAt: to + keep });
  return pieces;
}

function tierPieces({ tiers }: SeriesStatus): readonly StoredPiece[] {
  return tiers.flatMap(({ from, until, bytes, keep }) => {
    if (from === null || until === null || until <= from) return [];
    const days = Math.ceil((until - from) / DAY);
    return Array.from({ length: days }, (_, day) => {
      const start = from + day * DAY;
      return { from: start, to: start + DAY, bytes: bytes / days, goesAt: start + DAY + keep };
    });
  });
}

function forecastOf(status: SeriesStatus, bytesEach: number, now: Millis): SeriesDocument['forecast'] {
  const { rules, growth } = status;
  const keep = rules?.retention ?? Number.POSITIVE_INFINITY;
  const pieces = piecesOf(status, bytesEach, keep);
  const tiers = tierPieces(status);
  const rate = bytesPerDay(pieces, now);
  const seriesPerDay = slopePerDay(growth.slice(-SLOPE_POINTS).map(({ at, series }) => ({ at, value: series })));
  return {
    bytesPerDay: rate,
    bytesToday: status.blockBytes + status.journalBytes + sumOf(status.tiers),
    steadyBytes: rate === null ? null : steadyBytes(inflowsOf(status, rate, keep)),
    diskFullAt: rate === null ? null : diskFullAt(status, pieces, rate, now),
    limitAt:
      rate === null
        ? null
        : fullAt({
            now,
            pieces: [...pieces, ...tiers],
            inflows: inflowsOf(status, rate, keep),
            roomBytes: (rules?.retentionBytes ?? Number.POSITIVE_INFINITY) - sumOf(pieces) - sumOf(tiers),
          }),
    seriesPerDay,
    seriesLimitAt: rules === null ? null : reachesAt(status.series, rules.limits.series, seriesPerDay, now),
  };
}

/** What goes to the cold folder leaves this disk. */
function diskFullAt(
  status: SeriesStatus,
  pieces: readonly (StoredPiece & { readonly cold: boolean })[],
  rate: number,
  now: Millis,
): Millis | null {
  const { rules, disk } = status;
  if (disk === null || disk.freeBytes === null) return null;
  const here = Math.min(rules?.retention ?? Number.POSITIVE_INFINITY, rules?.coldAfter ?? Number.POSITIVE_INFINITY);
  const local = pieces.filter(({ cold }) => !cold).map((piece) => ({ ...piece, goesAt: Math.min(piece.goesAt, piece.to + here) }));
  const inflows = inflowsOf(status, rate, here);
  return fullAt({ now, pieces: [...local, ...tierPieces(status)], inflows, roomBytes: disk.freeBytes - disk.floorBytes });
}

function sumOf(list: readonly { readonly bytes: number }[]): number {
  return list.reduce((sum, { bytes }) => sum + bytes, 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
