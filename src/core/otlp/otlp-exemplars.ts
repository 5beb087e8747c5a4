import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { WriteExemplar } from '../wire/encode-write.ts';
import type { Attributes, OtlpExemplar } from './otlp-request.ts';

/** Names and values of the labels of an exemplar together, in characters: OpenMetrics' limit. */
const LONGEST = 128;

/** Exemplars of a point as series have them; a moment that is not said is that of the point. */
export function exemplarsOf(list: readonly OtlpExemplar[], at: Millis, labelsOf: (attributes: Attributes) => Labels): WriteExemplar[] {
  return list.map((one) => {
    const trace = { ...(one.traceId !== '' && { trace_id: one.traceId }), ...(one.spanId !== '' && { span_id: one.spanId }) };
    const whole = { ...labelsOf(one.attributes), ...trace };
    // Where not all fits, the trace says more than the rest.
    const isLong = Object.entries(whole).reduce((length, [name, value]) => length + name.length + value.length, 0) > LONGEST;
    return { labels: isLong ? trace : whole, value: one.value, at: one.at === 0 ? at : one.at };
  });
}
