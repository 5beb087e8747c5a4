// The series store beside Prometheus and VictoriaMetrics, where they are installed: writing, disk, queries, memory, start after kill -9.
//   npm run bench:series -- [--series 20000] [--steps 60] [--stored 2000] [--hours 24] [--runs 7] [--only tocsin,victoria-metrics]
import { mkdtempSync, rmSync } from 'node:fs';
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
    runs: { type: 'string', default: '7' },
    only: { type: 'string' },
  },
});
const SERIES = Number(flags.series);
const STEPS = Number(flags.steps);
const STORED = Number(flags.stored);
const HOURS = Number(flags.hours);
const RUNS = Number(flags.runs);
const BATCH = 2_000;
const STEP = 15_000;
const WRITE = '/api/v1/write';
const NAMES = flags.only?.split(',') ?? installed();

const QUERIES: readonly (readonly [what: string, expr: string, stepSeconds: number | null])[] = [
  ['instant, 1/8 of the series, rate and sum', 'sum by (job, mode) (rate(node_cpu_seconds_total[5m]))', null],
  ['instant, every series, 1h window', 'sum by (job) (avg_over_time({job="node"}[1h]))', null],
  ['range at 5m, 1/8, rate and sum', 'sum by (mode) (rate(node_cpu_seconds_total[5m]))', 300],
  ['range at 1m, 1/8, max_over_time, all returned', 'max_over_time(node_disk_read_bytes_total[10m])', 60],
  ['range at 5m, every series, quantile by job', 'quantile by (job) (0.9, {job="node"})', 300],
];

const rows = new Map<string, Map<string, number>>();
const note = (what: string, name: string, figure: number): void => {
  const row = rows.get(what) ?? new Map<string, number>();
  rows.set(what, row.set(name, figure));
};

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

function bodiesOf(fleet: Fleet, steps: number, end: number): Uint8Array[] {
  const bodies: Uint8Array[] = [];
  for (let step = 0; step < steps; step += 1) {
    for (let from = 0; from < SERIES; from += BATCH)
      bodies.push(fleet.body(from, Math.min(SERIES, from + BATCH), end - (steps - step) * STEP));
  }
  return bodies;
}

/** New series are a fleet that the server has not seen; the first round only warms it up. */
async function writing(): Promise<void> {
  const end = Date.now() - 60_000;
  const warm = new Fleet(SERIES, 'warm');
  const cold = new Fleet(SERIES, 'cold');
  const warming = bodiesOf(warm, 10, end - STEPS * STEP);
  const known = bodiesOf(warm, STEPS, end);
  const fresh = bodiesOf(cold, STEPS, end);
  for (const name of NAMES) {
    await withPeer(name, async (peer) => {
      const empty = peer.residentBytes();
      await speed(peer, warming, SERIES * 10);
      note('write, known series, samples per CPU second', name, await speed(peer, known, SERIES * STEPS));
      note('write, new series, samples per CPU second', name, await speed(peer, fresh, SERIES * STEPS));
      note('memory per active series, bytes', name, (peer.residentBytes() - empty) / SERIES / 2);
      await peer.stop('SIGKILL');
      note('start after kill -9, ms', name, await peer.start());
    });
  }
}

async function storing(): Promise<void> {
  const end = Math.floor(Date.now() / STEP) * STEP;
  const steps = (HOURS * 3_600_000) / STEP;
  const root = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const peers = NAMES.map((name) => new Peer(name, root));
  try {
    for (const peer of peers) await peer.start();
    const fleet = new Fleet(STORED, 'stored');
    for (let step = 0; step < steps; step += 1) {
      for (let from = 0; from < STORED; from += BATCH) {
        const body = fleet.body(from, Math.min(STORED, from + BATCH), end - (steps - step) * STEP);
        for (const peer of peers) await peer.client.write(WRITE, body);
      }
    }
    // What the servers do in the background shall be done.
    await new Promise((done) => setTimeout(done, 60_000));
    for (const peer of peers) note(`disk, ${STORED} series x ${HOURS} h, MB`, peer.name, peer.diskBytes() / 1e6);
    for (const peer of peers) await queries(peer, end);
  } finally {
    for (const peer of peers) await peer.stop('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}

async function queries(peer: Peer, end: number): Promise<void> {
  const start = end - HOURS * 3_600_000 + 600_000;
  for (const [what, query, step] of QUERIES) {
    const window =
      step === null
        ? { time: String(end / 1000) }
        : { start: String(start / 1000), end: String(end / 1000), step: String(step), nocache: '1' };
    const path = `/api/v1/${step === null ? 'query' : 'query_range'}?${new URLSearchParams({ query, ...window })}`;
    const times: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      const since = performance.now();
      const { status, text } = await peer.client.get(path);
      times.push(performance.now() - since);
      if (status !== 200) throw new Error(`${peer.name}: ${status} ${text.toString().slice(0, 200)}`);
    }
    note(`${what}, ms`, peer.name, times.sort((a, b) => a - b)[Math.floor(RUNS / 2)] ?? Number.NaN);
  }
}

function print(): void {
  const [ours = '', ...others] = NAMES;
  const head = ['', ...NAMES, ...others.map((name) => `/ ${name}`)];
  process.stdout.write(`${head.map((text, i) => (i === 0 ? text.padEnd(56) : text.padStart(20))).join('')}\n`);
  for (const [what, row] of rows) {
    const figures = NAMES.map((name) => (row.get(name) ?? Number.NaN).toLocaleString('en', { maximumFractionDigits: 1 }));
    const ratios = others.map((name) => `${((row.get(ours) ?? Number.NaN) / (row.get(name) ?? Number.NaN)).toFixed(2)} x`);
    process.stdout.write(`${what.padEnd(56)}${[...figures, ...ratios].map((text) => text.padStart(20)).join('')}\n`);
  }
}

await buildProgram();
await writing();
if (HOURS > 0) await storing();
print();
