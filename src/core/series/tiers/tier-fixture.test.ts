import assert from 'node:assert/strict';
import { DAY, HOUR, MINUTE, type Millis } from '../../base/time.ts';
import type { Histogram } from '../../promql/histogram.ts';
import { compileMatcher, type CompiledMatcher } from '../../promql/matcher.ts';
import { encodeWriteRequest } from '../../wire/encode-write.ts';
import { decodeWriteRequest } from '../../wire/remote-write.ts';
import { WriteBatch } from '../../wire/write-batch.ts';
import { Columns } from '../columns.ts';
import { DEFAULT_RULES, Head } from '../head.ts';
import { Refusals } from '../refusal.ts';
import { ByteSink } from '../packed-ints.ts';
import type { TierKept } from './choose-tier.ts';
import { bucketEnd, rollRows, rollSamples } from './roll.ts';
import { ALL_COLUMNS, RolledChunkDecoder, RolledChunkEncoder } from './rolled-chunk.ts';
import { RolledRows } from './rolled-rows.ts';
import type { TierPart, TierShelf } from './tier-reader.ts';

/** A day that buckets of all widths below it begin with. */
export const DAY_0: Millis = 20_000 * DAY;

export interface Sample {
  readonly at: Millis;
  readonly value: number | 'stale' | Histogram;
}

/** A head with one series a list; its labels are `__name__="m_total"` and the number as `i`. */
export function headOf(series: readonly (readonly Sample[])[], from: Millis): Head {
  const head = new Head(7);
  const batch = new WriteBatch();
  const body = series.map((samples, i) => ({
    labels: { __name__: 'm_total', i: String(i) },
    samples: samples.filter(({ at }) => at > from),
  }));
  assert.equal(decodeWriteRequest(encodeWriteRequest(body).slice(), batch), null);
  const rules = { ...DEFAULT_RULES, lateWindow: Number.POSITIVE_INFINITY, futureWindow: Number.POSITIVE_INFINITY };
  head.apply(batch, { source: 'test', at: DAY_0, rules }, new Refusals());
  return head;
}

/** Buckets as a store keeps them, made of all samples of a head: the first width from the samples, each further one from the one before. */
export class MemoryShelf implements TierShelf {
  private readonly tiers: readonly (TierKept & { readonly chunks: ReadonlyMap<number, readonly Uint8Array[]> })[];
  private readonly raw: TierKept;

  constructor(head: Head, raw: TierKept, kept: readonly TierKept[], how: 'without histograms' | 'whole' = 'whole') {
    this.raw = raw;
    const all = new Map<number, RolledRows>();
    const columns = new Columns();
    this.tiers = kept.map((tier, k) => {
      const chunks = new Map<number, Uint8Array[]>();
      for (let ref = 0; ref < head.table.count; ref += 1) {
        columns.clear();
        for (const part of head.parts) part.read(ref, 0, Number.MAX_SAFE_INTEGER, columns);
        columns.sort();
        const rows = new RolledRows();
        if (k === 0) rollSamples(columns, (time) => bucketEnd(time, tier.every), rows);
        else rollRows(all.get(ref) ?? rows, tier.every, rows);
        if (how === 'without histograms') rows.histograms.length = 0;
        all.set(ref, rows);
        chunks.set(ref, encode(rows));
      }
      return { ...tier, chunks };
    });
  }

  kept(): readonly TierKept[] {
    return [this.raw, ...this.tiers];
  }

  parts(every: Millis): readonly TierPart[] {
    const tier = this.tiers.find((one) => one.every === every);
    if (tier === undefined) return [];
    const decoder = new RolledChunkDecoder();
    return [
      {
        from: tier.from,
        to: tier.until,
        has: (ref) => (tier.chunks.get(ref)?.length ?? 0) > 0,
        read: (ref, window, mask, out) => {
          for (const bytes of tier.chunks.get(ref) ?? []) {
            const view = new DataView(bytes.buffer);
            assert.ok(decoder.decode(bytes, view, { from: 0, to: bytes.length - 8, mask }, out));
          }
          assert.ok(window.from <= window.to);
        },
      },
    ];
  }
}

function encode(rows: RolledRows): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let from = 0; from < rows.size; from += 100) {
    const sink = new ByteSink();
    new RolledChunkEncoder().encode(rows, from, Math.min(rows.size, from + 100), sink);
    const bytes = new Uint8Array(sink.at + 8);
    bytes.set(sink.bytes.subarray(0, sink.at));
    const again = new RolledRows();
    assert.ok(new RolledChunkDecoder().decode(bytes, new DataView(bytes.buffer), { from: 0, to: sink.at, mask: ALL_COLUMNS }, again));
    chunks.push(bytes);
  }
  return chunks;
}

/** The series of the fixture. */
export const ANY: readonly CompiledMatcher[] = [compileMatcher({ name: '__name__', op: '=', value: 'm_total' }).value].filter(
  (one) => one !== null,
);

/** The widths of the usual tiers. */
export const WIDTHS: readonly Millis[] = [5 * MINUTE, HOUR, DAY];
