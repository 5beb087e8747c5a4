import { type Labels, labelsKey } from '../../../src/core/base/labels.ts';
import type { SeriesSource } from '../../../src/core/promql/source.ts';
import { DEFAULT_RULES, Head, type HeadRules } from '../../../src/core/series/head.ts';
import { PartSource } from '../../../src/core/series/part-source.ts';
import { Refusals } from '../../../src/core/series/refusal.ts';
import { encodeWriteRequest, type WriteSample } from '../../../src/core/wire/encode-write.ts';
import { decodeWriteRequest } from '../../../src/core/wire/remote-write.ts';
import { WriteBatch } from '../../../src/core/wire/write-batch.ts';
import type { TestStore } from './runner.ts';

const RULES: HeadRules = { ...DEFAULT_RULES, lateWindow: Number.POSITIVE_INFINITY, futureWindow: Number.POSITIVE_INFINITY };

interface Pending {
  readonly labels: Labels;
  readonly samples: WriteSample[];
}

/**
 * The real store as a test store: samples, native histograms, start times and staleness markers go through the remote-write decoder into
 * its head and come back through its own reader.
 */
export function headStore(): TestStore {
  let head = new Head(1);
  let reader = new PartSource(head);
  const pending = new Map<string, Pending>();
  const commit = (): void => {
    const series = [...pending.values()];
    pending.clear();
    if (series.length === 0) return;
    const batch = new WriteBatch();
    const problem = decodeWriteRequest(encodeWriteRequest(series).slice(), batch);
    if (problem !== null) throw new Error(`not decoded: ${JSON.stringify(problem)}`);
    const refusals = new Refusals();
    head.apply(batch, { source: 'test', at: Date.now(), rules: RULES }, refusals);
    const refused = refusals.list();
    if (refused.length > 0) throw new Error(`not taken: ${JSON.stringify(refused)}`);
  };
  const source: SeriesSource = { select: (matchers, from, to, hints) => reader.select(matchers, from, to, hints) };
  return {
    source,
    commit,
    append(labels, { time, value, startTime }) {
      const key = labelsKey(labels);
      const each = pending.get(key) ?? { labels, samples: [] };
      pending.set(key, each);
      each.samples.push({ at: time, value, start: startTime });
    },
    clear() {
      head = new Head(1);
      reader = new PartSource(head);
      pending.clear();
    },
  };
}
