import type { MessagePort } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import { compileMatcher, type CompiledMatcher, type Matcher } from '../../core/promql/matcher.ts';
import type { SelectHints } from '../../core/promql/source.ts';
import { Columns } from '../../core/series/columns.ts';
import { packHistograms } from '../../core/series/histogram-codec.ts';
import type { Selection } from '../../core/series/part-source.ts';
import { type BucketColumns, type BucketSink, bucketSinkFor } from '../../core/series/tiers/bucket-sink.ts';
import { type PackedRolls, packRolls } from '../../core/series/tiers/packed-rolls.ts';
import { type TierUse, tierUseOf } from '../../core/series/tiers/tier-notes.ts';
import type { SeriesEngine } from './engine.ts';
import { pauses } from './pauses.ts';

/** What the query thread asks of the series thread: the samples of some series. */
export interface SelectAsk {
  readonly id: number;
  readonly matchers: readonly Matcher[];
  readonly from: Millis;
  readonly to: Millis;
  readonly hints: SelectHints;
  /** At most so many samples are sent; those that are only looked at do not count. */
  readonly sampleLimit: number;
}

/** Some of the series as columns: series `i` is `refs[i]` with the samples up to `ends[i]`. Labels travel once. */
export type SelectTold =
  | {
      readonly id: number;
      /** Are these the last ones? */
      readonly isLast: boolean;
      /** Changes when the series get other numbers: labels that are known are then worth nothing. */
      readonly numbering: number;
      readonly refs: Uint32Array;
      readonly ends: Uint32Array;
      readonly times: Float64Array;
      readonly values: Float64Array;
      readonly stale: Uint8Array;
      /** May one of the samples be a staleness marker, or a histogram? */
      readonly marked: boolean;
      readonly starts: Float64Array | null;
      /** Packed; a sample that `stale` says to be one has its place among them as its value. */
      readonly histograms: Uint8Array | null;
      readonly labels: readonly (readonly [ref: number, labels: Labels])[];
      /** What the samples stand for; null: all are as they came. */
      readonly buckets: (Omit<BucketColumns, 'histograms'> & { readonly histograms: PackedRolls | null }) | null;
      readonly tierUse: TierUse;
    }
  | { readonly id: number; readonly failure: 'too-many-samples' | 'fault'; readonly message: string };

/** What the query thread says when it is done with a batch, or with all of a question: the memory of its columns goes back. */
export interface SelectDone {
  readonly done: number;
  readonly memory: Pick<Columns, 'times' | 'values' | 'stale'> | null;
}

/** Words of the memory that both threads see: how many answers were sent, and which question is still waited for. */
export const ANSWERS = 0;
export const WANTED = 1;

/** A batch is sent when it has so many samples; the first one earlier, because the query thread has nothing to do until it comes. */
const FIRST_BATCH = 16_384;
const BATCH = 65_536;
/** So many batches may be on their way or at work. */
const AHEAD = 4;
/** Memory of more samples is not kept for the next batch. */
const KEPT_SAMPLES = 4 * BATCH;

/**
 * Answers the query thread, which evaluates what it has while the next series are read. They are read in slices of a few milliseconds, so
 * that writes never wait for a long query.
 */
export function serveSelects(current: () => SeriesEngine, port: MessagePort, memory: SharedArrayBuffer): void {
  const desk = new SelectDesk(current, port, new Int32Array(memory));
  port.on('message', (message: SelectAsk | SelectDone) => {
    if ('done' in message) desk.takeBack(message);
    else void desk.answer(message);
  });
  port.on('close', () => desk.close());
}

class SelectDesk {
  private readonly current: () => SeriesEngine;
  private readonly port: MessagePort;
  private readonly words: Int32Array;
  private numbering: { readonly engine: SeriesEngine; readonly sent: Set<number>; readonly id: number };
  private readonly free: Columns[] = [];
  private ahead = 0;
  /** Questions that wait until a batch is done with. */
  private waiting: (() => void)[] = [];
  private closed = false;

  constructor(current: () => SeriesEngine, port: MessagePort, words: Int32Array) {
    this.current = current;
    this.port = port;
    this.words = words;
    this.numbering = { engine: current(), sent: new Set(), id: 0 };
  }

  async answer(ask: SelectAsk): Promise<void> {
    // The question before this one is not wanted any more.
    this.wake();
    const engine = this.current();
    // Another engine has other numbers for the series.
    if (this.numbering.engine !== engine) this.numbering = { engine, sent: new Set(), id: this.numbering.id + 1 };
    engine.keeper.blocks.hold();
    try {
      const problem = await this.select(engine, ask);
      if (problem !== null) this.tell({ id: ask.id, ...problem });
    } catch (error) {
      this.tell({ id: ask.id, failure: 'fault', message: error instanceof Error ? error.message : String(error) });
    } finally {
      engine.keeper.blocks.release();
    }
  }

  takeBack({ memory }: SelectDone): void {
    if (memory !== null) {
      this.ahead -= 1;
      if (memory.times.length <= KEPT_SAMPLES && this.free.length < AHEAD) this.free.push(Columns.over(memory));
    }
    this.wake();
  }

  close(): void {
    this.closed = true;
    this.wake();
  }

  private async select(engine: SeriesEngine, ask: SelectAsk): Promise<Omit<Failed, 'id'> | null> {
    const { source } = engine;
    const matchers = ask.matchers
      .map((matcher) => compileMatcher(matcher).value)
      .filter((matcher): matcher is CompiledMatcher => matcher !== null);
    if (matchers.length < ask.matchers.length) return { failure: 'fault', message: 'a matcher cannot be compiled' };
    const selection = source.begin(matchers, { ...ask, instants: ask.hints.instants });
    const pause = pauses();
    let batch = this.newBatch(selection);
    let limit = FIRST_BATCH;
    let samples = 0;
    for (const ref of selection.refs) {
      source.read(ref, selection);
      samples += source.columns.size;
      if (samples > ask.sampleLimit) return { failure: 'too-many-samples', message: '' };
      if (source.columns.size > 0) {
        batch.columns.append(source.columns);
        batch.sink?.add(source.rows);
        batch.refs.push(ref);
        batch.ends.push(batch.columns.size);
      }
      if (batch.columns.size >= limit) {
        this.send(ask, batch, 'more');
        while (this.ahead >= AHEAD && this.isWanted(ask)) await this.someBack();
        batch = this.newBatch(selection);
        limit = BATCH;
      }
      const pausing = pause();
      if (pausing !== null) await pausing;
      if (!this.isWanted(ask)) return { failure: 'fault', message: 'nobody waits any more' };
    }
    this.send(ask, batch, 'last');
    return null;
  }

  private send({ id }: SelectAsk, { columns, refs, ends, sink, tierUse }: Batch, which: 'more' | 'last'): void {
    const { engine, sent, id: numbering } = this.numbering;
    const labels: [number, Labels][] = [];
    for (const ref of refs) {
      if (sent.has(ref)) continue;
      sent.add(ref);
      labels.push([ref, engine.head.table.labels(ref)]);
    }
    const { size, marked, starts, histograms } = columns;
    const buckets = sink?.finish() ?? null;
    this.ahead += 1;
    this.tell(
      {
        id,
        isLast: which === 'last',
        numbering,
        refs: Uint32Array.from(refs),
        ends: Uint32Array.from(ends),
        times: columns.times.subarray(0, size),
        values: columns.values.subarray(0, size),
        stale: columns.stale.subarray(0, size),
        marked,
        starts: starts?.slice(0, size) ?? null,
        histograms: histograms.length > 0 ? packHistograms(histograms) : null,
        labels,
        buckets: buckets === null ? null : { ...buckets, histograms: packRolls(buckets.histograms) },
        tierUse,
      },
      [columns.times, columns.values, columns.stale, ...(buckets?.columns ?? [])].map(({ buffer }) => buffer as ArrayBuffer),
    );
  }

  private tell(told: SelectTold, transfer: readonly ArrayBuffer[] = []): void {
    if (this.closed) return;
    this.port.postMessage(told, transfer);
    Atomics.add(this.words, ANSWERS, 1);
    Atomics.notify(this.words, ANSWERS);
  }

  private newBatch(selection: Selection): Batch {
    const columns = this.free.pop() ?? new Columns(BATCH + BATCH / 4);
    return { columns, refs: [], ends: [], sink: bucketSinkFor(selection), tierUse: tierUseOf(selection.plan) };
  }

  private isWanted({ id }: SelectAsk): boolean {
    return !this.closed && Atomics.load(this.words, WANTED) === id;
  }

  private someBack(): Promise<void> {
    return new Promise((done) => {
      this.waiting.push(done);
    });
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const done of waiting) done();
  }
}

type Failed = Extract<SelectTold, { failure: string }>;

interface Batch {
  readonly columns: Columns;
  readonly refs: number[];
  readonly ends: number[];
  readonly sink: BucketSink | null;
  readonly tierUse: TierUse;
}
