import { type Collector, fields, type Metric, metric, readSource } from '../collector.ts';

/** The columns of a `cpuN` line of /proc/stat (proc_stat(5)), in ticks of which a second has 100 on every Linux. */
const MODES = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;
const GUEST_MODES = ['user', 'nice'] as const;
const COLUMNS = MODES.length + GUEST_MODES.length;
const TICKS_A_SECOND = 100;
const IDLE = 3;
/** The kernel's idle time trembles; a step back beyond this is a processor that was taken out and put back. */
const JUMP_SECONDS = 3;

export type CpuTimes = ReadonlyMap<string, readonly number[]>;

/** Seconds per processor, in the order of `MODES` and then `GUEST_MODES`. */
export function parseCpuTimes(text: string): CpuTimes {
  const times = new Map<string, readonly number[]>();
  for (const line of text.split('\n')) {
    const match = /^cpu(\d+) /.exec(line);
    if (match?.[1] === undefined) continue;
    const columns = fields(line).slice(1, 1 + COLUMNS);
    times.set(
      match[1],
      Array.from({ length: COLUMNS }, (_, i) => Number(columns[i] ?? 0) / TICKS_A_SECOND),
    );
  }
  return times;
}

/** Idle and iowait may step back a little in the kernel, which would look like a restarted counter: such a value stays where it was. */
export function keepRising(before: CpuTimes, now: CpuTimes): CpuTimes {
  const kept = new Map<string, readonly number[]>();
  for (const [cpu, times] of now) {
    const last = before.get(cpu);
    const restarted = last === undefined || (last[IDLE] ?? 0) - (times[IDLE] ?? 0) > JUMP_SECONDS;
    kept.set(cpu, restarted ? times : times.map((seconds, i) => Math.max(seconds, last[i] ?? 0)));
  }
  return kept;
}

export function openCpu(): Collector {
  let last: CpuTimes = new Map();
  return {
    name: 'cpu',
    collect: async (from) => {
      last = keepRising(last, parseCpuTimes(await readSource(from, `${from.proc}/stat`)));
      return [...last].flatMap(([cpu, times]) => cpuMetrics(cpu, times));
    },
  };
}

function cpuMetrics(cpu: string, times: readonly number[]): Metric[] {
  return [
    ...MODES.map((mode, i) => metric('node_cpu_seconds_total', times[i] ?? 0, { cpu, mode })),
    ...GUEST_MODES.map((mode, i) => metric('node_cpu_guest_seconds_total', times[MODES.length + i] ?? 0, { cpu, mode })),
  ];
}
