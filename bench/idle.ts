// What the server and its local agent take while nothing happens, how fast they are there, and how large the page is:
//   npm run bench:idle [-- --settle 40 --seconds 30]
// Started as `npm start` does, without configuration, on an empty data folder. Fails when server and agent together hold more than 220 MB,
// or the code of the page is above its bounds (web/page-size.ts). Memory and CPU come from /proc.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LIMITS, measurePage, whyTooLarge } from '../web/page-size.ts';
import { type BenchServer, printFigure, startBenchServer, until } from './bench-server.ts';

const { values: flags } = parseArgs({
  options: { settle: { type: 'string', default: '40' }, seconds: { type: 'string', default: '30' } },
});
const MEMORY_LIMIT_MB = 220;
const TICKS_PER_SECOND = 100;
const PAGE = join(import.meta.dirname, '../web/dist');

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

interface Memory {
  readonly rss: number;
  /** Pages that processes share count in parts. */
  readonly pss: number;
}

/** In bytes. */
function memoryOf(pid: number): Memory {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const read = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1]) * 1024;
  return { rss: read('Rss'), pss: read('Pss') };
}

/** Seconds of all threads, user and system. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function print(what: string, process: { readonly memory: Memory; readonly cpu: number }): void {
  const { memory, cpu } = process;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  printFigure(`${what}: resident memory`, mb(memory.rss));
  printFigure(`${what}: the same, shared pages counted in parts`, mb(memory.pss));
  printFigure(`${what}: part of a core`, `${(cpu * 100).toFixed(2)} %`);
}

async function firstSample(server: BenchServer): Promise<number> {
  const query = '/api/v1/query?query=node_cpu_seconds_total';
  return until(
    'the first sample',
    async () => {
      const { data } = await server.json<{ readonly data: { readonly result: readonly unknown[] } }>(query);
      return data.result.length > 0 ? Date.now() : null;
    },
    { everyMs: 20 },
  );
}

const server = await startBenchServer();
let rss = 0;
try {
  const listening = Date.now();
  const sampled = await firstSample(server);
  printFigure('from the start of the process to the line with the address', `${server.startedInMs.toFixed(0)} ms`);
  printFigure("from that line to this host's first CPU sample", `${sampled - listening} ms`);
  await sleep(Number(flags.settle));
  const agent = server.agentPid();
  if (agent === null) throw new Error('the local agent is not there');
  const pids = { server: server.pid, agent };
  const before = { server: cpuOf(pids.server), agent: cpuOf(pids.agent) };
  const began = performance.now();
  await sleep(Number(flags.seconds));
  const seconds = (performance.now() - began) / 1_000;
  for (const name of ['server', 'agent'] as const) {
    const memory = memoryOf(pids[name]);
    rss += memory.rss;
    print(name, { memory, cpu: (cpuOf(pids[name]) - before[name]) / seconds });
  }
} finally {
  await server.stop();
}
const page = measurePage(PAGE);
const kb = (bytes: number): string => `${(bytes / 1e3).toFixed(1)} KB`;
printFigure(`both: resident memory (at most ${MEMORY_LIMIT_MB} MB)`, `${(rss / 1e6).toFixed(1)} MB`);
printFigure(`page: code compressed for the first view (at most ${kb(LIMITS.first)})`, kb(page.first));
printFigure(`page: what the largest one loads in all (at most ${kb(LIMITS.page)})`, kb(page.largest.bytes));
printFigure(`page: the editor of Explore, later (at most ${kb(LIMITS.editor)})`, kb(page.editor));
if (rss > MEMORY_LIMIT_MB * 1e6 || whyTooLarge(page) !== null) process.exitCode = 1;
