/** The types of OpenMetrics, in the order in which remote write numbers them. */
export const METRIC_TYPES = ['unknown', 'counter', 'gauge', 'histogram', 'gaugehistogram', 'summary', 'info', 'stateset'] as const;

/** A type of OpenMetrics. */
export type MetricType = (typeof METRIC_TYPES)[number];
