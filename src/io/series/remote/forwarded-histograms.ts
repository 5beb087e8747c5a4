import { matchesLabels } from '../../../core/promql/matcher.ts';
import { LabelReader } from '../../../core/series/label-reader.ts';
import type { WriteBatch } from '../../../core/wire/write-batch.ts';
import { watchedSelectors } from '../watched-selectors.ts';
import { labelsOf } from './forwarded-interest.ts';
import type { ServerKind } from './server-kind.ts';

const MOST_NAMES = 1_000;

/** Which metrics were sent on as native histograms, to say so when they are asked for and the other server keeps none. */
export class ForwardedHistograms {
  private readonly kind: ServerKind;
  private readonly names = new Set<string>();
  private readonly reader = new LabelReader();

  constructor(kind: ServerKind) {
    this.kind = kind;
  }

  /** Remembers the metrics of a request that have histograms. */
  note({ bytes, histograms, labelsFrom, labelsTo }: WriteBatch): void {
    let last = -1;
    for (let i = 0; i < histograms.count && this.names.size < MOST_NAMES; i += 1) {
      const series = histograms.series[i] ?? 0;
      if (series === last) continue;
      last = series;
      if (!this.reader.read(bytes, labelsFrom[series] ?? 0, labelsTo[series] ?? 0)) continue;
      const { __name__: name } = labelsOf(this.reader);
      if (name !== undefined) this.names.add(name);
    }
  }

  /** What is to be said of the answer to a query; null: nothing. */
  async warning(expr: string): Promise<string | null> {
    if (this.names.size === 0) return null;
    const asked = (watchedSelectors(expr)?.selectors ?? []).map((matchers) => matchers.filter(({ name }) => name === '__name__'));
    const name = [...this.names].find((one) => asked.some((matchers) => matchers.length > 0 && matchesLabels(matchers, { __name__: one })));
    if (name === undefined) return null;
    const why = await this.kind.whyNoHistograms();
    return why === null ? null : `native histograms of ${name} were sent to the series store, which keeps none: ${why}`;
  }
}
