import { type Labels, labelsKey, NAME } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { formatOpenMetrics } from '../promql/number.ts';
import type { WriteExemplar, WriteMetadata, WriteSample, WriteSeries } from '../wire/encode-write.ts';
import { type ClassicBuckets, explicitBuckets } from './classic-buckets.ts';
import type { MetricType } from '../wire/metric-type.ts';
import type { DeltaSums } from './delta-sums.ts';
import { labelName, metricName, type Named } from './metric-name.ts';
import { histogramOfParts, nativeHistogram, partsOfHistogram } from './native-histogram.ts';
import { exemplarsOf } from './otlp-exemplars.ts';
import { DEFAULT_OTLP_RULES, type OtlpRules, type TranslationStrategy } from './otlp-rules.ts';
import type {
  Attributes,
  ExponentialPoint,
  NumberPoint,
  OtlpExemplar,
  OtlpMetric,
  OtlpRequest,
  OtlpResource,
  OtlpScope,
  SummaryPoint,
} from './otlp-request.ts';

/** What became of the points of a request. */
export interface Translation {
  readonly series: readonly WriteSeries[];
  /** Why points were left out -> how many. */
  readonly refused: ReadonlyMap<string, number>;
  readonly exemplars: number;
  /** What the metrics are. */
  readonly metadata: readonly WriteMetadata[];
}

const IDENTIFYING: ReadonlySet<string> = new Set(['service.name', 'service.namespace', 'service.instance.id']);

/**
 * OTLP metrics as series with Prometheus' names and labels (opentelemetry.io, "Prometheus and OpenMetrics compatibility"): the resource
 * becomes `job`, `instance` and `target_info`, delta points are added up, histograms with explicit bounds become classic buckets, those with
 * exponential ones native histograms.
 */
export function translateOtlp(request: OtlpRequest, now: Millis, deltas: DeltaSums, rules: OtlpRules = DEFAULT_OTLP_RULES): Translation {
  const translator = new Translator(now, deltas, rules);
  for (const resource of request.resources) translator.resource(resource);
  return translator;
}

/** Whether a request holds points that are added up: it must then not be taken at the same time as another one. */
export function hasDelta(request: OtlpRequest): boolean {
  return request.resources.some(({ metrics }) => metrics.some(({ temporality }) => temporality === 'delta'));
}

/** The part of a classic histogram: buckets by their bound, `sum` and `count`. */
const COUNT = 'count';
const SUM = 'sum';

class Translator implements Translation {
  readonly series: WriteSeries[] = [];
  readonly refused = new Map<string, number>();
  exemplars = 0;
  readonly metadata: WriteMetadata[] = [];
  private readonly now: Millis;
  private readonly deltas: DeltaSums;
  private readonly rules: OtlpRules;
  private readonly names: LabelNames;
  private identity: Labels = {};
  /** What series have of their resource, and of the scope. */
  private promoted: Labels = {};
  private ofScope: Labels = {};
  private scope: OtlpScope | null = null;
  private latest: Millis = 0;

  constructor(now: Millis, deltas: DeltaSums, rules: OtlpRules) {
    this.now = now;
    this.deltas = deltas;
    this.rules = rules;
    this.names = new LabelNames(rules.strategy);
  }

  resource({ attributes, metrics }: OtlpResource): void {
    this.identity = identityOf(attributes);
    this.latest = 0;
    const { promoted, ignored, isIdentityKept } = this.rules;
    const isPromoted = (key: string): boolean => (promoted === 'all' ? !ignored.includes(key) : promoted.includes(key));
    this.promoted = this.labelsOf(attributes.filter(([key]) => isPromoted(key)));
    for (const metric of metrics) this.metric(metric);
    const about = attributes.filter(([key]) => isIdentityKept || !IDENTIFYING.has(key));
    if (this.latest === 0 || about.length === 0 || Object.keys(this.identity).length === 0) return;
    this.add({ ...this.labelsOf(about), ...this.identity, [NAME]: 'target_info' }, this.latest, 1);
  }

  private metric(metric: OtlpMetric): void {
    const { data } = metric;
    if (data.kind === 'none') return;
    const name = metricName(namedOf(metric), this.rules.strategy);
    this.enter(metric.scope);
    if (name === '') return this.refuse('the metric has no name', data.points.length);
    if (data.kind !== 'gauge' && data.kind !== 'summary' && metric.temporality === 'unspecified')
      return this.refuse('the aggregation temporality is not given', data.points.length);
    this.metadata.push({ name, type: typeOf(metric), help: metric.description, unit: metric.unit });
    const isDelta = metric.temporality === 'delta';
    if (data.kind === 'gauge' || data.kind === 'sum') {
      for (const point of data.points) this.number(name, point, metric);
    } else if (data.kind === 'summary') for (const point of data.points) this.summary(name, point);
    else if (data.kind === 'histogram') {
      for (const point of data.points) this.histogram(name, { point, buckets: explicitBuckets(point), isDelta });
    } else if (data.kind === 'exponential') {
      for (const point of data.points) this.exponential(name, point, isDelta);
    }
  }

  private enter(scope: OtlpScope): void {
    if (!this.rules.isScopePromoted || scope === this.scope) return;
    this.scope = scope;
    const { name, version, schemaUrl, attributes } = scope;
    const own = attributes.map(([key, value]) => [`otel_scope_${key}`, value] as const);
    this.ofScope = {
      ...this.labelsOf(own),
      ...(name !== '' && { otel_scope_name: name }),
      ...(version !== '' && { otel_scope_version: version }),
      ...(schemaUrl !== '' && { otel_scope_schema_url: schemaUrl }),
    };
  }

  private labelsOf(attributes: Attributes): Labels {
    const labels: Record<string, string> = {};
    putLabels(labels, attributes, this.names);
    return labels;
  }

  private refuse(why: string, points: number): void {
    this.refused.set(why, (this.refused.get(why) ?? 0) + points);
  }

  private number(name: string, point: NumberPoint, { data, temporality, isMonotonic }: OtlpMetric): void {
    const { value } = point;
    const isDelta = temporality === 'delta' && data.kind === 'sum';
    const at = this.moment(point);
    const labels = this.labels(name, point);
    if (point.isEnd) return this.add(labels, at, 'stale');
    if (value === null) return this.refuse('the point has no value', 1);
    const exemplars = this.exemplarsOf(point, at);
    if (!isDelta) return this.add(labels, at, value, { exemplars, start: data.kind === 'sum' && isMonotonic ? point.start : 0 });
    const total = this.deltas.add(labelsKey(labels), at, new Map([['', value]]));
    if (typeof total === 'string') this.refuse(total, 1);
    else this.add(labels, at, total.get('') ?? 0, { exemplars });
  }

  private summary(name: string, point: SummaryPoint): void {
    const labels = this.labels(name, point);
    const at = this.moment(point);
    for (const [quantile, value] of point.quantiles)
      this.add({ ...labels, quantile: formatOpenMetrics(quantile) }, at, point.isEnd ? 'stale' : value);
    const { start } = point;
    this.add(withSuffix(labels, '_sum'), at, point.isEnd ? 'stale' : point.sum, { start });
    this.add(withSuffix(labels, '_count'), at, point.isEnd ? 'stale' : point.count, { start });
  }

  private histogram(name: string, given: GivenHistogram): void {
    const { point, buckets, isDelta } = given;
    if (buckets === null) return this.refuse('the buckets of a histogram do not fit together', 1);
    const labels = this.labels(name, point);
    const at = this.moment(point);
    let whole: ClassicBuckets = buckets;
    let { sum, count } = point;
    if (isDelta && !point.isEnd) {
      const total = this.deltas.add(labelsKey(labels), at, partsOf(given, buckets));
      if (typeof total === 'string') return this.refuse(total, 1);
      whole = bucketsOf(total);
      count = total.get(COUNT) ?? 0;
      sum = sum === null ? null : (total.get(SUM) ?? 0);
    }
    const value = (number: number): number | 'stale' => (point.isEnd ? 'stale' : number);
    const start = isDelta ? 0 : point.start;
    const found = this.exemplarsOf(point, at);
    for (const [index, bound] of whole.bounds.entries()) {
      // Each exemplar goes to the lowest bucket that holds it.
      const exemplars = found.filter((one) => one.value <= bound && !(one.value <= (whole.bounds[index - 1] ?? Number.NEGATIVE_INFINITY)));
      const bucket = { ...withSuffix(labels, '_bucket'), le: formatOpenMetrics(bound) };
      this.add(bucket, at, value(whole.cumulative[index] ?? 0), { exemplars, start });
    }
    if (sum !== null) this.add(withSuffix(labels, '_sum'), at, value(sum), { start });
    this.add(withSuffix(labels, '_count'), at, value(count), { start });
  }

  private exponential(name: string, point: ExponentialPoint, isDelta: boolean): void {
    const labels = this.labels(name, point);
    const at = this.moment(point);
    if (point.isEnd) return this.add(labels, at, 'stale');
    const histogram = nativeHistogram(point);
    if (histogram === null) return this.refuse('the scale of a histogram is not supported', 1);
    const exemplars = this.exemplarsOf(point, at);
    if (!isDelta) return this.add(labels, at, histogram, { exemplars, start: point.start });
    const total = this.deltas.add(labelsKey(labels), at, partsOfHistogram(histogram));
    if (typeof total === 'string') this.refuse(total, 1);
    else this.add(labels, at, histogramOfParts(total), { exemplars });
  }

  private exemplarsOf(point: { readonly exemplars: readonly OtlpExemplar[] }, at: Millis): readonly WriteExemplar[] {
    this.exemplars += point.exemplars.length;
    return point.exemplars.length === 0 ? NO_EXEMPLARS : exemplarsOf(point.exemplars, at, (attributes) => this.labelsOf(attributes));
  }

  private labels(name: string, point: { readonly attributes: Attributes }): Labels {
    const labels = { ...this.promoted };
    putLabels(labels, point.attributes, this.names);
    return Object.assign(labels, this.ofScope, this.identity, { [NAME]: name });
  }

  /** A point without a moment is of now. */
  private moment({ at }: { readonly at: Millis }): Millis {
    return at === 0 ? this.now : at;
  }

  private add(labels: Labels, at: Millis, value: WriteSample['value'], { exemplars = NO_EXEMPLARS, start = 0 }: Besides = {}): void {
    this.latest = Math.max(this.latest, at);
    this.series.push({ labels, samples: [{ at, value, start }], exemplars });
  }
}

/** What a sample has besides its value. */
interface Besides {
  readonly exemplars?: readonly WriteExemplar[];
  /** When its counter started; 0 = not known. */
  readonly start?: Millis;
}

const NO_EXEMPLARS: readonly WriteExemplar[] = [];

function typeOf({ data, isMonotonic }: OtlpMetric): MetricType {
  if (data.kind === 'sum') return isMonotonic ? 'counter' : 'gauge';
  if (data.kind === 'exponential') return 'histogram';
  return data.kind === 'none' ? 'unknown' : data.kind;
}

interface GivenHistogram {
  readonly point: {
    readonly attributes: Attributes;
    readonly at: Millis;
    readonly isEnd: boolean;
    readonly start: Millis;
    readonly exemplars: readonly OtlpExemplar[];
    readonly count: number;
    readonly sum: number | null;
  };
  readonly buckets: ClassicBuckets | null;
  readonly isDelta: boolean;
}

/** Each bucket on its own, not with those below it: only so can points with other bounds be added up. */
function partsOf({ point }: GivenHistogram, { bounds, cumulative }: ClassicBuckets): ReadonlyMap<string, number> {
  const parts = new Map<string, number>([[COUNT, point.count]]);
  if (point.sum !== null) parts.set(SUM, point.sum);
  for (const [index, bound] of bounds.entries()) parts.set(String(bound), (cumulative[index] ?? 0) - (cumulative[index - 1] ?? 0));
  return parts;
}

function bucketsOf(parts: ReadonlyMap<string, number>): ClassicBuckets {
  const bounds = [...parts.keys()]
    .filter((part) => part !== COUNT && part !== SUM)
    .map(Number)
    .sort((a, b) => a - b);
  let sum = 0;
  return { bounds, cumulative: bounds.map((bound) => (sum += parts.get(String(bound)) ?? 0)) };
}

function namedOf({ name, unit, isMonotonic, data }: OtlpMetric): Named {
  const kind = data.kind === 'sum' && isMonotonic ? 'counter' : data.kind === 'gauge' ? 'gauge' : 'other';
  return { name, unit, kind };
}

function withSuffix(labels: Labels, suffix: string): Labels {
  return { ...labels, [NAME]: `${labels[NAME] ?? ''}${suffix}` };
}

function identityOf(attributes: Attributes): Labels {
  const known = new Map(attributes);
  const name = known.get('service.name') ?? '';
  const namespace = known.get('service.namespace') ?? '';
  const instance = known.get('service.instance.id') ?? '';
  return {
    ...(name !== '' && { job: namespace === '' ? name : `${namespace}/${name}` }),
    ...(instance !== '' && { instance }),
  };
}

/** The names of labels for those of attributes, each made once. */
class LabelNames {
  private readonly made = new Map<string, string>();
  private readonly strategy: TranslationStrategy;

  constructor(strategy: TranslationStrategy) {
    this.strategy = strategy;
  }

  of(attribute: string): string {
    let name = this.made.get(attribute);
    if (name === undefined) {
      name = labelName(attribute, this.strategy);
      this.made.set(attribute, name);
    }
    return name;
  }
}

/**
 * Puts attributes over the labels that are there. Those that come to the same label share it: their values in the order of their names,
 * with a semicolon between.
 */
function putLabels(labels: Record<string, string>, attributes: Attributes, names: LabelNames): void {
  let shared: Set<string> | null = null;
  for (const [key, value] of isSorted(attributes) ? attributes : [...attributes].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))) {
    const name = names.of(key);
    if (name === '' || name === NAME) continue;
    shared ??= new Set();
    labels[name] = shared.has(name) ? `${labels[name]};${value}` : value;
    shared.add(name);
  }
}

function isSorted(attributes: Attributes): boolean {
  for (let i = 1; i < attributes.length; i += 1) if ((attributes[i - 1]?.[0] ?? '') > (attributes[i]?.[0] ?? '')) return false;
  return true;
}
