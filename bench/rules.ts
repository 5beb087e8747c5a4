// What many alert rules cost, beside Prometheus where it is installed: each reads a host's counters, none fires.
//   npm run bench:rules [-- --rules 1000 --series 8 --every 1 --seconds 20 --kind levels --only tocsin --profile /tmp/profiles]
// CPU of the server while it judges the rules again and again, without what it uses when it has the same samples and no rules; no samples
// arrive meanwhile.
import { readdirSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../src/core/wire/snappy.ts';
import { printFigure, startBenchServer } from './bench-server.ts';
import type { BenchRule, RuleServer } from './rule-server.ts';
import { hasPrometheus, startPrometheus } from './rules-prometheus.ts';

const { values: flags } = parseArgs({
  options: {
    rules: { type: 'string', default: '1000' },
    series: { type: 'string', default: '8' },
    hosts: { type: 'string' },
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '20' },
    'warm-up': { type: 'string', default: '40' },
    kind: { type: 'string', default: 'filter' },
    only: { type: 'string', default: 'tocsin,prometheus' },
    profile: { type: 'string' },
  },
});
const RULES = Number(flags.rules);
const SERIES = Number(flags.series);
const HOSTS = Number(flags.hosts ?? Math.max(1, Math.round(RULES / 8)));
const EVERY = Number(flags.every);
const SECONDS = Number(flags.seconds);
/** What runs for a few milliseconds a second is compiled after half a minute. */
const WARM_UP = Number(flags['warm-up']);
const STEP = 15_000;
const WINDOW = 600_000;
/** Series in one request. */
const TOGETHER = 1_000;
/** What a server without rules uses is little, and Prometheus is compiled already: they are watched shorter. */
const SHORT = 10;

const sleep = (seconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

function rulesOf(count: number): BenchRule[] {
  return Array.from({ length: count }, (_, i) => ({
    expr: `rate(node_cpu_seconds_total{host="h${i % HOSTS}"}[5m])`,
    above: (i % 7) + 50,
  }));
}

async function startTocsin(rules: readonly BenchRule[]): Promise<RuleServer> {
  const texts = rules.map(({ expr, above }, i) =>
    flags.kind === 'levels'
      ? `  r${i}: {every: ${EVERY}s, critical: {above: ${above}}, expr: '${expr}'}\n`
      : `  r${i}: {every: ${EVERY}s, critical: {}, expr: '${expr} > ${above}'}\n`,
  );
  const config = `built_in: { rules: false }\n${rules.length === 0 ? '' : `rules:\n${texts.join('')}`}`;
  const nodeFlags = flags.profile === undefined || rules.length === 0 ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const { pid, url, headers, stop } = await startBenchServer({ config, flags: ['--no-local-agent'], nodeFlags });
  return { pid, writeUrl: `${url}/api/v1/write`, headers, stop };
}

/** Ten minutes of samples up to now. */
async function send({ writeUrl, headers }: RuleServer): Promise<void> {
  const end = Date.now();
  for (let first = 0; first < HOSTS * SERIES; first += TOGETHER) {
    const series = Array.from({ length: Math.min(TOGETHER, HOSTS * SERIES - first) }, (_, k) => {
      const i = first + k;
      const labels = { __name__: 'node_cpu_seconds_total', host: `h${Math.floor(i / SERIES)}`, cpu: String(i % SERIES), job: 'node' };
      return { labels, samples: Array.from({ length: WINDOW / STEP }, (_x, n) => ({ at: end - WINDOW + n * STEP, value: n * 7 + i })) };
    });
    const answer = await fetch(writeUrl, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
      body: Buffer.from(encodeSnappy(encodeWriteRequest(series))),
    });
    if (!answer.ok) throw new Error(`the samples were not taken: ${answer.status} ${await answer.text()}`);
  }
}

/** CPU milliseconds that a process has used, by the names of its threads. */
function cpuOf(pid: number): Map<string, number> {
  const used = new Map<string, number>();
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const name = readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim();
    const nanoseconds = Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
    used.set(name, (used.get(name) ?? 0) + nanoseconds / 1e6);
  }
  return used;
}

/** CPU milliseconds a second, by the names of the threads. */
async function measure(server: RuleServer, seconds: number, warmUp: number): Promise<Map<string, number>> {
  try {
    await send(server);
    await sleep(warmUp);
    const [before, began] = [cpuOf(server.pid), performance.now()];
    await sleep(seconds);
    const took = (performance.now() - began) / 1_000;
    return new Map([...cpuOf(server.pid)].map(([name, used]) => [name, (used - (before.get(name) ?? 0)) / took]));
  } finally {
    await server.stop();
  }
}

const sum = (used: ReadonlyMap<string, number>): number => [...used.values()].reduce((total, one) => total + one, 0);

type Start = (rules: readonly BenchRule[]) => Promise<RuleServer>;

async function compare(name: string, start: Start, warmUp: number): Promise<Map<string, number>> {
  const idle = sum(await measure(await start([]), SHORT, Math.min(warmUp, SHORT)));
  const busy = await measure(await start(rulesOf(RULES)), SECONDS, warmUp);
  printFigure(`${name}: the samples and no rules, ms of CPU a second`, idle.toFixed(1));
  printFigure(`${name}: ${RULES} rules over ${SERIES} series each, ms of CPU for all once`, ((sum(busy) - idle) * EVERY).toFixed(1));
  return busy;
}

if (flags.only.includes('tocsin')) {
  const threads = await compare('tocsin', startTocsin, WARM_UP);
  const of = (thread: string): number => threads.get(thread) ?? 0;
  const [main, series] = [of('MainThread'), of('WorkerThread')];
  printFigure('  of it, with what is used without rules: the main thread', (main * EVERY).toFixed(1));
  printFigure('  the series thread', (series * EVERY).toFixed(1));
  printFigure("  the runtime's helpers (collector, compiler)", ((sum(threads) - main - series) * EVERY).toFixed(1));
}
if (flags.only.includes('prometheus') && hasPrometheus()) {
  await compare('prometheus', (rules) => startPrometheus(rules, EVERY), Math.min(WARM_UP, SHORT));
}
