// The series store beside Prometheus and VictoriaMetrics, where they are installed: writing, disk, queries, memory, start after kill -9.
//   npm run bench:series -- [--series 20000] [--steps 60] [--stored 2000] [--hours 24] [--runs 15] [--only tocsin,victoria-metrics] [--growth]
// Writing is `--steps` samples of each of `--series` series; the queries are about `--stored` series with `--hours` of samples, one each
// 15 s. `--growth` does the same with a tenth and, where memory allows, ten times as many series, and prints how the figures grow.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildProgram } from './bench-server.ts';
import { Fleet } from './series-load.ts';
import { installed, Peer } from './series-peers.ts';

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '20000' },
    steps: { type: 'string', default: '60' },
    stored: { type: 'string', default: '2000' },
    hours: { type: 'string', default: '24' },
    runs: { type: 'string', default: '15' },
    only: { type: 'string' },
    growth: { type: 'boolean', default: false },
  },
});
const STEPS = Number(flags.steps);
const HOURS = Number(flags.hours);
const RUNS = Number(flags.runs);
/** The first answers are those of programs and caches that are not warm yet. */
const WARM_UP = 5;
/** What takes so little is asked more often, for the same time. */
const SHORT_MS = 20;
const MORE_RUNS = 10;
const BATCH = 2_000;
const STEP = 15_000;
const WRITE = '/api/v1/write';
const NAMES = flags.only?.split(',') ?? installed();
/** Memory that ten times the size takes, all programs together. */
const LARGE_BYTES = 8e9;

interface Sizes {
  readonly series: number;
  readonly stored: number;
}

/** Figures by what was measured, then by program. */
type Rows = Map<string, Map<string, number>>;

const QUERIES: readonly (readonly [what: string, expr: string, stepSeconds: number | null])[] = [
  ['instant, 1/8 of the series, rate and sum', 'sum by (job, mode) (rate(node_cpu_seconds_total[5m]))', null],
  ['instant, every series, 1h window', 'sum by (job) (avg_over_time({job="node"}[1h]))', null],
  ['range at 5m, 1/8, rate and sum', 'sum by (mode) (rate(node_cpu_seconds_total[5m]))', 300],
  ['range at 1m, 1/8, max_over_time, all returned', 'max_over_time(node_disk_read_bytes_total[10m])', 60],
  ['range at 5m, every series, quantile by job', 'quantile by (job) (0.9, {job="node"})', 300],
];

function note(rows: Rows, what: string, name: string, figure: number): void {
  const row = rows.get(what) ?? new Map<string, number>();
  rows.set(what, row.set(name, figure));
}

async function withPeer(name: string, run: (peer: Peer) => Promise<void>): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const peer = new Peer(name, root);
  try {
    await peer.start();
    await run(peer);
  } finally {
    await peer.stop('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}

/** Samples per CPU second of posting the bodies, on two connections that each keep their order. */
async function speed(peer: Peer, bodies: readonly Uint8Array[], samples: number): Promise<number> {
  const before = peer.cpuSeconds();
  const post = async (first: number): Promise<void> => {
    for (let i = first; i < bodies.length; i += 2) await peer.client.write(WRITE, bodies[i] ?? new Uint8Array(0));
  };
  await Promise.all([post(0), post(1)]);
  return samples / (peer.cpuSeconds() - before);
}

function bodiesOf(fleet: Fleet, size: number, steps: number, end: number): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (let step = 0; step < steps; step += 1) {
    for (let from = 0; from < size; from += BATCH) bodies.push(fleet.body(from, Math.min(size, from + BATCH), end - (steps - step) * STEP));
  }
  return bodies;
}

/** New series are a fleet that the server has not seen; the first round only warms it up. */
async function writing({ series }: Sizes, rows: Rows): Promise<void> {
  const end = Date.now() - 60_000;
  const warm = new Fleet(series, 'warm');
  const cold = new Fleet(series, 'cold');
  const warming = bodiesOf(warm, series, 10, end - STEPS * STEP);
  const known = bodiesOf(warm, series, STEPS, end);
  const fresh = bodiesOf(cold, series, STEPS, end);
  for (const name of NAMES) {
    await withPeer(name, async (peer) => {
      const empty = peer.residentBytes();
      await speed(peer, warming, series * 10);
      note(rows, 'write, known series, samples per CPU second', name, await speed(peer, known, series * STEPS));
      const half = peer.residentBytes();
      note(rows, 'write, new series, samples per CPU second', name, await speed(peer, fresh, series * STEPS));
      const all = peer.residentBytes();
      note(rows, 'memory, empty, MB', name, empty / 1e6);
      note(rows, 'memory, all series active, MB', name, all / 1e6);
      note(rows, 'memory above empty, per active series, bytes', name, (all - empty) / series / 2);
      note(rows, 'memory per series of the second half, bytes', name, (all - half) / series);
      await peer.stop('SIGKILL');
      note(rows, 'start after kill -9, ms', name, await peer.start());
    });
  }
}

async function storing({ stored }: Sizes, rows: Rows): Promise<void> {
  const end = Math.floor(Date.now() / STEP) * STEP;
  const steps = (HOURS * 3_600_000) / STEP;
  const root = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const peers = NAMES.map((name) => new Peer(name, root));
  try {
    for (const peer of peers) await peer.start();
    const fleet = new Fleet(stored, 'stored');
    for (let step = 0; step < steps; step += 1) {
      for (let from = 0; from < stored; from += BATCH) {
        const body = fleet.body(from, Math.min(stored, from + BATCH), end - (steps - step) * STEP);
        for (const peer of peers) await peer.client.write(WRITE, body);
      }
    }
    // What the servers do in the background shall be done.
    await new Promise((done) => setTimeout(done, 60_000));
    for (const peer of peers) note(rows, 'disk, MB', peer.name, peer.diskBytes() / 1e6);
    for (const peer of peers) await queries(peer, end, rows);
  } finally {
    for (const peer of peers) await peer.stop('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}

async function queries(peer: Peer, end: number, rows: Rows): Promise<void> {
  const start = end - HOURS * 3_600_000 + 600_000;
  for (const [what, query, step] of QUERIES) {
    const window =
      step === null
        ? { time: String(end / 1000) }
        : { start: String(start / 1000), end: String(end / 1000), step: String(step), nocache: '1' };
    const path = `/api/v1/${step === null ? 'query' : 'query_range'}?${new URLSearchParams({ query, ...window })}`;
    const ask = async (): Promise<number> => {
      const since = performance.now();
      const { status, text } = await peer.client.get(path);
      if (status !== 200) throw new Error(`${peer.name}: ${status} ${text.toString().slice(0, 200)}`);
      return performance.now() - since;
    };
    let last = 0;
    for (let run = 0; run < WARM_UP; run += 1) last = await ask();
    const runs = last < SHORT_MS ? RUNS * MORE_RUNS : RUNS;
    const before = peer.cpuSeconds();
    const times: number[] = [];
    for (let run = 0; run < runs; run += 1) times.push(await ask());
    const cpu = ((peer.cpuSeconds() - before) * 1000) / runs;
    note(rows, `${what}, ms`, peer.name, times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? Number.NaN);
    note(rows, `${what}, CPU ms`, peer.name, cpu);
  }
}

function printLine(cells: readonly string[]): void {
  process.stdout.write(`${cells.map((text, i) => (i === 0 ? text.padEnd(58) : text.padStart(20))).join('')}\n`);
}

function print({ series, stored }: Sizes, rows: Rows): void {
  const [ours = '', ...others] = NAMES;
  printLine([`writing ${series} series, queries about ${stored} x ${HOURS} h`, ...NAMES, ...others.map((name) => `/ ${name}`)]);
  for (const [what, row] of rows) {
    const figures = NAMES.map((name) => (row.get(name) ?? Number.NaN).toLocaleString('en', { maximumFractionDigits: 1 }));
    const ratios = others.map((name) => `${((row.get(ours) ?? Number.NaN) / (row.get(name) ?? Number.NaN)).toFixed(2)} x`);
    printLine([what, ...figures, ...ratios]);
  }
  process.stdout.write('\n');
}

/** How each figure grows when there are ten times as many series. */
function printGrowth(from: Sizes, to: Sizes, { before, after }: { readonly before: Rows; readonly after: Rows }): void {
  printLine([`from ${from.series} and ${from.stored} to ${to.series} and ${to.stored} series`, ...NAMES]);
  for (const [what, row] of after) {
    const factors = NAMES.map((name) => `x ${((row.get(name) ?? Number.NaN) / (before.get(what)?.get(name) ?? Number.NaN)).toFixed(2)}`);
    printLine([what, ...factors]);
  }
  process.stdout.write('\n');
}

function availableBytes(): number {
  return Number(/MemAvailable:\s+(\d+)/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]) * 1024;
}

async function measure(sizes: Sizes): Promise<Rows> {
  const rows: Rows = new Map();
  await writing(sizes, rows);
  if (HOURS > 0) await storing(sizes, rows);
  print(sizes, rows);
  return rows;
}

// What is installed is built: started from its sources the program also strips their types, and holds them in memory.
await buildProgram();
const own: Sizes = { series: Number(flags.series), stored: Number(flags.stored) };
const times = (factor: number): Sizes => ({ series: Math.ceil(own.series * factor), stored: Math.ceil(own.stored * factor) });
if (flags.growth) {
  const small = await measure(times(0.1));
  const middle = await measure(own);
  printGrowth(times(0.1), own, { before: small, after: middle });
  if (availableBytes() < LARGE_BYTES) process.stdout.write('too little memory for ten times the size\n');
  else printGrowth(own, times(10), { before: middle, after: await measure(times(10)) });
} else await measure(own);
