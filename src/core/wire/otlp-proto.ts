import type { Parsed } from '../base/problem.ts';
import {
  type Attributes,
  type ExponentialBuckets,
  type ExponentialPoint,
  type HistogramPoint,
  type NumberPoint,
  OTLP_LIMITS,
  type OtlpExemplar,
  type OtlpMetric,
  type OtlpRequest,
  type OtlpResource,
  type SummaryPoint,
  type Temporality,
} from '../otlp/otlp-request.ts';
import { type AnyValue, formatAnyValue } from '../otlp/any-value.ts';
import { ProtoCursor } from './proto-cursor.ts';

const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];
const NO_BUCKETS: ExponentialBuckets = { offset: 0, counts: [] };

/** Reads an `ExportMetricsServiceRequest` in protobuf. Unknown fields are passed over. */
export function decodeOtlpMetrics(bytes: Uint8Array): Parsed<OtlpRequest> {
  const cursor = ProtoCursor.over(bytes);
  const reading: Reading = { points: 0 };
  const resources: OtlpResource[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) resources.push(readResourceMetrics(cursor.message(), reading));
    else cursor.skip();
  }
  if (reading.points > OTLP_LIMITS.points) return wrong(`more than ${OTLP_LIMITS.points} points in one request`);
  return cursor.bad ? wrong('the protobuf message is malformed') : { value: { resources }, problems: [] };
}

function wrong(message: string): Parsed<never> {
  return { value: null, problems: [{ message }] };
}

/** What is counted over the whole request. */
interface Reading {
  points: number;
}

function readResourceMetrics(cursor: ProtoCursor, reading: Reading): OtlpResource {
  let attributes: Attributes = [];
  const metrics: OtlpMetric[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) attributes = readResource(cursor.message());
    else if (cursor.tag === 18) readScope(cursor.message(), metrics, reading);
    else cursor.skip();
  }
  return { attributes, metrics };
}

function readResource(cursor: ProtoCursor): Attributes {
  const attributes: (readonly [string, string])[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) readAttribute(cursor, attributes);
    else cursor.skip();
  }
  return attributes;
}

function readScope(cursor: ProtoCursor, metrics: OtlpMetric[], reading: Reading): void {
  // What it is may come after its metrics.
  const scope = { name: '', version: '', schemaUrl: '', attributes: [] as (readonly [string, string])[] };
  while (cursor.next()) {
    if (cursor.tag === 18) metrics.push({ scope, ...readMetric(cursor.message(), reading) });
    else if (cursor.tag === 26) scope.schemaUrl = cursor.text();
    else if (cursor.tag === 10) {
      const inner = cursor.message();
      while (inner.next()) {
        if (inner.tag === 10) scope.name = inner.text();
        else if (inner.tag === 18) scope.version = inner.text();
        else if (inner.tag === 26) readAttribute(inner, scope.attributes);
        else inner.skip();
      }
    } else cursor.skip();
  }
}

function readMetric(cursor: ProtoCursor, reading: Reading): Omit<OtlpMetric, 'scope'> {
  const metric = {
    name: '',
    description: '',
    unit: '',
    temporality: 'unspecified' as Temporality,
    isMonotonic: false,
    data: { kind: 'none' } as OtlpMetric['data'],
  };
  while (cursor.next()) {
    if (cursor.tag === 10) metric.name = cursor.text();
    else if (cursor.tag === 18) metric.description = cursor.text();
    else if (cursor.tag === 26) metric.unit = cursor.text();
    else if (cursor.tag === 42 || cursor.tag === 58) {
      const kind = cursor.tag === 42 ? 'gauge' : 'sum';
      metric.data = { kind, points: readPoints(cursor.message(), metric, reading, readNumber) };
    } else if (cursor.tag === 74) metric.data = { kind: 'histogram', points: readPoints(cursor.message(), metric, reading, readHistogram) };
    else if (cursor.tag === 82)
      metric.data = { kind: 'exponential', points: readPoints(cursor.message(), metric, reading, readExponential) };
    else if (cursor.tag === 90) metric.data = { kind: 'summary', points: readPoints(cursor.message(), metric, reading, readSummary) };
    else cursor.skip();
  }
  return metric;
}

/** The points of a Gauge, Sum, Histogram, ExponentialHistogram or Summary: they agree on what the fields mean. */
function readPoints<T>(
  cursor: ProtoCursor,
  metric: { temporality: Temporality; isMonotonic: boolean },
  reading: Reading,
  read: (point: ProtoCursor) => T,
): readonly T[] {
  const points: T[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) {
      reading.points += 1;
      if (reading.points > OTLP_LIMITS.points) cursor.bad = true;
      points.push(read(cursor.message()));
    } else if (cursor.tag === 16) metric.temporality = TEMPORALITIES[cursor.varint()] ?? 'unspecified';
    else if (cursor.tag === 24) metric.isMonotonic = cursor.varint() !== 0;
    else cursor.skip();
  }
  return points;
}

/** What every point has, while it is read. */
class PointFields {
  readonly attributes: (readonly [string, string])[] = [];
  start = 0;
  at = 0;
  isEnd = false;
  readonly exemplars: OtlpExemplar[] = [];

  /** Reads the fields that all kinds number alike; false: it is another one. */
  take(cursor: ProtoCursor): boolean {
    if (cursor.tag === 17) this.start = millis(cursor);
    else if (cursor.tag === 25) this.at = millis(cursor);
    else return false;
    return true;
  }

  flags(cursor: ProtoCursor): void {
    this.isEnd = cursor.varint() % 2 === 1;
  }

  exemplar(cursor: ProtoCursor): void {
    if (this.exemplars.length < OTLP_LIMITS.exemplars) this.exemplars.push(readExemplar(cursor.message()));
    else cursor.skip();
  }
}

function readExemplar(cursor: ProtoCursor): OtlpExemplar {
  const attributes: (readonly [string, string])[] = [];
  const found = { at: 0, value: 0, traceId: '', spanId: '' };
  while (cursor.next()) {
    if (cursor.tag === 17) found.at = millis(cursor);
    else if (cursor.tag === 25) found.value = cursor.double();
    else if (cursor.tag === 34) found.spanId = hex(cursor.blob());
    else if (cursor.tag === 42) found.traceId = hex(cursor.blob());
    else if (cursor.tag === 49) found.value = cursor.signedFixed64();
    else if (cursor.tag === 58) readAttribute(cursor, attributes);
    else cursor.skip();
  }
  return { ...found, attributes };
}

/** Ids have 8 or 16 bytes, and are not zero. */
function hex(bytes: Uint8Array): string {
  if (bytes.length > 16 || bytes.every((byte) => byte === 0)) return '';
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function millis(cursor: ProtoCursor): number {
  return Number(cursor.bigFixed64() / 1_000_000n);
}

function readNumber(cursor: ProtoCursor): NumberPoint {
  const point = new PointFields();
  let value: number | null = null;
  while (cursor.next()) {
    if (point.take(cursor)) continue;
    if (cursor.tag === 33) value = cursor.double();
    else if (cursor.tag === 49) value = cursor.signedFixed64();
    else if (cursor.tag === 58) readAttribute(cursor, point.attributes);
    else if (cursor.tag === 64) point.flags(cursor);
    else if (cursor.tag === 42) point.exemplar(cursor);
    else cursor.skip();
  }
  return { ...fieldsOf(point), value };
}

function readHistogram(cursor: ProtoCursor): HistogramPoint {
  const point = new PointFields();
  const counts: number[] = [];
  const bounds: number[] = [];
  let count = 0;
  let sum: number | null = null;
  while (cursor.next()) {
    if (point.take(cursor)) continue;
    if (cursor.tag === 33) count = cursor.fixed64();
    else if (cursor.tag === 41) sum = cursor.double();
    else if (cursor.tag === 50) cursor.packed(counts, (inner) => inner.fixed64(), OTLP_LIMITS.buckets);
    else if (cursor.tag === 49) counts.push(cursor.fixed64());
    else if (cursor.tag === 58) cursor.packed(bounds, (inner) => inner.double(), OTLP_LIMITS.buckets);
    else if (cursor.tag === 57) bounds.push(cursor.double());
    else if (cursor.tag === 74) readAttribute(cursor, point.attributes);
    else if (cursor.tag === 80) point.flags(cursor);
    else if (cursor.tag === 66) point.exemplar(cursor);
    else cursor.skip();
    if (counts.length > OTLP_LIMITS.buckets || bounds.length > OTLP_LIMITS.buckets) cursor.bad = true;
  }
  return { ...fieldsOf(point), count, sum, counts, bounds };
}

function readExponential(cursor: ProtoCursor): ExponentialPoint {
  const point = new PointFields();
  const found = {
    count: 0,
    sum: null as number | null,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: NO_BUCKETS,
    negative: NO_BUCKETS,
  };
  while (cursor.next()) {
    if (point.take(cursor)) continue;
    if (cursor.tag === 10) readAttribute(cursor, point.attributes);
    else if (cursor.tag === 33) found.count = cursor.fixed64();
    else if (cursor.tag === 41) found.sum = cursor.double();
    else if (cursor.tag === 48) found.scale = cursor.zigzag();
    else if (cursor.tag === 57) found.zeroCount = cursor.fixed64();
    else if (cursor.tag === 66) found.positive = readBuckets(cursor.message());
    else if (cursor.tag === 74) found.negative = readBuckets(cursor.message());
    else if (cursor.tag === 80) point.flags(cursor);
    else if (cursor.tag === 90) point.exemplar(cursor);
    else if (cursor.tag === 113) found.zeroThreshold = cursor.double();
    else cursor.skip();
  }
  return { ...fieldsOf(point), ...found };
}

function readBuckets(cursor: ProtoCursor): ExponentialBuckets {
  let offset = 0;
  const counts: number[] = [];
  while (cursor.next()) {
    if (cursor.tag === 8) offset = cursor.zigzag();
    else if (cursor.tag === 18) cursor.packed(counts, (inner) => inner.varint(), OTLP_LIMITS.buckets);
    else if (cursor.tag === 16) counts.push(cursor.varint());
    else cursor.skip();
    if (counts.length > OTLP_LIMITS.buckets) cursor.bad = true;
  }
  return { offset, counts };
}

function readSummary(cursor: ProtoCursor): SummaryPoint {
  const point = new PointFields();
  const quantiles: (readonly [number, number])[] = [];
  let count = 0;
  let sum = 0;
  while (cursor.next()) {
    if (point.take(cursor)) continue;
    if (cursor.tag === 33) count = cursor.fixed64();
    else if (cursor.tag === 41) sum = cursor.double();
    else if (cursor.tag === 50) quantiles.push(readQuantile(cursor.message()));
    else if (cursor.tag === 58) readAttribute(cursor, point.attributes);
    else if (cursor.tag === 64) point.flags(cursor);
    else cursor.skip();
    if (quantiles.length > OTLP_LIMITS.buckets) cursor.bad = true;
  }
  return { ...fieldsOf(point), count, sum, quantiles };
}

function readQuantile(cursor: ProtoCursor): readonly [number, number] {
  let quantile = 0;
  let value = 0;
  while (cursor.next()) {
    if (cursor.tag === 9) quantile = cursor.double();
    else if (cursor.tag === 17) value = cursor.double();
    else cursor.skip();
  }
  return [quantile, value];
}

function fieldsOf({ attributes, start, at, isEnd, exemplars }: PointFields): Omit<NumberPoint, 'value'> {
  return { attributes, start, at, isEnd, exemplars };
}

function readAttribute(cursor: ProtoCursor, into: (readonly [string, string])[]): void {
  if (into.length >= OTLP_LIMITS.attributes) cursor.bad = true;
  const [key, value] = readPair(cursor.message(), 0);
  into.push([key, formatAnyValue(value)]);
}

function readPair(cursor: ProtoCursor, depth: number): readonly [string, AnyValue] {
  let key = '';
  let value: AnyValue = null;
  while (cursor.next()) {
    if (cursor.tag === 10) key = cursor.text();
    else if (cursor.tag === 18) value = readAnyValue(cursor.message(), depth);
    else cursor.skip();
  }
  return [key, value];
}

function readAnyValue(cursor: ProtoCursor, depth: number): AnyValue {
  let value: AnyValue = null;
  while (cursor.next()) {
    if (cursor.tag === 10) value = cursor.text();
    else if (cursor.tag === 16) value = cursor.varint() !== 0;
    else if (cursor.tag === 24) value = cursor.bigInt64();
    else if (cursor.tag === 33) value = cursor.double();
    else if (cursor.tag === 58) value = cursor.blob().slice();
    else if ((cursor.tag === 42 || cursor.tag === 50) && depth < OTLP_LIMITS.depth) {
      value = cursor.tag === 42 ? readArray(cursor.message(), depth + 1) : readMap(cursor.message(), depth + 1);
    } else cursor.skip();
  }
  return value;
}

function readArray(cursor: ProtoCursor, depth: number): AnyValue {
  const items: AnyValue[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10) items.push(readAnyValue(cursor.message(), depth));
    else cursor.skip();
  }
  return items;
}

function readMap(cursor: ProtoCursor, depth: number): AnyValue {
  const pairs = new Map<string, AnyValue>();
  while (cursor.next()) {
    if (cursor.tag === 10) pairs.set(...readPair(cursor.message(), depth));
    else cursor.skip();
  }
  return pairs;
}
