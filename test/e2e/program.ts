import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLock } from '../../src/io/process-lock.ts';
import { Api } from './api.ts';
import { until } from './until.ts';

const BIN = join(import.meta.dirname, '../../bin');
export const TOCSIN = join(BIN, 'tocsin.js');
/** The token of the environment, with role admin. */
const ADMIN = 'e2e-administrator-0123456789abcdef';
const START_WITHIN = 30_000;
const BUILD_WITHIN = 300_000;

/** What must not outlive the tests, whatever happens to them. */
const running = new Set<Program>();
process.on('exit', () => {
  for (const program of running) program.abandon();
});
process.on('SIGTERM', () => process.exit(1));

export interface ProgramOptions {
  /** Becomes tocsin.yml: JSON is YAML as well. */
  readonly config?: object | string;
  /** Keeps the port over restarts, so that the agent of a killed server finds the next one. */
  readonly keepsPort?: boolean;
  readonly adminToken?: false;
  readonly localAgent?: false;
  /** Starts it as `npm start` does, which builds the page when that is missing or old. */
  readonly withPage?: true;
}

/** A real server with its own data folder, started as anybody starts it. */
export class Program {
  readonly root = mkdtempSync(join(tmpdir(), 'tocsin-e2e-'));
  readonly data = join(this.root, 'data');
  readonly configFile = join(this.root, 'config/tocsin.yml');
  url = '';
  /** By performance.now(): when its address was read. */
  listensSince = 0;
  /** All that it printed since it was started. */
  said = '';
  readonly #options: ProgramOptions;
  #child: ChildProcess | null = null;
  #port = 0;

  constructor(options: ProgramOptions = {}) {
    this.#options = options;
    mkdirSync(join(this.root, 'config'));
    if (options.config !== undefined) this.configure(options.config);
    running.add(this);
  }

  static async start(options: ProgramOptions = {}): Promise<Program> {
    const program = new Program(options);
    await program.start();
    return program;
  }

  get textfiles(): string {
    return join(this.data, 'agent/textfile');
  }

  get admin(): Api {
    return Api.withToken(this.url, ADMIN);
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get arguments(): string[] {
    const { config, localAgent } = this.#options;
    return [
      '--data',
      this.data,
      '--listen',
      `127.0.0.1:${this.#port}`,
      ...(config === undefined ? [] : ['--config', this.configFile]),
      ...(localAgent === false ? ['--no-local-agent'] : []),
    ];
  }

  configure(config: object | string): void {
    writeFileSync(this.configFile, typeof config === 'string' ? config : JSON.stringify(config, null, 2));
  }

  /** Resolves when it has said that it listens. */
  async start(): Promise<void> {
    await this.launch();
    await this.listening();
  }

  /** Starts the process and waits for nothing. */
  async launch(): Promise<void> {
    if (this.#options.keepsPort === true && this.#port === 0) this.#port = await freePort();
    this.said = '';
    const env = { PATH: process.env['PATH'], ...(this.#options.adminToken !== false && { TOCSIN_ADMIN_TOKEN: ADMIN }) };
    const entry = this.#options.withPage === true ? [join(BIN, 'start.js')] : [TOCSIN, 'serve'];
    const child = spawn(process.execPath, [...entry, ...this.arguments], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (this.said += text));
  }

  async listening(): Promise<void> {
    const child = this.#child;
    await until(
      'the server listens',
      () => {
        if (child === null || child.exitCode !== null || child.signalCode !== null) throw new Error(`the server ended:\n${this.said}`);
        return /listens on \S+\n/.test(this.said);
      },
      this.#options.withPage === true ? BUILD_WITHIN : START_WITHIN,
    );
    this.listensSince = performance.now();
    this.url = /listens on (\S+)\n/.exec(this.said)?.[1] ?? '';
  }

  /** The one-time link that it prints at its first start. */
  administratorLink(): Promise<string> {
    return until('the link of the first start', () => /administrator[^\n]*: (\S+)\n/.exec(this.said)?.[1]);
  }

  /** Ends it the polite way; gives its exit code. */
  async stop(): Promise<number | null> {
    return this.#end('SIGTERM');
  }

  /** As a power cut would, as far as this process is concerned; its agent lives on. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  signal(name: NodeJS.Signals): void {
    this.#child?.kill(name);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    this.#child = null;
    if (child === null) return null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
    return child.exitCode;
  }

  /** Ends server and agent and removes all that they wrote. */
  async close(): Promise<void> {
    await this.stop();
    this.abandon();
  }

  abandon(): void {
    this.#child?.kill('SIGKILL');
    const agent = readLock(join(this.data, 'agent/agent.lock'));
    if (agent !== null) process.kill(agent.by.pid, 'SIGKILL');
    running.delete(this);
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  /** Waits for the local agent, without which no action can be asked for. */
  async agentIsHere(): Promise<void> {
    await until('the local agent is connected', async () => {
      const answer = await this.admin.send('GET', '/api/agents').catch(() => null);
      return answer?.text.includes('"connected":true');
    });
  }

  /** A person invited on the command line who has set a password. */
  async person(name: string, role: 'viewer' | 'operator' | 'admin', email?: string): Promise<Api> {
    const flags = email === undefined ? [] : ['--email', email];
    const { code, stdout, stderr } = await tocsin(['user', 'add', name, '--role', role, ...flags, ...this.#place()]);
    if (code !== 0) throw new Error(stderr);
    const path = new URL(stdout.trim());
    return Api.withLink(`${this.url}${path.pathname}${path.hash}`, { password: `password of ${name}` });
  }

  /** A token made on the command line. */
  async token(name: string, role: string, ...flags: readonly string[]): Promise<Api> {
    const { code, stdout, stderr } = await tocsin(['token', 'create', name, '--role', role, ...flags, ...this.#place()]);
    if (code !== 0) throw new Error(stderr);
    return Api.withToken(this.url, stdout.trim());
  }

  #place(): string[] {
    return ['--data', this.data, ...(this.#options.config === undefined ? [] : ['--config', this.configFile])];
  }
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs one command of the program to its end. */
export async function tocsin(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [TOCSIN, ...args], { env: { PATH: process.env['PATH'] }, stdio: ['ignore', 'pipe', 'pipe'] });
  const heard = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (heard.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (heard.stderr += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_WITHIN);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, ...heard };
}

/** A port outside the range from which the system takes ports for outgoing connections, so that it is still free at the next start; none that `fetch` refuses (10080). */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 11_000 + Math.floor(Math.random() * 19_000);
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    await new Promise<void>((resolve) => server.close(() => resolve()));
    if (free) return port;
  }
}
