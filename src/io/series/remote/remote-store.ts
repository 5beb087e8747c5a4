import type { Labels } from '../../../core/base/labels.ts';
import type { Millis } from '../../../core/base/time.ts';
import type { Counted } from '../../../core/series/label-index.ts';
import { systemClock } from '../../clock.ts';
import { systemFiles } from '../../files.ts';
import type { Log } from '../../log.ts';
import { systemRandom } from '../../random.ts';
import { Spool } from '../../spool/spool.ts';
import type { WriteOutcome } from '../engine.ts';
import type { Encoding } from '../journal-record.ts';
import type { SeriesExemplars } from '../../../core/series/find-exemplars.ts';
import type { Listing, MetricDescriptions, OwnSample, WatchedRule } from '../messages.ts';
import { encodeOwnSamples } from '../own-samples.ts';
import type { QueryAnswer } from '../query-answer.ts';
import type { SeriesHealth, SeriesStatus } from '../status.ts';
import type { QueryGrid, QuerySettings, SeriesStore } from '../store.ts';
import type { StoredAsk, StoredSamples } from '../stored-samples.ts';
import { deliver, type DeliveryState } from './deliver.ts';
import type { Endpoint } from './endpoint.ts';
import { Forwarding } from './forward-body.ts';
import { ForwardedInterest } from './forwarded-interest.ts';
import { isObject } from './read-result.ts';
import { Reading } from './reading.ts';

export interface RemoteOptions {
  /** Holds the queue of what is not delivered yet; made when it is missing. */
  readonly folder: string;
  /** Where bodies are sent, as it is: `http://host:9090/api/v1/write`. */
  readonly write: string;
  /** Below which `/api/v1/query` is: `http://host:9090`. */
  readonly query: string;
  readonly http: Endpoint;
  readonly log: Log;
  readonly now: () => Millis;
  /** What may wait; above it writes are `unavailable`. 1 GiB when it is not given. */
  readonly queueBytes?: number;
}

const QUEUE_BYTES = 1 << 30;
const SEND_TIMEOUT: Millis = 30_000;
const FOREVER: Millis = Number.MAX_SAFE_INTEGER;
const DEFAULT_TOP = 10;

/** A store that others keep: writes wait in a queue on disk until that server takes them, queries are asked of it. */
export async function openRemoteSeries(options: RemoteOptions): Promise<SeriesStore> {
  const doors = { files: systemFiles, clock: { ...systemClock, now: options.now }, log: options.log };
  const limits = { bytes: options.queueBytes ?? QUEUE_BYTES, age: FOREVER, memoryBytes: 0, whenFull: 'refuse' } as const;
  const spool = new Spool(options.folder, doors, limits);
  await spool.open();
  return new RemoteSeries(options, spool);
}

class RemoteSeries implements SeriesStore {
  readonly local = null;
  onTouched: (ids: readonly string[]) => void = () => {};
  readonly opened: Promise<void> = Promise.resolve();
  readonly isOpen: boolean = true;
  private readonly options: RemoteOptions;
  private readonly spool: Spool;
  private readonly reading: Reading;
  private readonly forwarding = new Forwarding();
  private readonly interest = new ForwardedInterest();
  private readonly ending = new AbortController();
  private readonly delivering: Promise<void>;
  private readonly state: DeliveryState = { delivered: 0, refused: 0, problem: null, failingSince: null };
  private readonly requests = { taken: 0, bad: 0, tooLarge: 0, unavailable: 0 };
  private samplesTaken = 0;
  private journalProblem: string | null = null;

  constructor(options: RemoteOptions, spool: Spool) {
    this.options = options;
    this.spool = spool;
    this.reading = new Reading(options.query, options.http);
    const doors = { http: options.http, clock: systemClock, random: systemRandom, log: options.log };
    const { state } = this;
    this.delivering = deliver(
      { url: options.write, timeout: SEND_TIMEOUT, spool, state, onDelivered: (payload) => this.touch(payload) },
      doors,
      this.ending.signal,
    );
  }

  async write(body: Uint8Array, encoding: Encoding, _source: string, protocol: 1 | 2 = 1): Promise<WriteOutcome> {
    const forwarded = this.forwarding.convert({ body, encoding, protocol });
    if ('problem' in forwarded) return this.fail(forwarded.problem, forwarded.message);
    const { payload, samples, histograms, exemplars } = forwarded;
    if (histograms > 0) this.reading.histograms.note(this.forwarding.batch);
    const taken = await this.spool.append({ at: this.options.now(), payload });
    if (taken === 'too-large') return this.fail('too-large', 'the body is too large to be forwarded');
    this.journalProblem = taken === 'taken' ? null : taken === 'full' ? 'the queue is full' : 'the queue cannot be written to disk';
    if (this.journalProblem !== null) return this.fail('unavailable', `${this.journalProblem}: the series store takes no samples`);
    this.requests.taken += 1;
    this.samplesTaken += samples + histograms;
    return { samples, series: 0, refused: [], ...(histograms > 0 && { histograms }), ...(exemplars > 0 && { exemplars }) };
  }

  append(samples: readonly OwnSample[]): Promise<WriteOutcome> {
    return this.write(encodeOwnSamples(samples), 'none', 'tocsin');
  }

  instant(expr: string, at: Millis, settings?: QuerySettings): Promise<QueryAnswer> {
    return this.reading.instant(expr, at, settings);
  }

  range(expr: string, grid: QueryGrid, settings?: QuerySettings): Promise<QueryAnswer> {
    return this.reading.range(expr, grid, settings);
  }

  series(listing: Listing): Promise<readonly Labels[]> {
    return this.reading.series(listing);
  }

  labelNames(listing: Listing): Promise<readonly string[]> {
    return this.reading.labelNames(listing);
  }

  labelValues(name: string, listing: Listing): Promise<readonly string[]> {
    return this.reading.labelValues(name, listing);
  }

  exemplars(ask: Omit<Listing, 'limit'>): Promise<readonly SeriesExemplars[]> {
    return this.reading.exemplars(ask);
  }

  metadata(): Promise<MetricDescriptions> {
    return this.reading.metadata();
  }

  samples(ask: StoredAsk): Promise<StoredSamples> {
    return this.reading.samples(ask);
  }

  async watch(rules: readonly WatchedRule[]): Promise<readonly string[]> {
    return this.interest.watch(rules);
  }

  /** Nothing is kept here. */
  async keep(): Promise<void> {}

  async close(): Promise<void> {
    this.ending.abort();
    await this.delivering;
    await this.spool.close();
    this.options.http.close();
  }

  async health(): Promise<SeriesHealth> {
    return {
      disk: null,
      journalProblem: this.journalProblem,
      keepingProblem: this.state.problem,
      forwarding: this.forwarded(),
      damage: [],
      purges: [],
    };
  }

  async status(top = DEFAULT_TOP): Promise<SeriesStatus> {
    const told = await this.reading.status(top);
    const head = isObject(told['headStats']) ? told['headStats'] : {};
    const { bytes, droppedBytes } = this.spool.state();
    return {
      series: numberOf(head['numSeries'] ?? told['totalSeries']),
      samples: this.samplesTaken,
      duplicates: 0,
      lateSamples: 0,
      exemplars: { kept: 0, displaced: 0, refused: 0 },
      describedMetrics: 0,
      labelPairs: numberOf(head['numLabelPairs'] ?? told['totalLabelValuePairs']),
      topNames: countedOf(told['seriesCountByMetricName']),
      topLabels: countedOf(told['labelValueCountByLabelName']),
      topPairs: countedOf(told['seriesCountByLabelValuePair']),
      topLabelBytes: countedOf(told['memoryInBytesByLabelName']),
      chunks: numberOf(head['chunkCount']),
      sources: [],
      memoryBytes: 0,
      journalBytes: bytes,
      journalSegments: 0,
      refused: [],
      requests: { ...this.requests },
      oldestSample: momentOf(head['minTime']),
      newestSample: momentOf(head['maxTime']),
      replay: { records: 0, torn: 0, corrupt: 0, corruptBytes: droppedBytes },
      blocks: 0,
      blockBytes: 0,
      blockSamples: 0,
      damagedChunks: 0,
      blockProblems: [],
      flushes: 0,
      merges: 0,
      expiredBlocks: 0,
      tiers: [],
      rebuilds: 0,
      blockList: [],
      unwritten: { samples: 0, from: null, to: null },
      rules: null,
      pendingDeletions: 0,
      recall: null,
      held: { holds: [], blocks: 0, bytes: 0, overdueBlocks: 0, overdueBytes: 0, problem: null },
      samplesPerSecond: null,
      growth: [],
      ...(await this.health()),
    };
  }

  private forwarded(): SeriesStatus['forwarding'] {
    return { delivered: this.state.delivered, refused: this.state.refused, waitingBytes: this.spool.state().bytes };
  }

  /** The other server has the samples now, so rules that read them are worth judging. */
  private touch(payload: Uint8Array): void {
    if (this.interest.isEmpty || !this.forwarding.read(payload)) return;
    const ids = this.interest.touchedBy(this.forwarding.batch);
    if (ids.length > 0) this.onTouched(ids);
  }

  private fail(error: 'bad' | 'too-large' | 'unavailable', message: string): WriteOutcome {
    this.requests[error === 'too-large' ? 'tooLarge' : error] += 1;
    return { error, message };
  }
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function momentOf(value: unknown): Millis | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function countedOf(value: unknown): readonly Counted[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one: unknown) => {
    if (!isObject(one)) return [];
    const { name, value: count } = one;
    return typeof name === 'string' && typeof count === 'number' ? [{ name, value: count }] : [];
  });
}
