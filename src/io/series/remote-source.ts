import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { CompiledMatcher } from '../../core/promql/matcher.ts';
import { QueryError, type StopReason } from '../../core/promql/query-error.ts';
import type { SelectedSeries, SelectHints, SeriesSource } from '../../core/promql/source.ts';
import { unpackHistograms } from '../../core/series/histogram-codec.ts';
import { tooManySamples } from '../../core/series/part-source.ts';
import { selectedSides } from '../../core/series/selected-sides.ts';
import { bucketsOf } from '../../core/series/tiers/bucket-sink.ts';
import { unpackRolls } from '../../core/series/tiers/packed-rolls.ts';
import { TierNotes } from '../../core/series/tiers/tier-notes.ts';
import { ANSWERS, type SelectAsk, type SelectDone, type SelectTold, WANTED } from './selecting.ts';

/** How often a wait looks whether the query is still wanted. */
const LOOK_EVERY = 20;

type Told = Extract<SelectTold, { refs: Uint32Array }>;

/** Reads series from the series thread; the thread that calls it sleeps until they are there. */
export class RemoteSource implements SeriesSource {
  /** Asked while it waits. */
  stop: () => StopReason = () => null;
  sampleLimit: number = Number.POSITIVE_INFINITY;
  /** From what the selections were answered. */
  readonly notes = new TierNotes();
  private readonly port: MessagePort;
  private readonly words: Int32Array;
  private readonly labels = new Map<number, Labels>();
  private id = 0;
  private numbering = 0;

  constructor(port: MessagePort, memory: SharedArrayBuffer) {
    this.port = port;
    this.words = new Int32Array(memory);
  }

  *select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis, hints: SelectHints): Generator<SelectedSeries> {
    this.id += 1;
    const { id } = this;
    Atomics.store(this.words, WANTED, id);
    const plain = matchers.map(({ name, op, value }) => ({ name, op, value }));
    const ask: SelectAsk = { id, matchers: plain, from, to, hints: { ...hints }, sampleLimit: this.sampleLimit };
    this.port.postMessage(ask);
    let held: Told | null = null;
    let isOver = false;
    try {
      while (!isOver) {
        const told = this.wait();
        if (!('refs' in told)) {
          isOver = true;
          throw told.failure === 'fault' ? new QueryError(told.message) : tooManySamples();
        }
        isOver = told.isLast;
        held = told;
        this.notes.add(told.tierUse);
        yield* this.unpack(told);
        held = null;
        this.giveBack(told);
      }
    } finally {
      if (held !== null) this.giveBack(held);
      if (!isOver) this.leave();
    }
  }

  private wait(): SelectTold {
    for (;;) {
      const answers = Atomics.load(this.words, ANSWERS);
      for (let got = receiveMessageOnPort(this.port); got !== undefined; got = receiveMessageOnPort(this.port)) {
        const told = got.message as SelectTold;
        if ('refs' in told) this.learn(told);
        if (told.id === this.id) return told;
        if ('refs' in told) this.giveBack(told);
      }
      const reason = this.stop();
      if (reason !== null) {
        throw new QueryError(
          reason === 'timeout' ? 'query timed out in expression evaluation' : 'query was canceled in expression evaluation',
          reason,
        );
      }
      Atomics.wait(this.words, ANSWERS, answers, LOOK_EVERY);
    }
  }

  private learn({ numbering, labels }: Told): void {
    if (numbering !== this.numbering) this.labels.clear();
    this.numbering = numbering;
    for (const [ref, one] of labels) this.labels.set(ref, one);
  }

  private *unpack({ refs, ends, times, values, stale, marked, starts, histograms, buckets }: Told): Generator<SelectedSeries> {
    const list = histograms === null ? [] : unpackHistograms(histograms);
    const columns = buckets === null ? null : { ...buckets, histograms: unpackRolls(buckets.histograms) };
    const sides = { values, stale: marked ? stale : null, starts, histograms: list };
    let from = 0;
    for (let i = 0; i < refs.length; i += 1) {
      const to = ends[i] ?? from;
      yield {
        labels: this.labels.get(refs[i] ?? 0) ?? {},
        times: times.subarray(from, to),
        values: values.subarray(from, to),
        ...selectedSides(sides, from, to),
        buckets: columns === null ? undefined : bucketsOf(columns, i),
      };
      from = to;
    }
  }

  /** The memory of a batch is used for one of the next. */
  private giveBack({ id, times, values, stale }: Told): void {
    const memory = { times: whole(times), values: whole(values), stale: new Uint8Array(stale.buffer) };
    const done: SelectDone = { done: id, memory };
    this.port.postMessage(done, [times.buffer, values.buffer, stale.buffer] as ArrayBuffer[]);
  }

  /** Nobody waits for the rest of the answer. */
  private leave(): void {
    Atomics.store(this.words, WANTED, 0);
    this.port.postMessage({ done: this.id, memory: null } satisfies SelectDone);
  }
}

function whole({ buffer }: Float64Array): Float64Array {
  return new Float64Array(buffer);
}
