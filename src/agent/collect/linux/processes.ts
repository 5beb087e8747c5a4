import { type Collector, type Metric, metric, readOptional, type Sources } from '../collector.ts';

/** Reading one costs some 30 microseconds of processor: with more, states and threads are left out rather than guessed. */
const MOST_PROCESSES = 4_096;

export interface ProcessState {
  /** R, S, D, Z and so on (proc_pid_stat(5)). */
  readonly state: string;
  readonly threads: number;
}

/** The name of a process stands in parentheses and may itself hold spaces and parentheses: fields are counted after the last one. */
function parsePidStat(text: string): ProcessState | null {
  const rest = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = rest;
  const threads = Number(rest[17]);
  return state === undefined || state === '' || !Number.isInteger(threads) ? null : { state, threads };
}

export const processes: Collector = {
  name: 'processes',
  collect: async (from) => {
    const pids = (await from.files.list(from.proc)).filter((entry) => /^\d+$/.test(entry.name));
    const metrics = [metric('node_processes_pids', pids.length)];
    for (const [file, name] of [
      ['threads-max', 'node_processes_max_threads'],
      ['pid_max', 'node_processes_max_processes'],
    ] as const) {
      const limit = await readOptional(from, `${from.proc}/sys/kernel/${file}`);
      if (limit !== null) metrics.push(metric(name, Number(limit)));
    }
    if (pids.length > MOST_PROCESSES) return metrics;
    return [
      ...metrics,
      ...(await readStates(
        from,
        pids.map((entry) => entry.name),
      )),
    ];
  },
};

/** A process that ends meanwhile is not counted. */
async function readStates(from: Sources, pids: readonly string[]): Promise<Metric[]> {
  const counts = new Map<string, number>();
  let threads = 0;
  for (const pid of pids) {
    const text = await readOptional(from, `${from.proc}/${pid}/stat`);
    const process = text === null ? null : parsePidStat(text);
    if (process === null) continue;
    counts.set(process.state, (counts.get(process.state) ?? 0) + 1);
    threads += process.threads;
  }
  return [
    metric('node_processes_threads', threads),
    ...[...counts].map(([state, count]) => metric('node_processes_state', count, { state })),
  ];
}
