import { statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../core/base/time.ts';
import type { Clock } from './clock.ts';
import type { Exec, ProcessIdentity } from './exec.ts';
import type { Files } from './files.ts';
import type { Log } from './log.ts';

export interface LocalAgentSettings {
  /** The program and its arguments. */
  readonly argv: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The agent's data folder: there its lock says who works on it, and its log goes to `agent.log`. */
  readonly folder: string;
  /** Version and server address, with a space between them: a surviving agent of another is asked to leave as soon as it has nothing to do. */
  readonly version: string;
}

interface LocalAgentDoors {
  readonly exec: Exec;
  readonly clock: Clock;
  readonly files: Files;
  readonly log: Pick<Log, 'info' | 'warn' | 'error'>;
}

export interface LocalAgent {
  /** Its process; null while there is none. */
  pid(): number | null;
  /** How often it had to be started again because it died. */
  restarts(): number;
  /**
   * Asks it to end and gives it a moment: 'stays' when it still executes a command, which it then brings to its end. Nothing is
   * started any more.
   */
  stop(): Promise<'ended' | 'stays'>;
}

const LOOK_EVERY: Millis = 500;
const FIRST_RETRY: Millis = 200;
const LONGEST_RETRY: Millis = 30_000;
/** An agent that lived so long was not broken from the beginning. */
const HEALTHY_AFTER: Millis = 60_000;
const PATIENCE: Millis = 2_000;
const MOST_LOG_BYTES = 8 << 20;

/**
 * Keeps one local agent alive. It is no child that ends with the server: it has its own session, survives Ctrl-C and the death of the
 * server, and the next server on the folder finds it by its lock and keeps it.
 */
export function superviseLocalAgent(settings: LocalAgentSettings, doors: LocalAgentDoors): LocalAgent {
  const stopped = new AbortController();
  let current: ProcessIdentity | null = null;
  let restarts = 0;
  const supervised = supervise(settings, doors, {
    signal: stopped.signal,
    running: (identity) => {
      current = identity;
    },
    died: () => {
      restarts += 1;
    },
  });
  return {
    pid: () => current?.pid ?? null,
    restarts: () => restarts,
    stop: async () => {
      stopped.abort();
      await supervised;
      const agent = current;
      if (agent === null || !doors.exec.terminate(agent)) return 'ended';
      const until = doors.clock.elapsed() + PATIENCE;
      while (doors.exec.isAlive(agent) && doors.clock.elapsed() < until) await doors.clock.wait(20);
      return doors.exec.isAlive(agent) ? 'stays' : 'ended';
    },
  };
}

interface Supervision {
  readonly signal: AbortSignal;
  readonly running: (identity: ProcessIdentity | null) => void;
  readonly died: () => void;
}

async function supervise(settings: LocalAgentSettings, doors: LocalAgentDoors, { signal, running, died }: Supervision): Promise<void> {
  const { clock, files, log } = doors;
  let failures = 0;
  while (!signal.aborted) {
    const since = clock.elapsed();
    try {
      await files.makeFolder(settings.folder);
      const agent = adopt(settings, doors) ?? launch(settings, doors, signal);
      running(agent.identity);
      await watch(settings, doors, agent, signal);
    } catch (error) {
      log.error('the local agent cannot be started', { why: error instanceof Error ? error : String(error) });
    }
    if (signal.aborted) return;
    running(null);
    died();
    failures = clock.elapsed() - since > HEALTHY_AFTER ? 1 : failures + 1;
    const wait = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** Math.min(failures - 1, 20));
    log.warn('the local agent is not running', { again_in_ms: wait, log: join(settings.folder, 'agent.log') });
    await clock.wait(wait, signal);
  }
}

interface Agent {
  readonly identity: ProcessIdentity;
  /** Aborts when it ends; null: it is not our child and has to be looked after. */
  readonly ended: AbortSignal | null;
  readonly isOutdated: boolean;
}

/** The agent that an earlier server started and that still lives. */
function adopt(settings: LocalAgentSettings, { exec, log }: LocalAgentDoors): Agent | null {
  const holder = exec.readLock(join(settings.folder, 'agent.lock'));
  if (holder === null) return null;
  log.info('the local agent of an earlier server is still here', { pid: holder.by.pid, version: holder.note });
  return { identity: holder.by, ended: null, isOutdated: holder.note !== settings.version };
}

function launch(settings: LocalAgentSettings, { exec }: LocalAgentDoors, signal: AbortSignal): Agent {
  const ended = new AbortController();
  const command = { argv: settings.argv, env: settings.env ?? {}, cwd: settings.folder };
  const identity = exec.startDetached(command, join(settings.folder, 'agent.log'), () => ended.abort());
  if (identity === null) throw new Error(`${settings.argv[0] ?? ''} could not be started`);
  return { identity, ended: AbortSignal.any([ended.signal, signal]), isOutdated: false };
}

/** Returns when it has ended, or is to be left alone. */
async function watch(settings: LocalAgentSettings, { exec, clock }: LocalAgentDoors, agent: Agent, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && exec.isAlive(agent.identity)) {
    cutLog(join(settings.folder, 'agent.log'));
    // Again and again: the return of its server makes it stay.
    if (agent.isOutdated) exec.terminate(agent.identity);
    await clock.wait(LOOK_EVERY, agent.ended ?? signal);
  }
}

/** The agent appends to the end wherever that is, so the file may be emptied below it. */
function cutLog(path: string): void {
  try {
    if (statSync(path).size > MOST_LOG_BYTES) truncateSync(path, 0);
  } catch {
    // There is none yet.
  }
}
