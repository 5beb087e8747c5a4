import type { Millis } from '../base/time.ts';
import type { CompiledMatcher } from '../promql/matcher.ts';
import type { SelectedSeries, SelectHints, SeriesSource } from '../promql/source.ts';
import { Columns } from './columns.ts';
import type { Head, SamplePart } from './head.ts';
import { SelectorCache } from './selector-cache.ts';

interface Wanted {
  readonly from: Millis;
  readonly to: Millis;
  readonly instants: SelectHints['instants'];
}

/** Reads the series of a head, and of the block files that it knows of, for the query engine. */
export class PartSource implements SeriesSource {
  readonly selectors: SelectorCache;
  private readonly head: Head;
  private readonly columns = new Columns(4096);

  constructor(head: Head) {
    this.head = head;
    this.selectors = new SelectorCache(head.table);
  }

  select(matchers: readonly CompiledMatcher[], from: Millis, to: Millis, hints?: SelectHints): readonly SelectedSeries[] {
    const parts = this.head.parts.filter((part) => part.minTime <= to && part.maxTime >= from);
    const selected: SelectedSeries[] = [];
    for (const ref of this.selectors.refs(matchers)) {
      const series = this.read(ref, parts, { from, to, instants: hints?.instants });
      if (series !== null) selected.push(series);
    }
    return selected;
  }

  private read(ref: number, parts: readonly SamplePart[], window: Wanted): SelectedSeries | null {
    const { columns } = this;
    columns.clear();
    for (const part of parts) part.read(ref, window.from, window.to, columns);
    if (columns.size === 0) return null;
    columns.sort();
    columns.clip(window.from, window.to);
    if (window.instants !== undefined) columns.thin(window.instants.start, window.instants.step);
    const { size } = columns;
    if (size === 0) return null;
    return {
      labels: this.head.table.labels(ref),
      times: columns.times.slice(0, size),
      values: columns.values.slice(0, size),
      stale: columns.marked ? columns.stale.slice(0, size) : undefined,
    };
  }
}
