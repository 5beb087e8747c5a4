import type { Parsed } from '../base/problem.ts';
import { type AnyValue, formatAnyValue } from '../otlp/any-value.ts';
import {
  type Attributes,
  type ExponentialBuckets,
  OTLP_LIMITS,
  type OtlpExemplar,
  type OtlpMetric,
  type OtlpRequest,
  type OtlpResource,
  type OtlpScope,
  type Temporality,
} from '../otlp/otlp-request.ts';

type Json = Readonly<Record<string, unknown>>;
const NOTHING: Json = {};
const TEMPORALITIES: readonly Temporality[] = ['unspecified', 'delta', 'cumulative'];
const TEMPORALITY_NAME = /^AGGREGATION_TEMPORALITY_(UNSPECIFIED|DELTA|CUMULATIVE)$/;

/**
 * Reads an `ExportMetricsServiceRequest` in OTLP's JSON: names in lowerCamelCase, 64-bit numbers as texts or numbers, enums as numbers
 * (names are taken, too). Unknown fields are passed over; what has another shape than it should counts as absent.
 */
export function parseOtlpMetrics(text: string): Parsed<OtlpRequest> {
  const root = parseJson(text);
  if (root === undefined) return wrong('the body is not JSON');
  if (!isMap(root)) return wrong('expected an object with resourceMetrics');
  const reading: Reading = { points: 0 };
  const resources: OtlpResource[] = [];
  for (const item of listIn(root, 'resourceMetrics')) {
    const metrics = listIn(item, 'scopeMetrics').flatMap((given) => {
      const scope = readScope(given);
      return listIn(given, 'metrics').map((metric) => readMetric(metric, scope, reading));
    });
    resources.push({ attributes: readAttributes(mapIn(item, 'resource')), metrics });
    if (reading.points > OTLP_LIMITS.points) return wrong(`more than ${OTLP_LIMITS.points} points in one request`);
  }
  return { value: { resources }, problems: [] };
}

interface Reading {
  points: number;
}

function wrong(message: string): Parsed<never> {
  return { value: null, problems: [{ message }] };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mapIn(from: Json, key: string): Json {
  const value = from[key];
  return isMap(value) ? value : NOTHING;
}

function listIn(from: Json, key: string): readonly Json[] {
  const value = from[key];
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function textIn(from: Json, key: string): string {
  const value = from[key];
  return typeof value === 'string' ? value : '';
}

/** A number, or a text that is one. */
function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isNaN(number) && value !== 'NaN' ? null : number;
}

function numbersIn(from: Json, key: string): readonly number[] {
  const value = from[key];
  return Array.isArray(value) ? value.slice(0, OTLP_LIMITS.buckets + 1).map((each) => numberOf(each) ?? 0) : [];
}

function readScope(from: Json): OtlpScope {
  const scope = mapIn(from, 'scope');
  const attributes = readAttributes(scope);
  return { name: textIn(scope, 'name'), version: textIn(scope, 'version'), schemaUrl: textIn(from, 'schemaUrl'), attributes };
}

function readMetric(from: Json, scope: OtlpScope, reading: Reading): OtlpMetric {
  const kind = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'].find((name) => isMap(from[name]));
  const held = mapIn(from, kind ?? '');
  const points = listIn(held, 'dataPoints');
  reading.points += points.length;
  return {
    scope,
    name: textIn(from, 'name'),
    description: textIn(from, 'description'),
    unit: textIn(from, 'unit'),
    temporality: temporalityOf(held['aggregationTemporality']),
    isMonotonic: held['isMonotonic'] === true,
    data: reading.points > OTLP_LIMITS.points ? { kind: 'none' } : readPoints(kind, points),
  };
}

function temporalityOf(value: unknown): Temporality {
  const name = typeof value === 'string' ? TEMPORALITY_NAME.exec(value)?.[1]?.toLowerCase() : undefined;
  return TEMPORALITIES.find((each) => each === name) ?? TEMPORALITIES[numberOf(value) ?? 0] ?? 'unspecified';
}

function readPoints(kind: string | undefined, points: readonly Json[]): OtlpMetric['data'] {
  switch (kind) {
    case 'gauge':
    case 'sum':
      return {
        kind,
        points: points.map((point) => ({ ...fieldsOf(point), value: numberOf(point['asDouble']) ?? numberOf(point['asInt']) })),
      };
    case 'histogram':
      return {
        kind,
        points: points.map((point) => ({
          ...fieldsOf(point),
          ...totalsOf(point),
          counts: numbersIn(point, 'bucketCounts'),
          bounds: numbersIn(point, 'explicitBounds'),
        })),
      };
    case 'exponentialHistogram':
      return {
        kind: 'exponential',
        points: points.map((point) => ({
          ...fieldsOf(point),
          ...totalsOf(point),
          scale: numberOf(point['scale']) ?? 0,
          zeroCount: numberOf(point['zeroCount']) ?? 0,
          zeroThreshold: numberOf(point['zeroThreshold']) ?? 0,
          positive: bucketsOf(mapIn(point, 'positive')),
          negative: bucketsOf(mapIn(point, 'negative')),
        })),
      };
    case 'summary':
      return {
        kind,
        points: points.map((point) => ({
          ...fieldsOf(point),
          count: numberOf(point['count']) ?? 0,
          sum: numberOf(point['sum']) ?? 0,
          quantiles: listIn(point, 'quantileValues').map(
            (each) => [numberOf(each['quantile']) ?? 0, numberOf(each['value']) ?? 0] as const,
          ),
        })),
      };
    default:
      return { kind: 'none' };
  }
}

function fieldsOf(point: Json) {
  return {
    attributes: readAttributes(point),
    start: millisOf(point['startTimeUnixNano']),
    at: millisOf(point['timeUnixNano']),
    isEnd: (numberOf(point['flags']) ?? 0) % 2 === 1,
    exemplars: listIn(point, 'exemplars').slice(0, OTLP_LIMITS.exemplars).map(readExemplar),
  };
}

function readExemplar(from: Json): OtlpExemplar {
  return {
    attributes: readAttributes(from, 'filteredAttributes'),
    at: millisOf(from['timeUnixNano']),
    value: numberOf(from['asDouble']) ?? numberOf(from['asInt']) ?? 0,
    traceId: idOf(from['traceId']),
    spanId: idOf(from['spanId']),
  };
}

/** Hex digits that are not all zero. */
function idOf(value: unknown): string {
  return typeof value === 'string' && /^(?!0+$)[0-9a-f]{1,32}$/i.test(value) ? value.toLowerCase() : '';
}

function totalsOf(point: Json): { readonly count: number; readonly sum: number | null } {
  return { count: numberOf(point['count']) ?? 0, sum: numberOf(point['sum']) };
}

function bucketsOf(from: Json): ExponentialBuckets {
  return { offset: numberOf(from['offset']) ?? 0, counts: numbersIn(from, 'bucketCounts') };
}

function millisOf(value: unknown): number {
  // Digits beyond 2^53 would be lost as a number.
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return Number(value.slice(0, -6) || '0');
  return typeof value === 'number' && value > 0 ? Math.floor(value / 1e6) : 0;
}

function readAttributes(from: Json, key = 'attributes'): Attributes {
  return listIn(from, key)
    .slice(0, OTLP_LIMITS.attributes)
    .map((pair) => [textIn(pair, 'key'), formatAnyValue(readAnyValue(mapIn(pair, 'value'), 0))] as const);
}

function readAnyValue(from: Json, depth: number): AnyValue {
  const { stringValue, boolValue, intValue, doubleValue, bytesValue } = from;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (typeof intValue === 'string' && /^-?\d{1,19}$/.test(intValue)) return BigInt(intValue);
  if (typeof intValue === 'number') return intValue;
  if (doubleValue !== undefined) return numberOf(doubleValue);
  // As it came: base 64 already.
  if (typeof bytesValue === 'string') return bytesValue;
  if (depth >= OTLP_LIMITS.depth) return null;
  if (isMap(from['arrayValue'])) return listIn(from['arrayValue'], 'values').map((each) => readAnyValue(each, depth + 1));
  if (!isMap(from['kvlistValue'])) return null;
  return new Map(
    listIn(from['kvlistValue'], 'values').map((pair) => [textIn(pair, 'key'), readAnyValue(mapIn(pair, 'value'), depth + 1)] as const),
  );
}
