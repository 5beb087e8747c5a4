// Scraping beside Prometheus, where that is installed: what a scraped sample costs from the answer of the target to the store, and how much
// of it the main thread pays, which serves the page and the alerts. Points that come by OTLP are measured as well.
//   npm run bench:scrape -- [--series 10000] [--targets 5] [--seconds 20] [--format text|openmetrics] [--only tocsin]
// Every target is scraped each second; the values of four in five series change between scrapes.
import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { double, fixed64, inner, message, text } from '../test/doors/proto.ts';
import { printFigure, startBenchServer } from './bench-server.ts';
import { installed, Peer } from './series-peers.ts';

const { values: flags } = parseArgs({
  options: {
    series: { type: 'string', default: '10000' },
    targets: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '20' },
    format: { type: 'string', default: 'text' },
    only: { type: 'string' },
  },
});
const SERIES = Number(flags.series);
const TARGETS = Number(flags.targets);
const SECONDS = Number(flags.seconds);
const IS_OPEN_METRICS = flags.format === 'openmetrics';
const WARM_UP_SECONDS = 8;
const VARIANTS = 8;
const CONTENT_TYPE = IS_OPEN_METRICS
  ? 'application/openmetrics-text; version=1.0.0; charset=utf-8'
  : 'text/plain; version=0.0.4; charset=utf-8';

/** What one target says, a little different each time, as client libraries write it. */
function exposition(variant: number): Uint8Array {
  const lines: string[] = [];
  for (let i = 0; i < SERIES; i += 1) {
    const family = `bench_component_${Math.floor(i / 20)}_operations`;
    if (i % 20 === 0)
      lines.push(
        `# HELP ${family}${IS_OPEN_METRICS ? '' : '_total'} How often it was done.`,
        `# TYPE ${family}${IS_OPEN_METRICS ? '' : '_total'} counter`,
      );
    const value = i % 5 === 0 ? i * 1_000 : i * 1_000 + variant * (i % 7) + 0.25;
    lines.push(`${family}_total{device="eth${i % 20}",mode="system",path="/srv/volume-${i % 4}",zone="north"} ${value}`);
  }
  if (IS_OPEN_METRICS) lines.push('# EOF');
  return gzipSync(`${lines.join('\n')}\n`);
}

interface Targets {
  readonly addresses: readonly string[];
  scrapes: number;
  close(): void;
}

async function openTargets(): Promise<Targets> {
  const bodies = Array.from({ length: VARIANTS }, (_, variant) => exposition(variant));
  const opened = { scrapes: 0 };
  const servers = Array.from({ length: TARGETS }, () => {
    let variant = 0;
    return createServer((_request, response) => {
      variant = (variant + 1) % VARIANTS;
      opened.scrapes += 1;
      response.writeHead(200, { 'content-type': CONTENT_TYPE, 'content-encoding': 'gzip' }).end(bodies[variant]);
    });
  });
  const addresses: string[] = [];
  for (const server of servers) {
    await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
    const address = server.address();
    addresses.push(`127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`);
  }
  return Object.assign(opened, {
    addresses,
    close: () => {
      for (const server of servers) {
        server.closeAllConnections();
        server.close();
      }
    },
  });
}

function configOf({ addresses }: Targets): string {
  return `scrape_configs:\n  - { job_name: bench, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{ targets: ${JSON.stringify(addresses)} }] }\n`;
}

/** CPU seconds of a process, and of its first thread. */
function cpuOf(pid: number): { readonly all: number; readonly main: number } {
  const read = (path: string): number => {
    const fields = readFileSync(path, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  };
  return { all: read(`/proc/${pid}/stat`), main: read(`/proc/${pid}/task/${pid}/stat`) };
}

const wait = (seconds: number): Promise<void> => new Promise((done) => setTimeout(done, seconds * 1_000));

/** Samples for each CPU second of the process and of its main thread, while the targets are scraped. */
async function scraped(pid: number, targets: Targets): Promise<{ readonly all: number; readonly main: number }> {
  await wait(WARM_UP_SECONDS);
  const before = { ...cpuOf(pid), scrapes: targets.scrapes };
  await wait(SECONDS);
  const after = cpuOf(pid);
  const samples = (targets.scrapes - before.scrapes) * SERIES;
  return { all: samples / (after.all - before.all), main: samples / (after.main - before.main) };
}

function figure(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 0 });
}

async function benchTocsin(targets: Targets): Promise<number> {
  const server = await startBenchServer({ config: configOf(targets), flags: ['--no-local-agent'] });
  try {
    const { all, main } = await scraped(server.pid, targets);
    printFigure('tocsin, scraped samples per CPU second', figure(all));
    printFigure('tocsin, scraped samples per CPU second of the main thread', figure(main));
    return all;
  } finally {
    await server.stop();
  }
}

async function benchPrometheus(targets: Targets): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const peer = new Peer('prometheus', root);
  writeFileSync(join(peer.folder, 'prometheus.yml'), configOf(targets));
  try {
    await peer.start();
    const { all } = await scraped(peer.pid, targets);
    printFigure('prometheus, scraped samples per CPU second', figure(all));
    return all;
  } finally {
    await peer.stop('SIGKILL');
    rmSync(root, { recursive: true, force: true });
  }
}

/** An export of cumulative sums, as an OpenTelemetry collector sends it. */
function otlpBody(points: number, at: bigint, step: number): Uint8Array {
  const attribute = (key: string, value: string): Uint8Array => inner(7, message(text(1, key), inner(2, text(1, value))));
  const list = Array.from({ length: points }, (_, i) =>
    inner(1, message(fixed64(3, at), double(4, i + step), attribute('http.method', 'GET'), attribute('http.route', `/api/${i}`))),
  );
  const metric = message(text(1, 'http.server.requests'), text(3, '1'), inner(7, message(...list, Uint8Array.from([16, 2, 24, 1]))));
  const resource = inner(1, inner(1, message(text(1, 'service.name'), inner(2, text(1, 'shop')))));
  return inner(1, message(resource, inner(2, inner(2, metric))));
}

async function benchOtlp(): Promise<void> {
  const server = await startBenchServer({ flags: ['--no-local-agent'] });
  const headers = { ...server.headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const rounds = SECONDS * 5;
  const start = BigInt(Date.now() - rounds * 1_000) * 1_000_000n;
  const post = async (step: number): Promise<void> => {
    const body = gzipSync(otlpBody(SERIES, start + BigInt(step) * 1_000_000_000n, step));
    const answer = await fetch(`${server.url}/v1/metrics`, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`OTLP: ${answer.status} ${await answer.text()}`);
    await answer.arrayBuffer();
  };
  try {
    for (let step = 0; step < rounds / 3; step += 1) await post(step);
    const before = cpuOf(server.pid);
    for (let step = Math.ceil(rounds / 3); step < rounds; step += 1) await post(step);
    const after = cpuOf(server.pid);
    const samples = (rounds - Math.ceil(rounds / 3)) * SERIES;
    printFigure('tocsin, OTLP points per CPU second', figure(samples / (after.all - before.all)));
    printFigure('tocsin, OTLP points per CPU second of the main thread', figure(samples / (after.main - before.main)));
  } finally {
    await server.stop();
  }
}

process.stdout.write(`${TARGETS} targets of ${SERIES} series each, scraped each second for ${SECONDS} s, ${flags.format}\n`);
const targets = await openTargets();
try {
  const ours = await benchTocsin(targets);
  if (flags.only === undefined && installed().includes('prometheus')) {
    const theirs = await benchPrometheus(targets);
    printFigure('tocsin / prometheus', `${(ours / theirs).toFixed(2)} x`);
  }
} finally {
  targets.close();
}
await benchOtlp();
