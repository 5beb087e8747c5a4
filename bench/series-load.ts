// The load of bench/series.ts: the mix of series that a fleet of hosts sends, as remote-write bodies, and a client that posts them.
import { Agent, request } from 'node:http';
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';
import { encodeSnappy } from '../src/core/wire/snappy.ts';

const NAMES = [
  'node_cpu_seconds_total',
  'node_memory_MemFree_bytes',
  'http_server_requests_total',
  'node_disk_read_bytes_total',
  'process_open_fds',
  'up_latency_seconds',
  'container_cpu_usage',
  'db_client_operations_total',
];
const MODES = ['idle', 'user', 'system', 'iowait'];

/** Some series, and the value that each has now: counters, byte gauges and noisy floats. */
export class Fleet {
  readonly labels: readonly Readonly<Record<string, string>>[];
  private readonly values: Float64Array;

  constructor(size: number, cluster: string) {
    this.labels = Array.from({ length: size }, (_, i) => ({
      __name__: NAMES[i % NAMES.length] ?? '',
      cluster,
      cpu: String((i >> 3) % 8),
      env: 'production',
      host: `host-${String((i / 64) | 0).padStart(5, '0')}.example.internal`,
      instance: `10.0.${(i >> 14) & 255}.${(i >> 6) & 255}:9100`,
      job: 'node',
      mode: MODES[i % MODES.length] ?? '',
      zone: `z${i % 3}`,
    }));
    this.values = Float64Array.from({ length: size }, () => Math.random() * 1e6);
  }

  /** One sample of each series of a part, as a compressed body. */
  body(from: number, to: number, at: number): Uint8Array {
    const series = this.labels.slice(from, to).map((labels, k) => ({ labels, samples: [{ at, value: this.next(from + k) }] }));
    return encodeSnappy(encodeWriteRequest(series));
  }

  private next(i: number): number {
    const kind = i % NAMES.length;
    const last = this.values[i] ?? 0;
    const value =
      kind % 2 === 0
        ? last + Math.round(Math.random() * 100)
        : kind === 1
          ? Math.round(8e9 + Math.random() * 1e8)
          : last + (Math.random() - 0.5) * 0.37;
    this.values[i] = value;
    return value;
  }
}

/** Speaks HTTP with one server over connections that stay open. */
export class Client {
  private readonly agent: Agent;
  private readonly port: number;
  private readonly headers: Readonly<Record<string, string>>;

  constructor(port: number, headers: Readonly<Record<string, string>>, connections = 2) {
    this.agent = new Agent({ keepAlive: true, maxSockets: connections });
    this.port = port;
    this.headers = headers;
  }

  async write(path: string, body: Uint8Array): Promise<void> {
    const headers = {
      'content-type': 'application/x-protobuf',
      'content-encoding': 'snappy',
      'x-prometheus-remote-write-version': '0.1.0',
    };
    const { status, text } = await this.ask('POST', path, { body, headers });
    if (status >= 300) throw new Error(`${status} ${text.toString().slice(0, 200)}`);
  }

  async get(path: string): Promise<{ readonly status: number; readonly text: Buffer }> {
    return this.ask('GET', path, { body: null, headers: {} });
  }

  close(): void {
    this.agent.destroy();
  }

  private ask(
    method: string,
    path: string,
    { body, headers }: { readonly body: Uint8Array | null; readonly headers: Record<string, string> },
  ): Promise<{ readonly status: number; readonly text: Buffer }> {
    return new Promise((done, failed) => {
      const options = { agent: this.agent, host: '127.0.0.1', port: this.port, method, path, headers: { ...this.headers, ...headers } };
      const asked = request(options, (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('end', () => done({ status: answer.statusCode ?? 0, text: Buffer.concat(parts) }));
        answer.on('error', failed);
      });
      asked.on('error', failed);
      asked.end(body ?? undefined);
    });
  }
}
