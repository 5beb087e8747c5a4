import { flushCompileCache } from 'node:module';
import type { Labels } from '../core/base/labels.ts';
import { SECOND, type Millis } from '../core/base/time.ts';
import type { Exec } from '../io/exec.ts';
import type { HttpClient } from '../io/http.ts';
import { Spool } from '../io/spool/spool.ts';
import { openCollectors } from './collect/collectors.ts';
import type { Doors, Limits } from './obey/doors.ts';
import { type ObeyingEnd, startObeying } from './obey/obey.ts';
import { observe } from './observe.ts';
import { ship, type ShipCounts } from './ship.ts';

export interface AgentOptions {
  /** The server's address, without a slash at its end. */
  readonly server: string;
  /** Asked before each request, so that a new token needs no restart. */
  readonly token: () => string;
  /** The name of this machine: the label `instance` of everything it measures, and what actions are sent to. */
  readonly host: string;
  readonly dataDir: string;
  readonly interval: Millis;
  readonly textfileDir: string | null;
  /** Added to every series, besides `instance` and `job="node"`, which win. */
  readonly labels: Labels;
  readonly version: string;
  /** As `process.platform`. */
  readonly platform: string;
  /** What the server shows of the operating system. */
  readonly os: string;
  /** Whether the server itself started this agent. */
  readonly local: boolean;
  readonly limits: Limits;
  /** PEM file: the authorities to trust instead of the well-known ones. */
  readonly caFile?: string;
  /** Where the root of the machine is seen; absent: `/`. */
  readonly root?: string;
}

export interface AgentDoors extends Omit<Doors, 'http'> {
  readonly exec: Exec;
  readonly openHttp: (ca: string | null) => HttpClient;
}

export interface AgentSignals {
  /**
   * Calls back each time somebody asks the agent to end when no command runs any more (a local agent stays when its server comes back,
   * and is asked again later); gives what ends that.
   */
  readonly onLeave: (callback: () => void) => () => void;
  /** Ends it at once. */
  readonly abort: AbortSignal;
}

const CA_LIMIT_BYTES = 1 << 20;
const RESTART_AFTER: Millis = 5 * SECOND;

/**
 * The host agent: measures, delivers what it measured, and executes what the server orders, until it is told to end. Each of the three
 * goes on when another one fails. Rejects when the data folder or the CA file cannot be used.
 */
export async function runAgent(options: AgentOptions, doors: AgentDoors, signals: AgentSignals): Promise<ObeyingEnd> {
  const { log, files } = doors;
  log.conceal(options.token());
  await files.makeFolder(options.dataDir);
  if (doors.exec.holdLock(`${options.dataDir}/spool.lock`, options.version).kind === 'taken') return 'occupied';
  const http = doors.openHttp(options.caFile === undefined ? null : await files.readText(options.caFile, CA_LIMIT_BYTES));
  const ended = new AbortController();
  const spool = new Spool(`${options.dataDir}/spool`, doors);
  await spool.open();
  const counts: ShipCounts = { delivered: 0, refused: 0, failures: 0 };
  const observing = keepRunning('observing', doors, ended.signal, () =>
    observeWith(options, doors, { spool, counts, signal: ended.signal }),
  );
  const { server, token } = options;
  const shipping = keepRunning('shipping', doors, ended.signal, () =>
    ship({ server, token, spool, counts }, { ...doors, http }, ended.signal),
  );
  log.info('the agent has started', { server: options.server, host: options.host, interval: options.interval, version: options.version });
  try {
    return await obey(options, { ...doors, http }, signals);
  } finally {
    ended.abort();
    await Promise.all([observing, shipping]);
    await spool.close();
    http.close();
  }
}

interface Observing {
  readonly spool: Spool;
  readonly counts: ShipCounts;
  readonly signal: AbortSignal;
}

async function observeWith(options: AgentOptions, doors: AgentDoors, { spool, counts, signal }: Observing): Promise<void> {
  const collectors = await openCollectors(options.platform);
  // Everything is loaded now: what was compiled is kept for the next start, even if this agent is killed.
  flushCompileCache();
  const root = (options.root ?? '').replace(/\/+$/, '');
  await observe(
    {
      interval: options.interval,
      labels: { ...options.labels, instance: options.host, job: 'node' },
      textfileFolder: options.textfileDir,
      collectors,
      sources: { files: doors.files, clock: doors.clock, proc: `${root}/proc`, sys: `${root}/sys`, root },
      version: options.version,
      spool,
      counts,
      log: doors.log,
    },
    signal,
  );
}

async function obey(options: AgentOptions, doors: Doors, signals: AgentSignals): Promise<ObeyingEnd> {
  const { server, token, host, os, version, local, labels, limits } = options;
  const obeying = startObeying(
    { server, token, host, os, version, local, labels, limits, folder: options.dataDir, signal: signals.abort },
    doors,
  );
  const ignoreLeave = signals.onLeave(() => obeying.leave());
  try {
    return await obeying.done;
  } finally {
    ignoreLeave();
  }
}

/** A part that fails in a way nobody thought of begins anew, and the others do not notice. */
async function keepRunning(what: string, doors: AgentDoors, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      doors.log.error('a part of the agent failed and begins anew', {
        what,
        why: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    await doors.clock.wait(RESTART_AFTER, signal);
  }
}
