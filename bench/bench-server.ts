// The real server for the benches: started as people start it, with a folder of its own, watched from outside.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const ROOT = join(import.meta.dirname, '..');
const TOKEN = 'bench-admin-token-of-this-run-only';
const START_WITHIN_MS = 60_000;

export interface BenchServer {
  readonly url: string;
  readonly folder: string;
  readonly pid: number;
  /** How long it took from the start of the process to its line with the address; building is not counted. */
  readonly startedInMs: number;
  /** Wall clock, when the process was started. */
  readonly beganAt: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The local agent's process; null: it is not there (yet). */
  agentPid(): number | null;
  json<T>(path: string): Promise<T>;
  stop(): Promise<void>;
}

export interface BenchServerOptions {
  /** The text of the configuration; absent: started without one. */
  readonly config?: string;
  readonly flags?: readonly string[];
  /** Options of the runtime, as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[];
}

/** Builds what is old, as `npm start` does, then starts the server on a free port. */
export async function startBenchServer(options: BenchServerOptions = {}): Promise<BenchServer> {
  await buildProgram();
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-'));
  const data = join(folder, 'data');
  const args = ['--data', data, '--listen', '127.0.0.1:0', ...(options.flags ?? [])];
  if (options.config !== undefined) {
    writeFileSync(join(folder, 'tocsin.yml'), options.config);
    args.push('--config', join(folder, 'tocsin.yml'));
  }
  const beganAt = Date.now();
  const began = performance.now();
  const child = spawn(process.execPath, [...(options.nodeFlags ?? []), join(ROOT, 'bin/start.js'), ...args], {
    env: { ...process.env, TOCSIN_ADMIN_TOKEN: TOKEN },
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: folder,
  });
  const url = await addressOf(child);
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    url,
    folder,
    pid: child.pid ?? 0,
    startedInMs: performance.now() - began,
    beganAt,
    headers,
    agentPid: () => pidIn(join(data, 'agent/agent.lock')),
    json: async <T>(path: string) => {
      const answer = await fetch(`${url}${path}`, { headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Builds the page and the program where they are older than their sources. */
export async function buildProgram(): Promise<void> {
  const runtime: { readonly buildWhatIsOld: () => void } = await import(pathToFileURL(join(ROOT, 'bin/runtime.js')).href);
  runtime.buildWhatIsOld();
}

/** What the server prints once it listens; rejects with what it said instead. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const tooLate = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not start: ${said}`));
    }, START_WITHIN_MS);
    const hear = (bytes: Buffer): void => {
      if (said.length < 100_000) said += bytes.toString();
      const url = /listens on (\S+)\n/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(tooLate);
      resolve(url);
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.on('exit', (code) => {
      clearTimeout(tooLate);
      reject(new Error(`the server ended with ${code}: ${said}`));
    });
  });
}

function pidIn(path: string): number | null {
  try {
    return Number(/\d+/.exec(readFileSync(path, 'utf8'))?.[0] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

/** Asks again and again until the answer is there; rejects when it does not come. */
export async function until<T>(what: string, ask: () => Promise<T | null>, { withinMs = 30_000, everyMs = 5 } = {}): Promise<T> {
  for (const end = performance.now() + withinMs; performance.now() < end; ) {
    const answer = await ask();
    if (answer !== null) return answer;
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  throw new Error(`${what}: not within ${withinMs} ms`);
}

/** The value below which this share of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** One figure of the printed table. */
export function printFigure(what: string, figure: string): void {
  process.stdout.write(`${what.padEnd(64)} ${figure.padStart(20)}\n`);
}
