// How fast the API answers while samples pour in: the requests of the page and small queries, with and without a load of remote write.
//   npm run bench:latency [-- --rate 500000 --series 100000 --seconds 20 --profile /tmp/profiles]
// The load is a process of its own (bench/write-load.ts) with ordinary priority: on two cores it takes part of what the server would have, and its CPU is
// printed. Fails when the 99th percentile of all requests under load is above 50 ms.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BenchServer, printFigure, quantile, startBenchServer, until } from './bench-server.ts';
import type { LoadOptions, LoadReport } from './write-load.ts';

const { values: flags } = parseArgs({
  options: {
    rate: { type: 'string', default: '500000' },
    series: { type: 'string', default: '100000' },
    batch: { type: 'string', default: '2000' },
    connections: { type: 'string', default: '4' },
    alerts: { type: 'string', default: '500' },
    seconds: { type: 'string', default: '20' },
    profile: { type: 'string' },
  },
});
const SECONDS = Number(flags.seconds);
const LIMIT_MS = 50;
/** Between two requests of the page, at most. */
const PAUSE_MS = 20;
const WARM_UP_SECONDS = 5;

const REQUESTS: readonly (readonly [what: string, path: string])[] = [
  ['alerts, 100 of them', '/api/alerts?limit=100'],
  ['hosts', '/api/hosts'],
  ['overview', '/api/overview'],
  ['query, one series', '/api/v1/query?query=node_load1'],
  ['query, 32 series, rate', '/api/v1/query?query=sum(rate(node_cpu_seconds_total%7Bhost%3D~%22host-0000%5B0-3%5D.*%22%7D%5B1m%5D))'],
];

/** The largest age that a thing may reach before it is asked for again does not matter here: connections stay open, as a browser's do. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function ask(server: BenchServer, path: string): Promise<number> {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, server.url), { agent, headers: server.headers }, (answer) => {
      if (answer.statusCode !== 200) reject(new Error(`${path}: ${answer.statusCode}`));
      answer.resume();
      answer.on('end', () => resolve(performance.now() - since));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** From the request of a new live stream to its first event. */
function askLive(server: BenchServer): Promise<number> {
  const since = performance.now();
  return new Promise((resolve, reject) => {
    const asked = request(new URL('/api/live', server.url), { agent: false, headers: server.headers }, (answer) => {
      answer.once('data', () => {
        resolve(performance.now() - since);
        asked.destroy();
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function measure(server: BenchServer, seconds: number): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const note = (what: string, time: number): void => void times.set(what, [...(times.get(what) ?? []), time]);
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    for (const [what, path] of REQUESTS) {
      note(what, await ask(server, path));
      await pause(Math.random() * PAUSE_MS);
    }
    note('live stream, until its first event', await askLive(server));
    await pause(Math.random() * PAUSE_MS);
  }
  return times;
}

function startLoad(options: LoadOptions): { readonly child: ChildProcess; report: () => LoadReport | null } {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'write-load.ts'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let last: LoadReport | null = null;
  createInterface(child.stdout).on('line', (line) => {
    last = JSON.parse(line) as LoadReport;
  });
  return { child, report: () => last };
}

/** CPU seconds by thread. */
function cpuOfThreads(pid: number): Map<string, number> {
  const threads = new Map<string, number>();
  for (const tid of readdirSync(`/proc/${pid}/task`)) {
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const name = `${/\((.*)\)/.exec(stat)?.[1] ?? ''} ${tid === String(pid) ? 'main' : tid}`;
    threads.set(name, (Number(fields[11]) + Number(fields[12])) / 100);
  }
  return threads;
}

async function seed(server: BenchServer, count: number): Promise<void> {
  for (let from = 0; from < count; from += 100) {
    const alerts = Array.from({ length: 100 }, (_, i) => ({
      labels: { alertname: 'Bench', severity: 'warning', number: String(from + i) },
      annotations: { summary: 'made for the bench' },
    }));
    const answer = await fetch(`${server.url}/api/v2/alerts`, {
      method: 'POST',
      headers: { ...server.headers, 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    });
    if (!answer.ok) throw new Error(`alerts: ${answer.status}`);
  }
}

function print(title: string, times: ReadonlyMap<string, readonly number[]>): number {
  process.stdout.write(`\n${title.padEnd(44)}${['p50', 'p99', 'max'].map((head) => head.padStart(12)).join('')}\n`);
  const all = [...times.values()].flat();
  for (const [what, some] of [...times, ['all', all] as const]) {
    const figures = [quantile(some, 0.5), quantile(some, 0.99), Math.max(...some)].map((ms) => `${ms.toFixed(1)} ms`.padStart(12));
    process.stdout.write(`${`${what} (${some.length})`.padEnd(44)}${figures.join('')}\n`);
  }
  return quantile(all, 0.99);
}

const nodeFlags = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
const server = await startBenchServer({ nodeFlags });
let load: ChildProcess | null = null;
try {
  await seed(server, Number(flags.alerts));
  await until('the host is known', async () => ((await server.json<{ items: object[] }>('/api/hosts')).items.length > 0 ? true : null));
  await measure(server, 2);
  print('without load', await measure(server, SECONDS));

  const token = String(server.headers['authorization']).replace('Bearer ', '');
  const { series, rate, batch, connections } = flags;
  const started = startLoad({
    url: server.url,
    token,
    series: Number(series),
    rate: Number(rate),
    batch: Number(batch),
    connections: Number(connections),
  });
  load = started.child;
  await until('the load runs', async () => started.report(), { withinMs: 60_000 });
  await pause(WARM_UP_SECONDS * 1000);
  const before = started.report();
  const cpu = cpuOfThreads(server.pid);
  const since = performance.now();
  const p99 = print(`under load of ${rate} samples/s wanted`, await measure(server, SECONDS));
  const seconds = (performance.now() - since) / 1000;
  const after = started.report();
  if (before === null || after === null) throw new Error('the load said nothing');
  process.stdout.write('\n');
  const took = after.seconds - before.seconds;
  printFigure('samples a second, taken', Math.round((after.samples - before.samples) / took).toLocaleString('en'));
  printFigure('samples a second, refused', Math.round((after.refused - before.refused) / took).toLocaleString('en'));
  printFigure('slowest answer to a write', `${after.slowestMs.toFixed(0)} ms`);
  printFigure('CPU of the load', `${(((after.cpuSeconds - before.cpuSeconds) / took) * 100).toFixed(0)} %`);
  const busy = [...cpuOfThreads(server.pid)].map(([name, used]) => [name, ((used - (cpu.get(name) ?? 0)) / seconds) * 100] as const);
  for (const [name, percent] of busy.toSorted((a, b) => b[1] - a[1]).slice(0, 6))
    printFigure(`CPU of the server's thread ${name}`, `${percent.toFixed(0)} %`);
  printFigure('resident memory of the server', `${Math.round(residentMegabytes(server.pid))} MB`);
  if (p99 > LIMIT_MS) {
    process.stderr.write(`the 99th percentile is above ${LIMIT_MS} ms\n`);
    process.exitCode = 1;
  }
} finally {
  if (load !== null && load.exitCode === null) {
    load.kill('SIGTERM');
    await once(load, 'exit');
  }
  agent.destroy();
  await server.stop();
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}
