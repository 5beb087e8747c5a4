import { type Labels, labelsKey } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { WriteSeries } from '../../core/wire/encode-write.ts';
import type { Metric } from './collector.ts';

/** Adds the agent's own labels to a metric; a label of that name that it brings along is kept as `exported_` and the name, as Prometheus does. */
export function addLabels(labels: Labels, own: Labels): Labels {
  const result: Record<string, string> = { ...labels };
  for (const [name, value] of Object.entries(own)) {
    const brought = result[name];
    if (brought !== undefined && brought !== value) result[`exported_${name}`] = brought;
    result[name] = value;
  }
  return result;
}

/** Remembers which series were sent last, so that those that are gone can be said to have ended: else they would be seen for five more minutes. */
export class SeriesSource {
  readonly #own: Labels;
  #last = new Map<string, Labels>();

  constructor(own: Labels) {
    this.#own = own;
  }

  /** The series to send for what was measured at a moment, with an end for each that was there last time and is not now. */
  next(metrics: readonly Metric[], at: Millis): WriteSeries[] {
    const now = new Map<string, Labels>();
    const series: WriteSeries[] = [];
    for (const metric of metrics) {
      const labels = addLabels(metric.labels, this.#own);
      const key = labelsKey(labels);
      if (now.has(key)) continue;
      now.set(key, labels);
      series.push({ labels, samples: [{ at, value: metric.value }] });
    }
    for (const [key, labels] of this.#last) {
      if (!now.has(key)) series.push({ labels, samples: [{ at, value: 'stale' }] });
    }
    this.#last = now;
    return series;
  }
}
