import { fields, type Metric, metric, procCollector } from '../collector.ts';

const NAMES = ['node_softnet_processed_total', 'node_softnet_dropped_total', 'node_softnet_times_squeezed_total'] as const;
const CPU_COLUMN = 12;

/** /proc/net/softnet_stat: one line per processor that is on, hexadecimal; newer kernels say which processor it is. */
function parseSoftnet(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const [row, line] of text.trimEnd().split('\n').entries()) {
    const columns = fields(line).map((word) => Number.parseInt(word, 16));
    const cpu = String(columns[CPU_COLUMN] ?? row);
    for (const [i, name] of NAMES.entries()) {
      const value = columns[i];
      if (value !== undefined) metrics.push(metric(name, value, { cpu }));
    }
  }
  return metrics;
}

export const softnet = procCollector('softnet', 'net/softnet_stat', parseSoftnet);
