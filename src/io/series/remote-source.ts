import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { CompiledMatcher } from '../../core/promql/matcher.ts';
import { QueryError, type StopReason } from '../../core/promql/query-error.ts';
import type { SelectedSeries, SelectHints, SeriesSource } from '../../core/promql/source.ts';
import { tooManySamples } from '../../core/series/part-source.ts';
import { ANSWERS, type SelectAsk, type SelectTold, WANTED } from './selecting.ts';

/** How often a wait looks whether the query is still wanted. */
const LOOK_EVERY = 20;

/** Reads series from the series thread; the thread that calls it sleeps until they are there. */
export class RemoteSource implements SeriesSource {
  /** Asked while it waits. */
  stop: () => StopReason = () => null;
  sampleLimit: number = Number.POSITIVE_INFINITY;
  private readonly port: MessagePort;
  private readonly words: Int32Array;
  private readonly labels = new Map<number, Labels>();
  private id = 0;
  private numbering = 0;

  constructor(port: MessagePort, memory: SharedArrayBuffer) {
    this.port = port;
    this.words = new Int32Array(memory);
  }

  select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis, hints: SelectHints): readonly SelectedSeries[] {
    this.id += 1;
    Atomics.store(this.words, WANTED, this.id);
    const plain = matchers.map(({ name, op, value }) => ({ name, op, value }));
    const ask: SelectAsk = { id: this.id, matchers: plain, from, to, instants: hints.instants, sampleLimit: this.sampleLimit };
    this.port.postMessage(ask);
    const told = this.wait();
    if ('refs' in told) return this.unpack(told);
    throw told.failure === 'fault' ? new QueryError(told.message) : tooManySamples();
  }

  private wait(): SelectTold {
    for (;;) {
      const answers = Atomics.load(this.words, ANSWERS);
      for (let got = receiveMessageOnPort(this.port); got !== undefined; got = receiveMessageOnPort(this.port)) {
        const told = got.message as SelectTold;
        if ('refs' in told) this.learn(told);
        if (told.id === this.id) return told;
      }
      const reason = this.stop();
      if (reason !== null) {
        Atomics.store(this.words, WANTED, 0);
        throw new QueryError(
          reason === 'timeout' ? 'query timed out in expression evaluation' : 'query was canceled in expression evaluation',
          reason,
        );
      }
      Atomics.wait(this.words, ANSWERS, answers, LOOK_EVERY);
    }
  }

  private learn({ numbering, labels }: Extract<SelectTold, { refs: Uint32Array }>): void {
    if (numbering !== this.numbering) this.labels.clear();
    this.numbering = numbering;
    for (const [ref, one] of labels) this.labels.set(ref, one);
  }

  private unpack({ refs, ends, times, values, stale }: Extract<SelectTold, { refs: Uint32Array }>): SelectedSeries[] {
    return Array.from(refs, (ref, i) => {
      const from = ends[i - 1] ?? 0;
      const to = ends[i] ?? from;
      return {
        labels: this.labels.get(ref) ?? {},
        times: times.subarray(from, to),
        values: values.subarray(from, to),
        stale: stale?.subarray(from, to),
      };
    });
  }
}
