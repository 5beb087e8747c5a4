import type { MessagePort, Worker } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import { DEFAULT_RULES, type HeadRules } from '../../core/series/head.ts';
import type { SeriesExemplars } from '../../core/series/find-exemplars.ts';
import type { WriteOutcome } from './engine.ts';
import type { Encoding } from './journal-record.ts';
import type {
  Ask,
  CallName,
  Calls,
  Listing,
  MetricDescriptions,
  OwnSample,
  QueryAsk,
  Told,
  WatchedRule,
  WorkerOptions,
} from './messages.ts';
import { encodeOwnSamples } from './own-samples.ts';
import { DEFAULT_KEEPING } from './keeper.ts';
import { gather } from '../gather.ts';
import { movable } from '../movable.ts';
import { LongQueries } from './long-queries.ts';
import { DEFAULT_QUERY_LIMITS, type QueryAnswer } from './query-answer.ts';
import { readVectors } from './read-vectors.ts';
import type { SeriesHealth, SeriesStatus } from './status.ts';
import type { MatchRule } from './matched-expiry.ts';
import { Turns } from './turns.ts';
import type { StoredAsk, StoredSamples } from './stored-samples.ts';
import { type PreparedThread, startThread } from './prepared-thread.ts';
import { QueryThread } from './query-thread.ts';
import { listSnapshots, removeSnapshot, type Snapshot, type SnapshotScope, snapshotName, whyNoSnapshot } from './snapshots.ts';
import type { LocalSeries, QueryGrid, QuerySettings, SeriesStore } from './store.ts';

export interface EmbeddedOptions {
  /** Holds `journal/` and the block files; made when it is missing. */
  readonly folder: string;
  readonly now: () => Millis;
  readonly rules?: Partial<HeadRules>;
  readonly sync?: 'second' | 'full';
  readonly bodyLimitBytes?: number;
  readonly decodedLimitBytes?: number;
  readonly segmentBytes?: number;
  /** How many exemplars are kept. */
  readonly exemplars?: number;
  /** Samples are refused while less is free on the disk; absent or null: as much as suits the disk. */
  readonly minFreeBytes?: number | null;
  /** Series that are kept shorter than others. */
  readonly keepMatching?: readonly MatchRule[];
  /** When samples move from memory to block files, and what blocks may occupy. */
  readonly keeping?: Partial<WorkerOptions['keeping']>;
  /** Request bodies that wait for the worker; above it writes are `unavailable`. */
  readonly queueLimitBytes?: number;
  /** What was stored is given here before it is answered, so that it can be sent elsewhere as well; undefined: nobody wants it. */
  readonly alsoTo?: () => ((body: Uint8Array, encoding: Encoding, protocol: 1 | 2) => Promise<void>) | undefined;
  /** The thread to work in, if one was started for it. */
  readonly thread?: PreparedThread | undefined;
  /** The worker died of this; a new one is started, which replays the journal. */
  readonly onFailure?: (error: Error) => void;
}

interface Waiting {
  readonly call: CallName;
  readonly done: (answer: never) => void;
  readonly failed: (error: Error) => void;
}

const MIB = 1 << 20;
const KEEP_EVERY = 10_000;
/** Looks, one every KEEP_EVERY, at which the query thread had nothing to do. */
const REST_AFTER = 6;
const QUERIES_AT_ONCE = 64;
const DEFAULT_TOP = 10;
const RESTART_AFTER = 1_000;
/** So many writes are with the series thread at once: what is asked meanwhile waits for no more of them. */
const WRITES_AT_ONCE = 4;
/** Writes that wait for the medium share a sync. */
const WRITES_OF_A_SYNC = 64;
const NOT_OPEN = 'the series store is not open';
const STARTING = 'the series store is starting: it reads its journal';

/** Starts the series thread on a folder. Resolves when the journal is replayed. */
export async function openEmbeddedSeries(options: EmbeddedOptions): Promise<SeriesStore> {
  const store = startEmbeddedSeries(options);
  await store.opened;
  return store;
}

/** The same, and does not wait: until it is open, writes are `unavailable`, and who asks something else waits. */
export function startEmbeddedSeries(options: EmbeddedOptions): SeriesStore {
  return new EmbeddedSeries(options);
}

/** The main thread's handle of the series thread. */
class EmbeddedSeries implements SeriesStore {
  readonly local: LocalSeries = {
    vectors: (asks, at) => readVectors(asks, this.long, (exprs, bounds) => this.call('vectors', { exprs, bounds, at })),
    countDeletion: (ask) => this.call('countDeletion', ask),
    delete: (ask) => this.call('delete', { ...ask, at: this.options.now() }),
    hold: (hold) => this.call('hold', { ...hold, since: this.options.now() }),
    lift: (name) => this.call('lift', { name }),
    clean: () => this.call('clean', null),
    planRecall: (range) => this.call('planRecall', range),
    recall: (ask) => this.call('recall', { ...ask, at: this.options.now() }),
    snapshot: (name, scope) => this.snapshot(name, scope),
    snapshots: () => listSnapshots(this.options.folder),
    removeSnapshot: (name) => removeSnapshot(this.options.folder, name),
  };
  onTouched: (ids: readonly string[]) => void = () => {};
  readonly opened: Promise<void>;
  private worker: Worker | null = null;
  /** While the thread reads its folder. */
  private starting: { readonly worker: Worker; readonly open: Promise<void> } | null = null;
  private readonly options: EmbeddedOptions;
  private readonly waiting = new Map<number, Waiting>();
  private watched: readonly WatchedRule[] = [];
  private nextId = 1;
  private queuedBytes = 0;
  private readonly writing: Turns;
  private closed = false;
  private readonly timer: NodeJS.Timeout;
  private readonly queries = new QueryThread((port, memory) => this.call('serve', { port, memory }, [port]));
  /** The rules that are due at one moment go to the series thread together. */
  private readonly ask = gather<QueryAsk, Calls['query']['answer']>(QUERIES_AT_ONCE, async (asks) => {
    const [only] = asks;
    return only !== undefined && asks.length === 1 ? [await this.call('query', only)] : this.call('queries', asks);
  });
  private readonly long = new LongQueries();

  constructor(options: EmbeddedOptions) {
    this.options = options;
    this.writing = new Turns(options.sync === 'full' ? WRITES_OF_A_SYNC : WRITES_AT_ONCE);
    this.timer = setInterval(() => {
      this.queries.rest(REST_AFTER);
      this.keep('due').catch(() => {});
    }, KEEP_EVERY).unref();
    this.opened = this.open();
    // Who waits for it hears of it.
    this.opened.catch(() => {});
  }

  get isOpen(): boolean {
    return this.worker !== null;
  }

  private open(): Promise<void> {
    const worker = this.options.thread?.take() ?? startThread();
    const open = new Promise<void>((done, failed) => {
      let death = new Error('the series thread ended');
      worker.on('message', (told: Told) => {
        if (told.kind === 'open') {
          this.worker = worker;
          this.starting = null;
          done();
        } else this.receive(told);
      });
      worker.on('error', (error: Error) => {
        death = error;
      });
      worker.on('exit', () => {
        const wasOpen = this.worker === worker;
        this.worker = null;
        this.starting = null;
        this.failAll(death);
        void this.queries.stop(death);
        if (!wasOpen) failed(death);
        else if (!this.closed) this.restart(death);
      });
    });
    this.starting = { worker, open };
    worker.postMessage(this.workerOptions());
    return open;
  }

  async write(body: Uint8Array, encoding: Encoding, source: string, protocol: 1 | 2 = 1): Promise<WriteOutcome> {
    const size = body.byteLength;
    if (this.worker === null) return { error: 'unavailable', message: this.starting === null ? NOT_OPEN : STARTING };
    if (this.queuedBytes + size > (this.options.queueLimitBytes ?? 128 * MIB)) {
      return { error: 'unavailable', message: 'too many writes are waiting' };
    }
    const alsoTo = this.options.alsoTo?.();
    const sent = alsoTo === undefined ? movable(body) : new Uint8Array(body);
    this.queuedBytes += size;
    try {
      const ask = { body: sent, encoding, source, protocol, at: this.options.now() };
      const outcome = await this.writing.whenFree(() => this.call('write', ask, [sent.buffer]));
      if (alsoTo !== undefined && !('error' in outcome)) await alsoTo(body, encoding, protocol);
      return outcome;
    } catch (error) {
      return unavailable(error);
    } finally {
      this.queuedBytes -= size;
    }
  }

  async append(samples: readonly OwnSample[]): Promise<WriteOutcome> {
    try {
      const outcome = await this.call('append', { samples, at: this.options.now() });
      const alsoTo = this.options.alsoTo?.();
      if (alsoTo !== undefined && !('error' in outcome)) await alsoTo(encodeOwnSamples(samples), 'none', 1);
      return outcome;
    } catch (error) {
      return unavailable(error);
    }
  }

  instant(expr: string, at: Millis, settings: QuerySettings = {}): Promise<QueryAnswer> {
    return this.query(expr, { start: at, end: at, step: 0 }, settings);
  }

  range(expr: string, grid: QueryGrid, settings: QuerySettings = {}): Promise<QueryAnswer> {
    return this.query(expr, grid, settings);
  }

  series(listing: Listing): Promise<readonly Labels[]> {
    return this.call('series', listing);
  }

  labelNames(listing: Listing): Promise<readonly string[]> {
    return this.call('labelNames', listing);
  }

  labelValues(name: string, listing: Listing): Promise<readonly string[]> {
    return this.call('labelValues', { ...listing, name });
  }

  watch(rules: readonly WatchedRule[]): Promise<readonly string[]> {
    this.watched = rules;
    return this.call('watch', rules);
  }

  async keep(what: 'due' | 'all'): Promise<void> {
    if (this.worker !== null) await this.call('keep', { at: this.options.now(), what });
  }

  exemplars(ask: Calls['exemplars']['ask']): Promise<readonly SeriesExemplars[]> {
    return this.call('exemplars', ask);
  }

  metadata(): Promise<MetricDescriptions> {
    return this.call('metadata', null);
  }

  samples(ask: StoredAsk): Promise<StoredSamples> {
    return this.call('samples', ask);
  }

  status(top = DEFAULT_TOP): Promise<SeriesStatus> {
    return this.call('status', { top, at: this.options.now() });
  }

  health(): Promise<SeriesHealth> {
    return this.call('health', null);
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.timer);
    await this.queries.stop(new Error('the series store is closed'));
    await this.starting?.worker.terminate();
    if (this.worker === null) return;
    await this.call('close', null);
    await this.worker?.terminate();
  }

  private async snapshot(wanted: string | null, scope: SnapshotScope): Promise<Snapshot | { readonly error: string }> {
    const { folder, now } = this.options;
    const at = now();
    const name = wanted ?? snapshotName(at);
    const refused = await whyNoSnapshot(folder, name);
    if (refused !== null) return { error: refused };
    const outcome = await this.call('snapshot', { name, at, scope });
    if (outcome !== null) return outcome;
    return (await listSnapshots(folder)).find((one) => one.name === name) ?? { error: 'the snapshot was removed at once' };
  }

  private async query(expr: string, grid: QueryGrid, { signal, ...limits }: QuerySettings): Promise<QueryAnswer> {
    if (signal?.aborted === true) return { result: 'error', error: 'canceled', message: 'query was canceled' };
    const cancel = signal === undefined ? null : new SharedArrayBuffer(4);
    const abort = (): void => {
      if (cancel !== null) Atomics.store(new Int32Array(cancel), 0, 1);
    };
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await this.evaluate({ expr, ...grid, options: { ...DEFAULT_QUERY_LIMITS, ...limits, cancel } });
    } catch (error) {
      return { result: 'error', error: 'execution', message: error instanceof Error ? error.message : String(error) };
    } finally {
      signal?.removeEventListener('abort', abort);
    }
  }

  private async evaluate(ask: QueryAsk): Promise<QueryAnswer> {
    if (!this.long.take(ask.expr, ask.step)) {
      const answer = await this.ask(ask);
      if (answer.result !== 'elsewhere') return answer;
      this.long.note(ask.expr, ask.step, answer.why);
    }
    const answer = await this.queries.query(ask);
    if (answer.result !== 'error' && answer.cost !== null) this.long.took(ask.expr, ask.step, answer.cost.evaluating);
    return answer;
  }

  private call<K extends CallName>(
    call: K,
    ask: Calls[K]['ask'],
    transfer: readonly (ArrayBuffer | MessagePort)[] = [],
  ): Promise<Calls[K]['answer']> {
    const { worker, starting } = this;
    if (worker === null)
      return starting === null ? Promise.reject(new Error(NOT_OPEN)) : starting.open.then(() => this.call(call, ask, transfer));
    const id = this.nextId;
    this.nextId += 1;
    return new Promise<Calls[K]['answer']>((done, failed) => {
      this.waiting.set(id, { call, done, failed });
      worker.postMessage({ id, call, ask } as Ask, transfer);
    });
  }

  private receive(told: Exclude<Told, { kind: 'open' }>): void {
    if (told.kind === 'touched') {
      this.onTouched(told.ids);
      return;
    }
    const waiting = this.waiting.get(told.id);
    this.waiting.delete(told.id);
    if (told.kind === 'answer') waiting?.done(told.answer as never);
    else waiting?.failed(new Error(told.message));
  }

  private failAll(error: Error): void {
    for (const { failed } of this.waiting.values()) failed(error);
    this.waiting.clear();
  }

  private restart(death: Error): void {
    this.options.onFailure?.(death);
    setTimeout(() => {
      if (this.closed) return;
      this.open().then(
        () => void this.call('watch', this.watched),
        (error: unknown) => this.restart(error instanceof Error ? error : new Error(String(error))),
      );
    }, RESTART_AFTER).unref();
  }

  private workerOptions(): WorkerOptions {
    const { folder, rules, sync, bodyLimitBytes, decodedLimitBytes, segmentBytes, exemplars, minFreeBytes, keeping } = this.options;
    return {
      folder,
      rules: { ...DEFAULT_RULES, ...rules },
      sync: sync ?? 'second',
      bodyLimitBytes: bodyLimitBytes ?? 32 * MIB,
      decodedLimitBytes: decodedLimitBytes ?? 64 * MIB,
      segmentBytes: segmentBytes ?? 64 * MIB,
      exemplars,
      minFreeBytes: minFreeBytes ?? null,
      keepMatching: this.options.keepMatching ?? [],
      keeping: { ...DEFAULT_KEEPING, ...keeping },
    };
  }
}

function unavailable(error: unknown): WriteOutcome {
  return { error: 'unavailable', message: error instanceof Error ? error.message : String(error) };
}
