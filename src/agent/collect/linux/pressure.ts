import { type Collector, type Metric, metric, readOptional } from '../collector.ts';

/** Per file of /proc/pressure its kinds of lines, and what node_exporter calls them: waiting = some tasks, stalled = all of them. */
const WANTED: readonly (readonly [file: string, line: 'some' | 'full', name: string])[] = [
  ['cpu', 'some', 'node_pressure_cpu_waiting_seconds_total'],
  ['io', 'some', 'node_pressure_io_waiting_seconds_total'],
  ['io', 'full', 'node_pressure_io_stalled_seconds_total'],
  ['memory', 'some', 'node_pressure_memory_waiting_seconds_total'],
  ['memory', 'full', 'node_pressure_memory_stalled_seconds_total'],
  ['irq', 'full', 'node_pressure_irq_stalled_seconds_total'],
];
const FILES = [...new Set(WANTED.map(([file]) => file))];

function parsePressure(file: string, text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const [wanted, line, name] of WANTED) {
    const micros = wanted === file ? new RegExp(`^${line} .*total=(\\d+)`, 'm').exec(text)?.[1] : undefined;
    if (micros !== undefined) metrics.push(metric(name, Number(micros) / 1e6));
  }
  return metrics;
}

/** A kernel without pressure stall information, or booted with psi=0, has no such files or refuses to read them. */
export const pressure: Collector = {
  name: 'pressure',
  collect: async (from) => {
    const metrics: Metric[] = [];
    for (const file of FILES) {
      const text = await readOptional(from, `${from.proc}/pressure/${file}`);
      if (text !== null) metrics.push(...parsePressure(file, text));
    }
    return metrics;
  },
};
