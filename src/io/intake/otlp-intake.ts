import { type Counters, increase, type Metric } from '../../core/base/counters.ts';
import type { Millis } from '../../core/base/time.ts';
import type { OtlpRules } from '../../core/otlp/otlp-rules.ts';
import { bodyEncoding } from '../decompress.ts';
import type { WriteOutcome } from '../series/engine.ts';
import type { SeriesStore } from '../series/store.ts';
import type { Decoder, OtlpAnswer } from './messages.ts';

export interface OtlpDoors {
  readonly write: SeriesStore['write'];
  readonly decoder: Decoder;
  readonly now: () => Millis;
  readonly rules: () => OtlpRules;
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

const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const METRICS = {
  requests: counter('tocsin_otlp_requests_total', 'OTLP requests for metrics by outcome.'),
  samples: counter('tocsin_otlp_samples_total', 'Samples that OTLP points became.'),
  refused: counter('tocsin_otlp_points_refused_total', 'OTLP points that were not taken, by reason.'),
  exemplars: counter('tocsin_otlp_exemplars_total', 'Exemplars of OTLP points.'),
} as const;

type Decoded = Exclude<OtlpAnswer, { readonly error: string }>;

const NOTHING: WriteOutcome = { samples: 0, series: 0, refused: [] };

/** Takes metrics that OpenTelemetry sends. */
export class OtlpIntake {
  private readonly doors: OtlpDoors;

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
    const { decoder, now, rules } = this.doors;
    const known = bodyEncoding(encoding);
    if (known === null) return { error: 'unsupported', message: 'the content encoding must be gzip, zstd or none' };
    try {
      const decoded = await decoder.ask('otlp', { body, encoding: known, format, now: now(), rules: rules() });
      return 'error' in decoded ? decoded : await this.store(decoded, source);
    } catch (error) {
      return { error: 'unavailable', message: error instanceof Error ? error.message : String(error) };
    }
  }

  private async store({ ticket, request, refused, exemplars }: Decoded, source: string): Promise<OtlpOutcome> {
    const { write, decoder, counters } = this.doors;
    const outcome = request === null ? NOTHING : await write(request.body, request.encoding, source);
    await decoder.ask('settle', { ticket, isStored: !('error' in outcome) });
    if ('error' in outcome) return { error: outcome.error, message: outcome.message };
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
