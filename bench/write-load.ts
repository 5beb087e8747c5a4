// The load of bench/latency.ts, a process of its own: remote write at a steady rate until it is told to end. Says what it did once a second.
//   node bench/write-load.ts '{"url": ..., "token": ..., "series": 100000, "rate": 500000, "batch": 2000, "connections": 4}'
import { Agent, request } from 'node:http';
import { ReplayedBody } from './replayed-body.ts';
import { Fleet } from './series-load.ts';

/** What the load is told. */
export interface LoadOptions {
  readonly url: string;
  readonly token: string;
  readonly series: number;
  /** Samples a second. */
  readonly rate: number;
  readonly batch: number;
  readonly connections: number;
}

/** What the load did since it began. */
export interface LoadReport {
  readonly samples: number;
  readonly refused: number;
  readonly cpuSeconds: number;
  readonly seconds: number;
  /** The slowest answer to a write. */
  readonly slowestMs: number;
}

const options = JSON.parse(process.argv[2] ?? '{}') as LoadOptions;
const { series, rate, batch, connections } = options;
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const target = new URL('/api/v1/write', options.url);
const headers = {
  authorization: `Bearer ${options.token}`,
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};
const fleet = new Fleet(series, 'latency');
const bodies: ReplayedBody[] = [];
for (let from = 0; from < series; from += batch) bodies.push(new ReplayedBody(fleet.labels.slice(from, from + batch), Date.now()));

const began = performance.now();
const cpu = process.cpuUsage();
const done = { samples: 0, refused: 0, slowestMs: 0, sent: 0 };

function post(body: Uint8Array): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(target, { method: 'POST', agent, headers: { ...headers, 'content-length': body.length } }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve(answer.statusCode ?? 0));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** Each connection has bodies of its own, so that the samples of a series stay in order. */
async function send(connection: number): Promise<void> {
  const own = bodies.filter((_, i) => i % connections === connection);
  const times = own.map(() => 0);
  for (let i = 0; ; i = (i + 1) % own.length) {
    const body = own[i];
    if (body === undefined) return;
    const due = began + (done.sent / rate) * 1000;
    done.sent += body.samples;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    const at = Math.max(Date.now(), (times[i] ?? 0) + 1);
    times[i] = at;
    body.setTime(at);
    const since = performance.now();
    const status = await post(body.bytes);
    done.slowestMs = Math.max(done.slowestMs, performance.now() - since);
    if (status === 204) done.samples += body.samples;
    else done.refused += body.samples;
  }
}

setInterval(() => {
  const { user, system } = process.cpuUsage(cpu);
  const report: LoadReport = {
    samples: done.samples,
    refused: done.refused,
    cpuSeconds: (user + system) / 1e6,
    seconds: (performance.now() - began) / 1000,
    slowestMs: done.slowestMs,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
}, 1000);
await Promise.all(Array.from({ length: connections }, (_, connection) => send(connection)));
