import { z } from 'zod';
import { LabelSet } from './endpoint.ts';

/** Seconds since 1970, and the number as text. */
const Point = z.tuple([z.number(), z.string()]);
const HistogramPoint = z.tuple([z.number(), z.object({ count: z.string(), sum: z.string() })]);

const Element = z.object({ metric: LabelSet, value: Point.optional(), histogram: HistogramPoint.optional() });
const Series = z.object({ metric: LabelSet, values: z.array(Point).default([]), histograms: z.array(HistogramPoint).default([]) });

/** What `/api/v1/query` and `/api/v1/query_range` answer, as Prometheus defines it. */
export const PrometheusAnswer = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({ resultType: z.literal('vector'), result: z.array(Element) }),
      z.object({ resultType: z.literal('matrix'), result: z.array(Series) }),
      z.object({ resultType: z.literal('scalar'), result: Point }),
      z.object({ resultType: z.literal('string'), result: Point }),
    ]),
    warnings: z.array(z.string()).default([]),
    infos: z.array(z.string()).default([]),
  }),
  z.object({ status: z.literal('error'), errorType: z.string(), error: z.string() }),
]);
export type PrometheusAnswer = z.infer<typeof PrometheusAnswer>;
