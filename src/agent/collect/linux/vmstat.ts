import { type Metric, metric, procCollector } from '../collector.ts';

/** Of the hundred counters those that node_exporter takes: paging, swapping, faults, and kills for want of memory. */
const WANTED = /^(?:oom_kill|pgpg|pswp|pg.*fault)/;

function parseVmstat(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split('\n')) {
    const [name, value] = line.split(' ');
    if (name !== undefined && value !== undefined && WANTED.test(name)) metrics.push(metric(`node_vmstat_${name}`, Number(value)));
  }
  return metrics;
}

export const vmstat = procCollector('vmstat', 'vmstat', parseVmstat);
