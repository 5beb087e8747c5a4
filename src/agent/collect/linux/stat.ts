import { fields, type Metric, metric, procCollector } from '../collector.ts';

/** The lines of /proc/stat that are one number for the machine. `intr` is followed by one number per interrupt, which are left out. */
const NAMES: Readonly<Record<string, string>> = {
  intr: 'node_intr_total',
  ctxt: 'node_context_switches_total',
  btime: 'node_boot_time_seconds',
  processes: 'node_forks_total',
  procs_running: 'node_procs_running',
  procs_blocked: 'node_procs_blocked',
};

function parseStat(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    const name = NAMES[line.slice(0, Math.max(0, space))];
    if (name !== undefined) metrics.push(metric(name, Number(fields(line.slice(space, space + 32))[0])));
  }
  return metrics;
}

export const stat = procCollector('stat', 'stat', parseStat);
