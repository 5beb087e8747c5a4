import { labelsKey } from '../../../core/base/labels.ts';
import { MINUTE, type Millis } from '../../../core/base/time.ts';
import { Columns } from '../../../core/series/columns.ts';
import { LabelReader } from '../../../core/series/label-reader.ts';
import { decodeHistogram } from '../../../core/wire/prompb-histogram.ts';
import { decodeReadResponse, encodeReadRequest } from '../../../core/wire/remote-read.ts';
import { decodeWriteRequest } from '../../../core/wire/remote-write.ts';
import { decodeSnappy, encodeSnappy } from '../../../core/wire/snappy.ts';
import { WriteBatch } from '../../../core/wire/write-batch.ts';
import type { StoredAsk, StoredSamples } from '../stored-samples.ts';
import { labelsOf } from './forwarded-interest.ts';
import type { ServerKind } from './server-kind.ts';
import { StoredColumns } from './stored-columns.ts';
import { ANSWER_LIMIT_BYTES, type Upstream } from './upstream.ts';

const DECODED_LIMIT_BYTES = 4 * ANSWER_LIMIT_BYTES;
/** So long it is not tried again after it failed. */
const PATIENCE: Millis = 5 * MINUTE;
const FIRST: Millis = 0;

/**
 * Reads stored samples by remote read, which gives them as they are: staleness markers, histograms with their layout and what they say of
 * resets. Only of a Prometheus that gives all of that and adds no labels of its own: others do not speak it, or mean it otherwise.
 */
export class RemoteSamples {
  private readonly upstream: Upstream;
  private readonly kind: ServerKind;
  private failedUntil = Number.NEGATIVE_INFINITY;

  constructor(upstream: Upstream, kind: ServerKind) {
    this.upstream = upstream;
    this.kind = kind;
  }

  /** Null: it is to be asked in another way. */
  async read(ask: StoredAsk, timeout: Millis): Promise<StoredSamples | null> {
    if (this.failedUntil > performance.now() || !(await this.kind.isReadAsStored())) return null;
    const { selectors, from, to, which, sampleLimit } = ask;
    const queries = selectors.map((matchers) => ({ start: Math.max(from, FIRST), end: to, matchers }));
    const body = await this.upstream.read(encodeSnappy(encodeReadRequest(queries)), timeout);
    if (body === null) this.failedUntil = performance.now() + PATIENCE;
    const bytes = body === null ? null : decodeSnappy(body, DECODED_LIMIT_BYTES);
    const results = bytes instanceof Uint8Array ? decodeReadResponse(bytes) : null;
    if (results === null || results.length !== queries.length) return null;
    const found = new StoredColumns();
    const seen = new Set<string>();
    for (const result of results) {
      // Reading may rearrange the bytes.
      const samples = readSeries(result.slice(), { which, seen, found, sampleLimit });
      if (samples === 'bad') return null;
      if (samples > sampleLimit) return { error: 'too-many-samples', message: `more than ${sampleLimit} samples would have to be read` };
    }
    return found.finish();
  }
}

interface Target {
  readonly which: 'all' | 'last';
  readonly seen: Set<string>;
  readonly found: StoredColumns;
  readonly sampleLimit: number;
}

/** How many samples were found by now. */
function readSeries(bytes: Uint8Array, { which, seen, found, sampleLimit }: Target): number | 'bad' {
  const batch = new WriteBatch();
  if (decodeWriteRequest(bytes, batch) !== null) return 'bad';
  const reader = new LabelReader();
  const columns = new Columns(256);
  let histogram = 0;
  for (let s = 0; s < batch.series && found.size <= sampleLimit; s += 1) {
    columns.clear();
    for (let i = s === 0 ? 0 : (batch.samplesTo[s - 1] ?? 0); i < (batch.samplesTo[s] ?? 0); i += 1) {
      columns.add(batch.times[i] ?? 0, batch.values[i] ?? 0, batch.stale[i] ?? 0);
    }
    for (; histogram < batch.histograms.count && batch.histograms.series[histogram] === s; histogram += 1) {
      const one = decodeHistogram(batch.body, batch.histograms.from[histogram] ?? 0, batch.histograms.to[histogram] ?? 0);
      if (typeof one === 'string') return 'bad';
      if (one.value === 'stale') columns.add(one.time, 0, 1);
      else columns.addHistogram(one.time, one.value);
    }
    columns.sort();
    if (!reader.read(batch.bytes, batch.labelsFrom[s] ?? 0, batch.labelsTo[s] ?? 0)) return 'bad';
    const labels = labelsOf(reader);
    const key = labelsKey(labels);
    if (seen.has(key)) continue;
    seen.add(key);
    found.add(labels, columns, which);
  }
  return found.size;
}
