import type { Millis } from '../base/time.ts';
import type { CompiledMatcher } from '../promql/matcher.ts';
import { QueryError } from '../promql/query-error.ts';
import type { SelectedSeries, SelectHints, SeriesSource } from '../promql/source.ts';
import { selectedSides } from './selected-sides.ts';
import { ColumnViews } from './column-views.ts';
import { Columns } from './columns.ts';
import type { Head, SamplePart } from './head.ts';
import { SelectorCache } from './selector-cache.ts';
import { type BucketSink, bucketSinkFor, bucketsOf } from './tiers/bucket-sink.ts';
import type { RolledRows } from './tiers/rolled-rows.ts';
import { TierNotes, tierUseOf } from './tiers/tier-notes.ts';
import { planTiers, type TierPlan, TierReader, type TierShelf } from './tiers/tier-reader.ts';

const FIRST_ROOM = 512;
/** Memory of more samples is not kept for the next `select`. */
const KEPT_ROOM = 262_144;

/** Which samples of the selected series are wanted. */
export interface Wanted {
  readonly from: Millis;
  readonly to: Millis;
  readonly instants: SelectHints['instants'];
  /** What the samples are for; without it they are wanted as they came, never from coarser tiers. */
  readonly hints?: SelectHints | undefined;
}

/** Series that were selected and where their samples are; they can be read one after the other. */
export interface Selection {
  readonly refs: Uint32Array;
  readonly parts: readonly SamplePart[];
  readonly wanted: Wanted;
  /** Null: read from the samples alone. */
  readonly plan: TierPlan | null;
}

/** Reads the series of a head, and of the block files that it knows of, for the query engine. */
export class PartSource implements SeriesSource {
  readonly selectors: SelectorCache;
  /** The samples of the series that was read last. */
  readonly columns = new Columns(4096);
  /** How many samples one `select` may look at, those included that it leaves out; above it the query fails as one that needs too many. */
  sampleLimit: number = Number.POSITIVE_INFINITY;
  /** From what the selections were answered. */
  readonly notes = new TierNotes();
  /** The samples of all series of the last `select`: one piece of memory, because many small ones would cost more than the samples. */
  private all = new Columns(FIRST_ROOM);
  private readonly head: Head;
  private readonly shelf: TierShelf | null;
  private readonly reader = new TierReader();
  private isRolled = false;
  private readonly views = new ColumnViews();

  constructor(head: Head, shelf: TierShelf | null = null) {
    this.head = head;
    this.shelf = shelf;
    this.selectors = new SelectorCache(head.table);
  }

  /** Of the answer, the samples of a series are true until the next one is taken. */
  *select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis, hints?: SelectHints): Generator<SelectedSeries> {
    const selection = this.begin(matchers, { from, to, instants: hints?.instants, hints });
    this.notes.add(tierUseOf(selection.plan));
    const sink = bucketSinkFor(selection);
    if (sink !== null) {
      yield* this.withBuckets(selection, sink);
      return;
    }
    const { columns, views } = this;
    let looked = 0;
    for (const ref of selection.refs) {
      looked += this.read(ref, selection);
      if (looked > this.sampleLimit) throw tooManySamples();
      const { size } = columns;
      if (size === 0) continue;
      const labels = this.head.table.labels(ref);
      const { times, values } = views.of(columns);
      if (columns.marked || columns.starts !== null) {
        yield { labels, times, values, ...selectedSides({ ...columns, stale: columns.marked ? columns.stale : null }, 0, size) };
      } else {
        yield { labels, times, values, stale: undefined, histograms: undefined, startTimes: undefined, buckets: undefined };
      }
    }
  }

  private withBuckets(selection: Selection, sink: BucketSink): readonly SelectedSeries[] {
    const { columns } = this;
    if (this.all.times.length > KEPT_ROOM) this.all = new Columns(FIRST_ROOM);
    const { all } = this;
    all.clear();
    const found: number[] = [];
    const ends: number[] = [];
    let samples = 0;
    for (const ref of selection.refs) {
      samples += this.read(ref, selection);
      if (samples > this.sampleLimit) throw tooManySamples();
      if (columns.size === 0) continue;
      all.append(columns);
      sink.add(this.rows);
      found.push(ref);
      ends.push(all.size);
    }
    const sides = { ...all, stale: all.marked ? all.stale : null };
    const buckets = sink.finish();
    return found.map((ref, i) => {
      const [start, end] = [ends[i - 1] ?? 0, ends[i] ?? 0];
      return {
        labels: this.head.table.labels(ref),
        times: all.times.subarray(start, end),
        values: all.values.subarray(start, end),
        ...selectedSides(sides, start, end),
        buckets: bucketsOf(buckets, i),
      };
    });
  }

  /** Resolves the matchers, and remembers which parts may hold what is wanted. */
  begin(matchers: readonly CompiledMatcher[], wanted: Wanted): Selection {
    const parts = inTime(this.head.parts.filter((part) => part.minTime <= wanted.to && part.maxTime >= wanted.from));
    const { shelf } = this;
    const plan = shelf === null || wanted.hints === undefined ? null : planTiers(shelf, wanted, wanted.hints);
    return { refs: this.selectors.refs(matchers), parts, wanted, plan };
  }

  /** Brings the wanted samples of one series into `columns`; how many were looked at. */
  read(ref: number, { parts, wanted, plan }: Selection): number {
    const { columns } = this;
    columns.instants = null;
    this.isRolled = false;
    if (plan !== null) {
      const looked = this.reader.read(ref, plan, parts, columns);
      this.isRolled = looked !== null;
      if (looked !== null) return looked;
    }
    const { from, to, instants } = wanted;
    columns.clear();
    columns.from = from;
    columns.to = to;
    columns.instants = instants ?? null;
    for (const part of parts) part.read(ref, from, to, columns);
    columns.instants = null;
    const samples = columns.size + columns.passed;
    if (samples === 0) return 0;
    columns.sort();
    columns.clip(from, to);
    if (instants !== undefined) columns.thin(instants.start, instants.step);
    return samples;
  }

  /** The buckets behind `columns`; null when these are samples as they came. */
  get rows(): RolledRows | null {
    return this.isRolled ? this.reader.rows : null;
  }
}

/** The parts in the order of time, as far as they do not overlap: what is read in order needs no sorting. Of those that do, the first counts first. */
function inTime(parts: SamplePart[]): readonly SamplePart[] {
  for (let i = 1; i < parts.length; i += 1) {
    const part = parts[i] as SamplePart;
    let at = i;
    for (; at > 0 && part.maxTime < (parts[at - 1] as SamplePart).minTime; at -= 1) parts[at] = parts[at - 1] as SamplePart;
    parts[at] = part;
  }
  return parts;
}

/** The failure of a query that would have to look at more samples than it may. */
export function tooManySamples(): QueryError {
  return new QueryError('query processing would load too many samples into memory in query execution', 'too-many-samples');
}
