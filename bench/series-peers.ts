// Starts the servers that bench/series.ts compares: ours, and those peers that are installed.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from './series-load.ts';

const TOKEN = 'bench-token-bench-token-bench-token';

interface Kind {
  readonly name: string;
  readonly command: string;
  readonly args: (folder: string, port: number) => readonly string[];
  readonly ready: string;
}

const KINDS: readonly Kind[] = [
  {
    name: 'tocsin',
    command: process.execPath,
    args: (folder, port) => [
      join(import.meta.dirname, '../bin/tocsin.js'),
      'serve',
      '--data',
      folder,
      '--listen',
      `127.0.0.1:${port}`,
      '--no-local-agent',
    ],
    ready: '/readyz',
  },
  {
    name: 'victoria-metrics',
    command: 'victoria-metrics',
    args: (folder, port) => [`-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`, '-retentionPeriod=10y'],
    ready: '/health',
  },
  {
    name: 'prometheus',
    command: 'prometheus',
    args: (folder, port) => [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${folder}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=error',
    ],
    ready: '/-/ready',
  },
];

/** The names of the servers that can be started here, ours first. */
export function installed(): string[] {
  return KINDS.filter(({ command }) => isInstalled(command)).map(({ name }) => name);
}

function isInstalled(command: string): boolean {
  try {
    execFileSync('sh', ['-c', 'command -v "$0"', command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A server process and what it costs. */
export class Peer {
  readonly name: string;
  readonly folder: string;
  client: Client;
  private readonly kind: Kind;
  private child: ChildProcess | null = null;
  private port = 0;

  constructor(name: string, root: string) {
    const kind = KINDS.find((one) => one.name === name);
    if (kind === undefined) throw new Error(`unknown server ${name}`);
    this.kind = kind;
    this.name = name;
    this.folder = join(root, name);
    this.client = new Client(0, {});
    mkdirSync(this.folder, { recursive: true });
    writeFileSync(join(this.folder, 'prometheus.yml'), '');
  }

  /** Starts the server, and gives the milliseconds until it is ready. */
  async start(): Promise<number> {
    this.port = await freePort();
    const since = performance.now();
    const child = spawn(this.kind.command, this.kind.args(this.folder, this.port), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TOCSIN_ADMIN_TOKEN: TOKEN },
    });
    const log = createWriteStream(`${this.folder}.log`, { flags: 'a' });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    this.child = child;
    this.client = new Client(this.port, { authorization: `Bearer ${TOKEN}` });
    for (let attempt = 0; attempt < 6_000; attempt += 1) {
      if (child.exitCode !== null) throw new Error(`${this.name} ended: see ${this.folder}.log`);
      if (await this.isReady()) return performance.now() - since;
      await new Promise((done) => setTimeout(done, 10));
    }
    throw new Error(`${this.name} is not ready after a minute`);
  }

  /** Ends the process. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.client.close();
    if (child === null || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  /** CPU seconds that the process has used. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.child?.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  }

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  residentBytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.child?.pid}/status`, 'utf8'))?.[1]) * 1024;
  }

  diskBytes(): number {
    const files = readdirSync(this.folder, { recursive: true, encoding: 'utf8' });
    return files.reduce((sum, file) => sum + statSync(join(this.folder, file)).blocks * 512, 0);
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await this.client.get(this.kind.ready)).status === 200;
    } catch {
      return false;
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
