import type { Millis } from '../base/time.ts';

/** Attributes with their values as texts, in the order in which they came. */
export type Attributes = readonly (readonly [string, string])[];

/** An OTLP request for metrics (opentelemetry-proto, collector/metrics/v1), whichever way it was encoded. */
export interface OtlpRequest {
  readonly resources: readonly OtlpResource[];
}

/** Metrics of one resource. */
export interface OtlpResource {
  readonly attributes: Attributes;
  readonly metrics: readonly OtlpMetric[];
}

/** How points of a sum or histogram relate: each holds all since the start, or what came since the last one. */
export type Temporality = 'unspecified' | 'delta' | 'cumulative';

/** The library that measured. */
export interface OtlpScope {
  readonly name: string;
  readonly version: string;
  readonly schemaUrl: string;
  readonly attributes: Attributes;
}

/** One metric and its points. */
export interface OtlpMetric {
  readonly scope: OtlpScope;
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly temporality: Temporality;
  readonly isMonotonic: boolean;
  readonly data:
    | { readonly kind: 'gauge' | 'sum'; readonly points: readonly NumberPoint[] }
    | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[] }
    | { readonly kind: 'exponential'; readonly points: readonly ExponentialPoint[] }
    | { readonly kind: 'summary'; readonly points: readonly SummaryPoint[] }
    | { readonly kind: 'none' };
}

/** A single observation of a point. */
export interface OtlpExemplar {
  /** Those that the point does not have already. */
  readonly attributes: Attributes;
  /** 0: not said. */
  readonly at: Millis;
  readonly value: number;
  /** In hex digits; empty: not said. */
  readonly traceId: string;
  readonly spanId: string;
}

interface Point {
  readonly attributes: Attributes;
  /** 0: not said. */
  readonly start: Millis;
  readonly at: Millis;
  /** The series ended here; the values mean nothing. */
  readonly isEnd: boolean;
  readonly exemplars: readonly OtlpExemplar[];
}

/** A point of a gauge or sum. */
export interface NumberPoint extends Point {
  /** Null: the point says none, and means nothing. */
  readonly value: number | null;
}

/** A histogram with explicit bounds; there is one count more than bounds, or neither. */
export interface HistogramPoint extends Point {
  readonly count: number;
  readonly sum: number | null;
  readonly counts: readonly number[];
  readonly bounds: readonly number[];
}

/** Counts from bucket `offset` on: bucket i reaches from base^i (exclusive) to base^(i+1), where base is 2^(2^-scale). */
export interface ExponentialBuckets {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** A histogram with exponential bounds. */
export interface ExponentialPoint extends Point {
  readonly count: number;
  readonly sum: number | null;
  readonly scale: number;
  readonly zeroCount: number;
  /** How large what counts as zero may be; 0: not said. */
  readonly zeroThreshold: number;
  readonly positive: ExponentialBuckets;
  readonly negative: ExponentialBuckets;
}

/** A summary: quantile and value. */
export interface SummaryPoint extends Point {
  readonly count: number;
  readonly sum: number;
  readonly quantiles: readonly (readonly [number, number])[];
}

/** Bounds of what one request may hold: what a small hostile body can make of memory is bounded by them. */
export const OTLP_LIMITS = { points: 500_000, attributes: 256, buckets: 4_096, depth: 8, exemplars: 64 } as const;
