import type { MessagePort } from 'node:worker_threads';
import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import { compileMatcher, type CompiledMatcher, type Matcher } from '../../core/promql/matcher.ts';
import type { SelectHints } from '../../core/promql/source.ts';
import { Columns } from '../../core/series/columns.ts';
import type { SeriesEngine } from './engine.ts';
import { pauses } from './pauses.ts';

/** What the query thread asks of the series thread: the samples of some series. */
export interface SelectAsk {
  readonly id: number;
  readonly matchers: readonly Matcher[];
  readonly from: Millis;
  readonly to: Millis;
  readonly instants: SelectHints['instants'];
  /** At most so many samples are looked at. */
  readonly sampleLimit: number;
}

/** Series as columns: series `i` is `refs[i]` with the samples up to `ends[i]`. Labels travel once. */
export type SelectTold =
  | {
      readonly id: number;
      /** Changes when the series get other numbers: labels that are known are then worth nothing. */
      readonly numbering: number;
      readonly refs: Uint32Array;
      readonly ends: Uint32Array;
      readonly times: Float64Array;
      readonly values: Float64Array;
      readonly stale: Uint8Array | null;
      readonly labels: readonly (readonly [ref: number, labels: Labels])[];
    }
  | { readonly id: number; readonly failure: 'too-many-samples' | 'fault'; readonly message: string };

/** Words of the memory that both threads see: how many answers were sent, and which question is still waited for. */
export const ANSWERS = 0;
export const WANTED = 1;

/**
 * Answers the query thread, which waits without doing anything else. Series are read in slices of a few milliseconds, so that writes
 * never wait for a long query.
 */
export function serveSelects(current: () => SeriesEngine, port: MessagePort, memory: SharedArrayBuffer): void {
  const words = new Int32Array(memory);
  let numbering = { engine: current(), sent: new Set<number>(), id: 0 };
  port.on('message', (ask: SelectAsk) => {
    const engine = current();
    // Another engine has other numbers for the series.
    if (numbering.engine !== engine) numbering = { engine, sent: new Set(), id: numbering.id + 1 };
    const { sent, id } = numbering;
    engine.keeper.blocks.hold();
    select(engine, ask, { sent, numbering: id, isWanted: () => Atomics.load(words, WANTED) === ask.id })
      .catch(
        (error: unknown): SelectTold => ({ id: ask.id, failure: 'fault', message: error instanceof Error ? error.message : String(error) }),
      )
      .then((told) => {
        if ('refs' in told)
          port.postMessage(told, [told.refs.buffer, told.ends.buffer, told.times.buffer, told.values.buffer] as ArrayBuffer[]);
        else port.postMessage(told);
        Atomics.add(words, ANSWERS, 1);
        Atomics.notify(words, ANSWERS);
      })
      .finally(() => engine.keeper.blocks.release());
  });
}

/** After so many series it is estimated how long all of them are. */
const SAMPLED = 8;

interface Peer {
  readonly numbering: number;
  /** The series whose labels the other thread has. */
  readonly sent: Set<number>;
  readonly isWanted: () => boolean;
}

async function select({ head, source }: SeriesEngine, ask: SelectAsk, peer: Peer): Promise<SelectTold> {
  const matchers = ask.matchers
    .map((matcher) => compileMatcher(matcher).value)
    .filter((matcher): matcher is CompiledMatcher => matcher !== null);
  if (matchers.length < ask.matchers.length) return { id: ask.id, failure: 'fault', message: 'a matcher cannot be compiled' };
  const selection = source.begin(matchers, ask);
  const pause = pauses();
  const all = new Columns(4_096);
  const refs = new Uint32Array(selection.refs.length);
  const ends = new Uint32Array(selection.refs.length);
  const labels: [number, Labels][] = [];
  let count = 0;
  let samples = 0;
  for (const ref of selection.refs) {
    samples += source.read(ref, selection);
    if (samples > ask.sampleLimit) return { id: ask.id, failure: 'too-many-samples', message: '' };
    const { columns } = source;
    if (columns.size > 0) {
      all.append(columns);
      if (!peer.sent.has(ref)) labels.push([ref, head.table.labels(ref)]);
      refs[count] = ref;
      ends[count] = all.size;
      count += 1;
      // Series of one selector are about equally long.
      if (count === SAMPLED) all.reserve(Math.min(ask.sampleLimit, Math.ceil((all.size / SAMPLED) * 1.1 * selection.refs.length)));
    }
    const pausing = pause();
    if (pausing === null) continue;
    await pausing;
    if (!peer.isWanted()) return { id: ask.id, failure: 'fault', message: 'nobody waits any more' };
  }
  for (const [ref] of labels) peer.sent.add(ref);
  const { size } = all;
  return {
    id: ask.id,
    numbering: peer.numbering,
    refs: refs.slice(0, count),
    ends: ends.slice(0, count),
    times: all.times.subarray(0, size),
    values: all.values.subarray(0, size),
    stale: all.marked ? all.stale.subarray(0, size) : null,
    labels,
  };
}
