import { fields, type Metric, metric, procCollector } from '../collector.ts';

const NAMES = ['node_load1', 'node_load5', 'node_load15'] as const;

function parseLoadavg(text: string): Metric[] {
  const loads = fields(text).slice(0, NAMES.length).map(Number);
  if (loads.length < NAMES.length || loads.some(Number.isNaN)) throw new Error('loadavg is not three numbers');
  return NAMES.map((name, i) => metric(name, loads[i] ?? 0));
}

export const loadavg = procCollector('loadavg', 'loadavg', parseLoadavg);
