import type { Labels } from '../../../core/base/labels.ts';
import { Columns } from '../../../core/series/columns.ts';
import { packHistograms } from '../../../core/series/histogram-codec.ts';
import type { StoredSamples } from '../stored-samples.ts';

/** Collects the samples of one series after the other; of those that come twice the first counts. */
export class StoredColumns {
  private readonly all = new Columns(4_096);
  private readonly labels: Labels[] = [];
  private readonly ends: number[] = [];

  get size(): number {
    return this.all.size;
  }

  /** Adds the samples of a series that are in the order of time, or the last one of them only. */
  add(labels: Labels, samples: Columns, which: 'all' | 'last'): void {
    if (samples.size === 0) return;
    if (which === 'all') this.all.append(samples);
    else this.all.take(samples, samples.size - 1);
    this.labels.push(labels);
    this.ends.push(this.all.size);
  }

  finish(): StoredSamples {
    const { times, values, stale, histograms, size } = this.all;
    const packed = histograms.length === 0 ? null : packHistograms(histograms);
    const { labels, ends } = this;
    return { labels, ends, times: times.slice(0, size), values: values.slice(0, size), stale: stale.slice(0, size), histograms: packed };
  }
}
