// From a sample that crosses a threshold to the process that is started because of it, over the real server and its local agent:
//   npm run bench:loop [-- --rounds 200 --series 100]
// Each round sends one remote-write request with one sample above the threshold of a rule without hold time; a trigger starts
// `/bin/date +%s%N` without approval, which prints the moment at which the new process came to work. Then the sample goes back, the alert
// resolves, and the next round begins after a moment of chance. Fails when the median is above 100 ms.
import { parseArgs } from 'node:util';
import { encodeSnappy } from '../src/core/wire/snappy.ts';
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';
import { type BenchServer, printFigure, quantile, startBenchServer, until } from './bench-server.ts';

const { values: flags } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    series: { type: 'string', default: '100' },
    profile: { type: 'string' },
  },
});
const rounds = Number(flags.rounds);
const series = Number(flags.series);
const WARM_UP = 10;
const MEDIAN_LIMIT_MS = 100;
/** Nobody asks the server anything while the way is measured. */
const QUIET_MS = 80;

const CONFIG = `
rules:
  bench:
    expr: bench_value
    critical: { above: 1 }
    recovery: { below: 1 }
actions:
  stamp:
    description: Prints the moment at which it runs
    command: [/bin/date, "+%s%N"]
    concurrency: 10
triggers:
  bench: { match: 'alertname="bench"', run: stamp, verify: { within: 1m } }
`;

interface Page<T> {
  readonly items: readonly T[];
}
interface RunRow {
  readonly id: string;
  readonly state: string;
  readonly final: boolean;
  readonly reason: string;
  readonly triggeredAt: number;
  readonly startedAt: number | null;
  readonly verification: string | null;
}

/** The wall clock, finer than a millisecond. */
function wallClock(): number {
  return performance.timeOrigin + performance.now();
}

async function send(server: BenchServer, numbers: readonly number[], value: number): Promise<void> {
  const at = Date.now();
  const request = numbers.map((number) => ({
    labels: { __name__: 'bench_value', instance: `host-${number}`, job: 'bench' },
    samples: [{ at, value }],
  }));
  const answer = await fetch(`${server.url}/api/v1/write`, {
    method: 'POST',
    headers: {
      ...server.headers,
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: Buffer.from(encodeSnappy(encodeWriteRequest(request))),
  });
  if (answer.status !== 204) throw new Error(`the sample was not taken: ${answer.status} ${await answer.text()}`);
}

async function newRun(server: BenchServer, from: number): Promise<RunRow> {
  return until('the run', async () => {
    const { items } = await server.json<Page<RunRow>>(`/api/runs?action=stamp&from=${Math.floor(from)}&limit=1`);
    const [run] = items;
    if (run === undefined || !run.final) return null;
    if (run.state !== 'succeeded') throw new Error(`the run ${run.state}: ${run.reason}`);
    return run;
  });
}

const sleep = (length: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, length));

/** Milliseconds from the request to each station. */
interface Round {
  readonly answered: number;
  readonly judged: number;
  readonly spawned: number;
  readonly working: number;
}

async function playRound(server: BenchServer, number: number): Promise<Round> {
  const from = wallClock();
  await send(server, [number], 2);
  const answered = wallClock() - from;
  await sleep(QUIET_MS);
  const run = await newRun(server, from);
  const output = await fetch(`${server.url}/api/runs/${run.id}/output`, { headers: server.headers });
  const printed = Number(/\d{16,}/.exec(await output.text())?.[0]) / 1e6;
  await sleep(1);
  await send(server, [number], 0);
  await until('the end of the alert', async () => {
    const { items } = await server.json<Page<RunRow>>(`/api/runs?action=stamp&from=${Math.floor(from)}&limit=1`);
    return items[0]?.verification === 'fixed' ? true : null;
  });
  return { answered, judged: run.triggeredAt - from, spawned: (run.startedAt ?? Number.NaN) - from, working: printed - from };
}

function print(what: string, values: readonly number[]): void {
  const at = (share: number): string => quantile(values, share).toFixed(1).padStart(7);
  process.stdout.write(`${what.padEnd(44)} p50 ${at(0.5)}  p90 ${at(0.9)}  p99 ${at(0.99)}  max ${at(1)} ms\n`);
}

const nodeFlags = flags.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${flags.profile}`, '--cpu-prof-interval=200'];
const server = await startBenchServer({ config: CONFIG, nodeFlags });
const played: Round[] = [];
try {
  await until('the local agent', async () => ((await server.json<Page<unknown>>('/api/hosts')).items.length > 0 ? true : null));
  await send(server, [...Array(series).keys()], 0);
  for (let round = 0; round < rounds + WARM_UP; round += 1) {
    const stations = await playRound(server, round % series);
    if (round >= WARM_UP) played.push(stations);
    await sleep(50 + Math.random() * 200);
  }
} finally {
  await server.stop();
}
process.stdout.write(`${rounds} rounds, a rule over ${series} series; from the remote-write request to\n`);
print(
  '  its answer',
  played.map(({ answered }) => answered),
);
print(
  '  the judgement (whole milliseconds)',
  played.map(({ judged }) => judged),
);
print(
  '  process started, as the agent says',
  played.map(({ spawned }) => spawned),
);
print(
  '  process at work, by its own clock',
  played.map(({ working }) => working),
);
const median = quantile(
  played.map(({ working }) => working),
  0.5,
);
printFigure('median of all, ms (at most 100)', median.toFixed(1));
if (!(median <= MEDIAN_LIMIT_MS)) process.exitCode = 1;
