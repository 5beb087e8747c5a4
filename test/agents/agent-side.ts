import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_LIMITS, type Doors, type Limits } from '../../src/agent/obey/doors.ts';
import { type Obeying, type ObeySettings, startObeying } from '../../src/agent/obey/obey.ts';
import { systemClock } from '../../src/io/clock.ts';
import { systemExec } from '../../src/io/exec.ts';
import { systemFiles } from '../../src/io/files.ts';
import { openHttpClient } from '../../src/io/http.ts';
import { openLog } from '../../src/io/log.ts';
import { systemRandom } from '../../src/io/random.ts';
import type { Order } from '../../src/core/actions/order.ts';

export type RunOrder = Extract<Order, { type: 'run' }>;

export function order(run: string, argv: readonly string[], more: Partial<RunOrder> = {}): RunOrder {
  const nothing = { script: null, http: null, runAs: null, env: {}, secrets: [], collect: [] };
  const rest = { ...nothing, timeout: 20_000, outputLimitBytes: 1 << 20, memoryLimitBytes: null };
  return { type: 'run', run, fence: 1, action: 'test', argv, ...rest, ...more };
}

/** `node -e` without a shell. */
export function script(code: string): readonly string[] {
  return [process.execPath, '-e', code];
}

export function systemDoors(): Doors {
  const lines: string[] = [];
  const log = openLog({ level: 'debug', now: () => Date.now(), write: (line) => lines.push(line) });
  return {
    http: openHttpClient(),
    web: openHttpClient(),
    exec: systemExec,
    files: systemFiles,
    clock: systemClock,
    random: systemRandom,
    log,
  };
}

export function settingsOf(url: string, folder: string, signal: AbortSignal, limits: Partial<Limits> = {}): ObeySettings {
  return {
    server: url,
    token: () => 'box',
    host: 'box',
    os: 'test',
    version: '1',
    local: true,
    labels: {},
    folder,
    limits: { ...DEFAULT_LIMITS, ...limits },
    grace: 300,
    signal,
  };
}

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-agent-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface LocalObeying extends Obeying {
  end(): Promise<void>;
}

/** The acting half in this process. */
export function obeyHere(url: string, folder: string, limits: Partial<Limits> = {}, doors: Doors = systemDoors()): LocalObeying {
  const ended = new AbortController();
  const obeying = startObeying(settingsOf(url, folder, ended.signal, limits), doors);
  const end = async (): Promise<void> => {
    ended.abort();
    await obeying.done;
    doors.http.close();
  };
  return { done: obeying.done, leave: () => obeying.leave(), isConnected: () => obeying.isConnected(), end };
}

export interface ProgramObeying {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  readonly exited: Promise<unknown>;
}

/** The acting half as a program of its own, which can be killed. */
export function obeyElsewhere(url: string, folder: string): ProgramObeying {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'agent-program.ts'), url, folder], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (child.pid === undefined) throw new Error('the agent was not started');
  return { pid: child.pid, kill: (signal) => void child.kill(signal), exited: once(child, 'exit') };
}
