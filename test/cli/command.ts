import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const TOCSIN = join(import.meta.dirname, '../../bin/tocsin.js');
const PATIENCE = 60_000;

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** A command of the program while it runs. */
export class Command {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { env = {}, stdin = '', cwd }: CommandOptions = {}) {
    const child = spawn(process.execPath, [TOCSIN, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: 'pipe',
      ...(cwd !== undefined && { cwd }),
    });
    this.child = child;
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    child.stdin.on('error', () => {});
    child.stdin.end(stdin);
    this.#closed = once(child, 'close');
  }

  async end(): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE);
    await this.#closed;
    clearTimeout(timer);
    return { code: this.child.exitCode, stdout: this.stdout, stderr: this.stderr };
  }
}

/** Runs one command of the program to its end. */
export async function command(args: readonly string[], options: CommandOptions = {}) {
  return new Command(args, options).end();
}
