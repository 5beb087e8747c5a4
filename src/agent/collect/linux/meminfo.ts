import { type Metric, metric, procCollector } from '../collector.ts';

const LINE = /^([^:]+):\s+(\d+)( kB)?$/;

/** `Active(anon): 12 kB` becomes node_memory_Active_anon_bytes; what has no unit (the counts of huge pages) keeps its bare name. */
function parseMeminfo(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split('\n')) {
    const [, key, value, unit] = LINE.exec(line) ?? [];
    if (key === undefined) continue;
    const name = `node_memory_${key.replace(/\((.*)\)/, '_$1').replace(/\W/g, '_')}`;
    metrics.push(unit === undefined ? metric(name, Number(value)) : metric(`${name}_bytes`, Number(value) * 1_024));
  }
  if (metrics.length === 0) throw new Error('meminfo has no line that is understood');
  return metrics;
}

export const meminfo = procCollector('meminfo', 'meminfo', parseMeminfo);
