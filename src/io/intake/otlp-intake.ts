import { type Counters, increase, type Metric } from '../../core/base/counters.ts';
import type { Parsed } from '../../core/base/problem.ts';
import type { Millis } from '../../core/base/time.ts';
import { DeltaSums } from '../../core/otlp/delta-sums.ts';
import type { OtlpRequest } from '../../core/otlp/otlp-request.ts';
import { hasDelta, translateOtlp } from '../../core/otlp/translate-otlp.ts';
import type { WriteMetadata } from '../../core/wire/encode-write.ts';
import { parseOtlpMetrics } from '../../core/wire/otlp-json.ts';
import { decodeOtlpMetrics } from '../../core/wire/otlp-proto.ts';
import { bodyEncoding, decompress } from '../decompress.ts';
import type { SeriesStore } from '../series/store.ts';
import { writeSeries } from './write-series.ts';

export interface OtlpDoors {
  readonly write: SeriesStore['write'];
  readonly now: () => Millis;
  readonly counters: Counters;
}

export interface OtlpBody {
  readonly body: Uint8Array;
  /** As the header `Content-Encoding` says. */
  readonly encoding: string | undefined;
  readonly format: 'protobuf' | 'json';
  readonly source: string;
}

/** What became of a request. Points that were rejected must not be sent again; after `unavailable` everything must. */
export type OtlpOutcome =
  | { readonly rejected: number; readonly message: string }
  | { readonly error: 'bad' | 'too-large' | 'unsupported' | 'unavailable'; readonly message: string };

const DECODED_LIMIT_BYTES = 32 << 20;
const DELTA_SERIES_LIMIT = 200_000;
const DESCRIBED_LIMIT = 50_000;
const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const METRICS = {
  requests: counter('tocsin_otlp_requests_total', 'OTLP requests for metrics by outcome.'),
  samples: counter('tocsin_otlp_samples_total', 'Samples that OTLP points became.'),
  refused: counter('tocsin_otlp_points_refused_total', 'OTLP points that were not taken, by reason.'),
  exemplars: counter('tocsin_otlp_exemplars_total', 'Exemplars of OTLP points.'),
} as const;

/** Takes metrics that OpenTelemetry sends. */
export class OtlpIntake {
  private readonly doors: OtlpDoors;
  private readonly deltas = new DeltaSums(DELTA_SERIES_LIMIT);
  /** What was said of metrics and is stored: it is not said again with every request. */
  private readonly described = new Map<string, string>();
  private turn: Promise<unknown> = Promise.resolve();

  constructor(doors: OtlpDoors) {
    this.doors = doors;
    // There from the start, so that the first request shows as an increase.
    increase(doors.counters, METRICS.requests, { outcome: 'ok' }, 0);
    increase(doors.counters, METRICS.samples, {}, 0);
  }

  async take(given: OtlpBody): Promise<OtlpOutcome> {
    const outcome = await this.receive(given);
    const name = 'error' in outcome ? outcome.error : outcome.rejected === 0 ? 'ok' : 'partly refused';
    increase(this.doors.counters, METRICS.requests, { outcome: name });
    return outcome;
  }

  private async receive({ body, encoding, format, source }: OtlpBody): Promise<OtlpOutcome> {
    const known = bodyEncoding(encoding);
    if (known === null) return { error: 'unsupported', message: 'the content encoding must be gzip, zstd or none' };
    const bytes = await decompress(body, known, DECODED_LIMIT_BYTES);
    if ('problem' in bytes) return { error: bytes.problem, message: bytes.message };
    const { value, problems } = format === 'protobuf' ? decodeOtlpMetrics(bytes) : parseText(bytes);
    if (value === null) return { error: 'bad', message: problems[0]?.message ?? 'the body cannot be read' };
    if (!hasDelta(value)) return this.store(value, source);
    // What a delta point adds up to depends on the one before: one request after the other.
    const mine = this.turn.then(() => this.store(value, source));
    this.turn = mine.catch(() => {});
    return mine;
  }

  private async store(request: OtlpRequest, source: string): Promise<OtlpOutcome> {
    const { write, now, counters } = this.doors;
    const isDelta = hasDelta(request);
    if (isDelta) this.deltas.begin(now());
    const { series, refused, exemplars, metadata } = translateOtlp(request, now(), this.deltas);
    const news = metadata.filter((one) => this.described.get(one.name) !== digestOf(one));
    const outcome = series.length === 0 ? { samples: 0, series: 0, refused: [] } : await writeSeries(write, series, source, news);
    if ('error' in outcome) {
      if (isDelta) this.deltas.undo();
      return { error: outcome.error, message: outcome.message };
    }
    if (this.described.size + news.length > DESCRIBED_LIMIT) this.described.clear();
    for (const one of news) this.described.set(one.name, digestOf(one));
    increase(counters, METRICS.samples, {}, outcome.samples + (outcome.histograms ?? 0));
    if (exemplars > 0) increase(counters, METRICS.exemplars, {}, exemplars);
    const reasons = new Map<string, number>(refused);
    for (const { reason, count } of outcome.refused) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    let rejected = 0;
    for (const [reason, count] of reasons) {
      increase(counters, METRICS.refused, { reason }, count);
      rejected += count;
    }
    return { rejected, message: [...reasons].map(([reason, count]) => `${count}: ${reason}`).join(', ') };
  }
}

function digestOf({ type, help, unit }: WriteMetadata): string {
  return `${type} ${unit} ${help}`;
}

function parseText(bytes: Uint8Array): Parsed<OtlpRequest> {
  return parseOtlpMetrics(new TextDecoder().decode(bytes));
}
