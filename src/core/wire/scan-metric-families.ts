import type { Millis } from '../base/time.ts';
import { formatOpenMetrics } from '../promql/number.ts';
import { ProtoCursor } from './proto-cursor.ts';
import type { Exemplar, FamilyLine, ScanSink } from './scan-exposition.ts';
import { NativeParts } from './scan-native-histogram.ts';
import { formatSeriesText } from './series-text.ts';
import { encodeUtf8 } from './utf8.ts';

/** What a scan of protobuf finds besides samples: what families are, before theirs. */
export interface FamilySink extends ScanSink {
  describe(said: FamilyLine): void;
}

type Pairs = readonly (readonly [string, string])[];

/** As which of the two a histogram that is both is taken. */
export type HistogramChoice = 'classic' | 'native' | 'both';

interface Family {
  name: string;
  readonly histograms: HistogramChoice;
  isGauge: boolean;
  readonly sink: FamilySink;
  problem: string | null;
}

const TYPES = ['counter', 'gauge', 'summary', 'unknown', 'histogram', 'gaugehistogram'] as const;
const MOST_LABELS = 1_000;
const MOST_EXEMPLARS = 64;

/**
 * Goes through an exposition in protobuf (`io.prometheus.client.MetricFamily`, each after its length): null, or what is wrong. Histograms
 * and summaries become the series that the text format has for them; series without classic buckets have only their count and sum. The
 * native part of a histogram is taken where that is chosen.
 */
export function scanMetricFamilies(bytes: Uint8Array, sink: FamilySink, histograms: HistogramChoice = 'classic'): string | null {
  const all = ProtoCursor.over(bytes);
  while (!all.isAtEnd) {
    const problem = scanFamily(all.message(), sink, histograms);
    if (all.bad) break;
    if (problem !== null) return problem;
  }
  return all.bad ? 'the protobuf message is malformed' : null;
}

function scanFamily(cursor: ProtoCursor, sink: FamilySink, histograms: HistogramChoice): string | null {
  const family: Family = { name: '', histograms, isGauge: false, sink, problem: null };
  const about = { help: '', unit: '', type: 'counter' };
  const metrics: Uint8Array[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) family.name = cursor.text();
    else if (cursor.tag === 18) about.help = cursor.text();
    else if (cursor.tag === 24) about.type = TYPES[cursor.varint()] ?? 'unknown';
    else if (cursor.tag === 34) metrics.push(cursor.blob());
    else if (cursor.tag === 42) about.unit = cursor.text();
    else cursor.skip();
  }
  if (cursor.bad) return null;
  if (family.name === '') return 'a metric family has no name';
  family.isGauge = about.type === 'gaugehistogram';
  const { name } = family;
  sink.describe({ kind: 'type', name, text: about.type });
  sink.describe({ kind: 'help', name, text: about.help });
  if (about.unit !== '') sink.describe({ kind: 'unit', name, text: about.unit });
  for (const metric of metrics) {
    const inner = ProtoCursor.over(metric);
    scanMetric(inner, family);
    if (inner.bad) cursor.bad = true;
    if (inner.bad || family.problem !== null) return family.problem;
  }
  return null;
}

function scanMetric(cursor: ProtoCursor, family: Family): void {
  const labels: (readonly [string, string])[] = [];
  let at: Millis | null = null;
  let emit: ((emitter: Emitter) => void) | null = null;
  while (cursor.next()) {
    if (cursor.tag === 10) labels.push(readPair(cursor.message()));
    else if (cursor.tag === 18 || cursor.tag === 42) emit = readPlain(cursor.message(), NO_START);
    else if (cursor.tag === 26) emit = readPlain(cursor.message(), COUNTER_START);
    else if (cursor.tag === 34) emit = readSummary(cursor.message());
    else if (cursor.tag === 58) emit = readHistogram(cursor.message());
    else if (cursor.tag === 48) at = cursor.int64();
    else cursor.skip();
    if (labels.length > MOST_LABELS) cursor.bad = true;
  }
  if (!cursor.bad && emit !== null) emit(new Emitter(family, labels, at));
}

class Emitter {
  private readonly family: Family;
  private readonly labels: Pairs;
  private readonly at: Millis | null;
  /** When the counter started; 0 = not known. */
  start: Millis = 0;

  constructor(family: Family, labels: Pairs, at: Millis | null) {
    this.family = family;
    this.labels = labels;
    this.at = at;
  }

  sample(suffix: string, value: number, more: readonly [string, string] | null = null): void {
    const { family, labels, at } = this;
    if (this.isTaken(formatSeriesText(`${family.name}${suffix}`, more === null ? labels : [...labels, more])))
      family.sink.sample(value, at, this.start);
  }

  get histograms(): HistogramChoice {
    return this.family.histograms;
  }

  get isGauge(): boolean {
    return this.family.isGauge;
  }

  native(message: Uint8Array): void {
    const { family, labels, at, start } = this;
    if (this.isTaken(formatSeriesText(family.name, labels))) family.sink.histogram(message, at, start);
  }

  private isTaken(series: string): boolean {
    const { family } = this;
    const bytes = encodeUtf8(series);
    family.problem ??= family.sink.series(bytes, 0, bytes.length);
    return family.problem === null;
  }

  exemplar(exemplar: Exemplar | null): void {
    if (exemplar !== null && this.family.problem === null) this.family.sink.exemplar(exemplar);
  }
}

function readPair(cursor: ProtoCursor): readonly [string, string] {
  let name = '';
  let value = '';
  while (cursor.next()) {
    if (cursor.tag === 10) name = cursor.text();
    else if (cursor.tag === 18) value = cursor.text();
    else cursor.skip();
  }
  return [name, value];
}

/** Fields with the moment in which a counter started. */
const NO_START = 0;
const COUNTER_START = 26;
const SUMMARY_START = 34;
const HISTOGRAM_START = 122;

/** A gauge, a counter or an untyped value. */
function readPlain(cursor: ProtoCursor, startTag: number): (emitter: Emitter) => void {
  let value = 0;
  let start = 0;
  let exemplar: Exemplar | null = null;
  while (cursor.next()) {
    if (cursor.tag === 9) value = cursor.double();
    else if (cursor.tag === startTag) start = readTimestamp(cursor.message());
    else if (cursor.tag === 18) exemplar = readExemplar(cursor.message());
    else cursor.skip();
  }
  return (emitter) => {
    emitter.start = start;
    emitter.sample('', value);
    emitter.exemplar(exemplar);
  };
}

function readSummary(cursor: ProtoCursor): (emitter: Emitter) => void {
  let count = 0;
  let sum = 0;
  let start = 0;
  const quantiles: (readonly [number, number])[] = [];
  while (cursor.next()) {
    if (cursor.tag === 8) count = cursor.varint();
    else if (cursor.tag === 17) sum = cursor.double();
    else if (cursor.tag === 26) quantiles.push(readTwoDoubles(cursor.message()));
    else if (cursor.tag === SUMMARY_START) start = readTimestamp(cursor.message());
    else cursor.skip();
  }
  return (emitter) => {
    for (const [quantile, value] of quantiles) emitter.sample('', value, ['quantile', formatOpenMetrics(quantile)]);
    emitter.start = start;
    emitter.sample('_sum', sum);
    emitter.sample('_count', count);
  };
}

function readTwoDoubles(cursor: ProtoCursor): readonly [number, number] {
  let first = 0;
  let second = 0;
  while (cursor.next()) {
    if (cursor.tag === 9) first = cursor.double();
    else if (cursor.tag === 17) second = cursor.double();
    else cursor.skip();
  }
  return [first, second];
}

interface ClassicBucket {
  count: number;
  bound: number;
  exemplar: Exemplar | null;
}

function readHistogram(cursor: ProtoCursor): (emitter: Emitter) => void {
  const found = { count: 0, countFloat: 0, sum: 0, start: 0 };
  const native = new NativeParts();
  const buckets: ClassicBucket[] = [];
  const exemplars: Exemplar[] = [];
  while (cursor.next()) {
    if (cursor.tag === 8) found.count = cursor.varint();
    else if (cursor.tag === 17) found.sum = cursor.double();
    else if (cursor.tag === 26) buckets.push(readBucket(cursor.message()));
    else if (cursor.tag === 33) found.countFloat = cursor.double();
    else if (cursor.tag === HISTOGRAM_START) found.start = readTimestamp(cursor.message());
    else if (cursor.tag === 130 && exemplars.length < MOST_EXEMPLARS) exemplars.push(readExemplar(cursor.message()));
    else if (!native.take(cursor)) cursor.skip();
  }
  native.counted(found.count, found.countFloat);
  return (emitter) => {
    emitter.start = found.start;
    const message = emitter.histograms === 'classic' ? null : native.finish(found.sum, emitter.isGauge);
    if (message !== null) emitNative(emitter, message, [...exemplars, ...buckets.flatMap(({ exemplar }) => exemplar ?? [])]);
    if (message === null || (emitter.histograms === 'both' && buckets.length > 0))
      emitClassic(emitter, buckets, found.sum, found.countFloat === 0 ? found.count : found.countFloat);
  };
}

function emitNative(emitter: Emitter, message: Uint8Array, exemplars: readonly Exemplar[]): void {
  emitter.native(message);
  for (const exemplar of exemplars) emitter.exemplar(exemplar);
}

function emitClassic(emitter: Emitter, buckets: readonly ClassicBucket[], sum: number, count: number): void {
  for (const bucket of buckets) {
    emitter.sample('_bucket', bucket.count, ['le', formatOpenMetrics(bucket.bound)]);
    emitter.exemplar(bucket.exemplar);
  }
  if (buckets.at(-1)?.bound !== Number.POSITIVE_INFINITY) emitter.sample('_bucket', count, ['le', '+Inf']);
  emitter.sample('_sum', sum);
  emitter.sample('_count', count);
}

function readBucket(cursor: ProtoCursor): ClassicBucket {
  const bucket: ClassicBucket = { count: 0, bound: 0, exemplar: null };
  while (cursor.next()) {
    if (cursor.tag === 8) bucket.count = cursor.varint();
    else if (cursor.tag === 17) bucket.bound = cursor.double();
    else if (cursor.tag === 26) bucket.exemplar = readExemplar(cursor.message());
    else if (cursor.tag === 33) bucket.count = cursor.double();
    else cursor.skip();
  }
  return bucket;
}

function readExemplar(cursor: ProtoCursor): Exemplar {
  const labels: Record<string, string> = {};
  let value = 0;
  let at: Millis | null = null;
  while (cursor.next()) {
    if (cursor.tag === 10) {
      const [name, text] = readPair(cursor.message());
      labels[name] = text;
    } else if (cursor.tag === 17) value = cursor.double();
    else if (cursor.tag === 26) at = readTimestamp(cursor.message());
    else cursor.skip();
  }
  return { labels, value, at };
}

/** google.protobuf.Timestamp. */
function readTimestamp(cursor: ProtoCursor): Millis {
  let seconds = 0;
  let nanos = 0;
  while (cursor.next()) {
    if (cursor.tag === 8) seconds = cursor.int64();
    else if (cursor.tag === 16) nanos = cursor.int64();
    else cursor.skip();
  }
  return seconds * 1_000 + Math.trunc(nanos / 1e6);
}
