// What a thousand alert rules cost: each reads the eight CPU series of one host, none fires.
//   npm run bench:rules [-- --rules 1000 --every 1 --seconds 20 --profile /tmp/profiles]
// CPU of the server while it judges the rules again and again, without what it uses when it has none; no samples arrive meanwhile.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../src/core/wire/snappy.ts';
import { type BenchServer, printFigure, startBenchServer } from './bench-server.ts';

const { values: flags } = parseArgs({
  options: {
    rules: { type: 'string', default: '1000' },
    every: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '20' },
    profile: { type: 'string' },
  },
});
const RULES = Number(flags.rules);
const EVERY = Number(flags.every);
const SECONDS = Number(flags.seconds);
const HOSTS = 125;
const STEP = 15_000;
const WINDOW = 600_000;
const WARM_UP = 10_000;

const sleep = (length: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, length));

function configOf(rules: number): string {
  const texts = Array.from(
    { length: rules },
    (_, i) =>
      `  rule-${i}: { every: ${EVERY}s, critical: {}, expr: 'rate(node_cpu_seconds_total{host="host-${i % HOSTS}"}[5m]) > ${(i % 7) + 50}' }\n`,
  );
  return `built_in: { rules: false }\n${rules === 0 ? '' : `rules:\n${texts.join('')}`}`;
}

/** Ten minutes of samples up to now. */
async function send(server: BenchServer): Promise<void> {
  const end = Date.now();
  const series = Array.from({ length: HOSTS * 8 }, (_, i) => ({
    labels: { __name__: 'node_cpu_seconds_total', host: `host-${i >> 3}`, cpu: String(i % 8), job: 'node', mode: 'idle' },
    samples: Array.from({ length: WINDOW / STEP }, (_, k) => ({ at: end - WINDOW + k * STEP, value: k * 7 + i })),
  }));
  const answer = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: { ...server.headers, 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' },
    body: Buffer.from(encodeSnappy(encodeWriteRequest(series))),
  });
  if (answer.status !== 204) throw new Error(`the samples were not taken: ${answer.status} ${await answer.text()}`);
}

/** CPU milliseconds that a process has used. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** CPU milliseconds a second, with so many rules. */
async function measure(rules: number): Promise<number> {
  const nodeFlags = flags.profile === undefined || rules === 0 ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`];
  const server = await startBenchServer({ config: configOf(rules), flags: ['--no-local-agent'], nodeFlags });
  try {
    await send(server);
    await sleep(WARM_UP);
    const [before, began] = [cpuOf(server.pid), performance.now()];
    await sleep(SECONDS * 1_000);
    return ((cpuOf(server.pid) - before) / (performance.now() - began)) * 1_000;
  } finally {
    await server.stop();
  }
}

const idle = await measure(0);
const busy = await measure(RULES);
printFigure('without rules, ms of CPU a second', idle.toFixed(1));
printFigure(`${RULES} rules over 8 series each, ms of CPU for all of them once`, ((busy - idle) * EVERY).toFixed(1));
