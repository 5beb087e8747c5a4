// Alerts from other systems over the Alertmanager API, beside Debian's prometheus-alertmanager when that is installed, in the same run:
//   npm run bench:alerts [-- --alerts 10000 --singles 3000 --connections 4]
// Batches of 64 join groups that wait; repeated, as Prometheus does every minute; then one alert a request, each a group of its own that is
// told at once to a webhook in this process. Tocsin answers when the alerts are durable, Alertmanager keeps them in memory.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantile, startBenchServer, until } from './bench-server.ts';

const { values: flags } = parseArgs({
  options: {
    alerts: { type: 'string', default: '10000' },
    singles: { type: 'string', default: '3000' },
    connections: { type: 'string', default: '4' },
    profile: { type: 'string' },
  },
});
const ALERTS = Number(flags.alerts);
const SINGLES = Number(flags.singles);
const CONNECTIONS = Number(flags.connections);
const BATCH = 64;
const TOLD_WITHIN_MS = 60_000;
const PEER = '/usr/bin/prometheus-alertmanager';
const TICKS_PER_SECOND = 100;

interface Target {
  readonly url: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

interface Hook {
  readonly port: number;
  /** When each alert, by its label `i`, was told. */
  readonly told: Map<string, number>;
  close(): void;
}

async function listenForTelling(): Promise<Hook> {
  const told = new Map<string, number>();
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const now = performance.now();
      const body = JSON.parse(Buffer.concat(parts).toString()) as {
        readonly alerts: readonly { readonly labels: { readonly i: string } }[];
      };
      for (const { labels } of body.alerts) if (!told.has(labels.i)) told.set(labels.i, now);
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, told, close: () => server.close() };
}

async function startTocsin(hook: Hook): Promise<Target> {
  const config = `
channels:
  hook: { type: webhook, url: "http://127.0.0.1:${hook.port}/" }
route:
  channel: hook
  group_by: ['...']
  group_wait: 0s
  group_interval: 1m
  repeat_interval: 1h
  routes: [{ matchers: ['load="grouped"'], group_by: [alertname], group_wait: 5m }]
`;
  const nodeFlags = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  return startBenchServer({ config, flags: ['--no-local-agent'], nodeFlags });
}

async function startPeer(hook: Hook): Promise<Target> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-peer-'));
  const config = `
route:
  receiver: hook
  group_by: ['...']
  group_wait: 0s
  group_interval: 1m
  repeat_interval: 1h
  routes: [{ matchers: ['load="grouped"'], group_by: [alertname], group_wait: 5m }]
receivers: [{ name: hook, webhook_configs: [{ url: 'http://127.0.0.1:${hook.port}/' }] }]
`;
  writeFileSync(join(folder, 'alertmanager.yml'), config);
  const port = await freePort();
  const args = [`--config.file=${folder}/alertmanager.yml`, `--storage.path=${folder}/data`, '--cluster.listen-address='];
  const child = spawn(PEER, [...args, `--web.listen-address=127.0.0.1:${port}`], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  await until('the peer', async () => ((await fetch(`${url}/-/ready`).catch(() => null))?.ok === true ? true : null));
  return {
    url,
    pid: child.pid ?? 0,
    headers: {},
    stop: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** All threads of one process: neither server starts others here. */
function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

function alertOf(index: number, load: 'grouped' | 'single', startsAt: string): object {
  const labels = {
    alertname: `Disk${index % 50}`,
    cluster: `c${index % 10}`,
    i: `${load}-${index}`,
    instance: `host-${index}.example.com:9100`,
    job: 'node',
    load,
    severity: 'critical',
  };
  const annotations = { summary: `The disk of host-${index} is full`, description: 'It has been filling for hours. '.repeat(4) };
  return { labels, annotations, startsAt, generatorURL: 'http://prometheus.example.com/graph?g0.expr=up' };
}

interface Figures {
  readonly perSecond: number;
  readonly cpuUs: number;
  readonly p50: number;
  readonly p99: number;
}

/** Posts the bodies over some connections, each one after the other, and gives when each was begun. */
async function postAll(target: Target, bodies: readonly string[], alerts: number): Promise<{ figures: Figures; begun: number[] }> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const begun: number[] = [];
  const lengths: number[] = [];
  const cpu = cpuSeconds(target.pid);
  const from = performance.now();
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < bodies.length; index = next++) {
      const at = performance.now();
      begun[index] = at;
      const status = await post(agent, target, bodies[index] ?? '');
      if (status !== 200) throw new Error(`${target.url} answers ${status}`);
      lengths.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
  const seconds = (performance.now() - from) / 1_000;
  agent.destroy();
  const cpuUs = ((cpuSeconds(target.pid) - cpu) / alerts) * 1e6;
  return { begun, figures: { perSecond: alerts / seconds, cpuUs, p50: quantile(lengths, 0.5), p99: quantile(lengths, 0.99) } };
}

function post(agent: http.Agent, target: Target, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { ...target.headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = http.request(`${target.url}/api/v2/alerts`, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    request.on('error', reject);
    request.end(body);
  });
}

interface Measured {
  readonly batches: Figures;
  readonly repeated: Figures;
  readonly singles: Figures;
  readonly told: { readonly p50: number; readonly p99: number; readonly count: number };
}

async function measure(target: Target, hook: Hook): Promise<Measured> {
  const startsAt = new Date().toISOString();
  const all = Array.from({ length: ALERTS }, (_, index) => alertOf(index, 'grouped', startsAt));
  const batches: string[] = [];
  for (let at = 0; at < ALERTS; at += BATCH) batches.push(JSON.stringify(all.slice(at, at + BATCH)));
  const first = await postAll(target, batches, ALERTS);
  const again = await postAll(target, batches, ALERTS);
  const singles = Array.from({ length: SINGLES }, (_, index) => JSON.stringify([alertOf(index, 'single', startsAt)]));
  const single = await postAll(target, singles, SINGLES);
  for (const end = performance.now() + TOLD_WITHIN_MS; hook.told.size < SINGLES && performance.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const ways = single.begun.map((at, index) => (hook.told.get(`single-${index}`) ?? Number.NaN) - at).filter((way) => !Number.isNaN(way));
  const told = { p50: quantile(ways, 0.5), p99: quantile(ways, 0.99), count: ways.length };
  return { batches: first.figures, repeated: again.figures, singles: single.figures, told };
}

async function run(start: (hook: Hook) => Promise<Target>): Promise<Measured> {
  const hook = await listenForTelling();
  const target = await start(hook);
  try {
    return await measure(target, hook);
  } finally {
    await target.stop();
    hook.close();
  }
}

const ours = await run(startTocsin);
const theirs = existsSync(PEER) ? await run(startPeer) : null;
const column = (text: string): string => text.padStart(16);
process.stdout.write(`${''.padEnd(46)}${column('Tocsin')}${theirs === null ? '' : column('Alertmanager') + column('ratio')}\n`);
function row(what: string, pick: (measured: Measured) => number, digits = 0): void {
  const mine = pick(ours);
  const peer = theirs === null ? '' : column(pick(theirs).toFixed(digits)) + column((mine / pick(theirs)).toFixed(2));
  process.stdout.write(`${what.padEnd(46)}${column(mine.toFixed(digits))}${peer}\n`);
}
for (const [what, key] of [
  [`${ALERTS} alerts, batches of ${BATCH}, grouped`, 'batches'],
  ['the same again', 'repeated'],
  [`${SINGLES} alerts, one a request`, 'singles'],
] as const) {
  process.stdout.write(`${what}\n`);
  row('  alerts a second', (measured) => measured[key].perSecond);
  row('  CPU of each, us', (measured) => measured[key].cpuUs, 1);
  row('  request p50, ms', (measured) => measured[key].p50, 2);
  row('  request p99, ms', (measured) => measured[key].p99, 2);
}
process.stdout.write('from the request to the webhook\n');
row('  told', ({ told }) => told.count);
row('  p50, ms', ({ told }) => told.p50, 2);
row('  p99, ms', ({ told }) => told.p99, 2);
if (ours.told.count < SINGLES) process.exitCode = 1;
