import { join } from 'node:path';
import type { Hello, HelloAnswer, OrderLine } from '../../contract/agent.ts';
import type { Millis } from '../../core/base/time.ts';
import { type ConnectionSettings, keepConnected } from './connection.ts';
import type { Doors, Limits } from './doors.ts';
import { execute, type Execution, markOf } from './execute.ts';
import { KnownRun } from './known-run.ts';
import { type RunOrder, whyRefused } from './refuse.ts';
import { moveTo, Reporter } from './reporter.ts';
import { RunStore } from './run-store.ts';
import { removeLeftScripts } from './script.ts';

export interface ObeySettings extends ConnectionSettings {
  /** The agent's data folder. */
  readonly folder: string;
  readonly os: string;
  readonly version: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly limits: Limits;
  /** Between TERM and KILL. */
  readonly grace?: Millis;
  /** The local agent ends by itself when it has heard no server for so long and no command runs. */
  readonly orphanAfter?: Millis;
  /** Ends it at once: running commands are stopped and count as lost. */
  readonly signal: AbortSignal;
}

/** Why it ended: asked to, without a server for too long, another process works on the folder, or the signal aborted. */
export type ObeyingEnd = 'left' | 'orphaned' | 'occupied' | 'aborted';

export interface Obeying {
  /** Rejects only when the data folder cannot be used. */
  readonly done: Promise<ObeyingEnd>;
  /**
   * Asks it to end as soon as no command runs and their output is kept. When the server of a local agent comes back meanwhile, it
   * stays.
   */
  leave(): void;
  isConnected(): boolean;
}

const GRACE: Millis = 5_000;
const ORPHAN_AFTER: Millis = 10 * 60_000;
/** A server that still listens may have what is known before we go. */
const LAST_DELIVERY: Millis = 2_000;
const LOOK_EVERY: Millis = 1_000;
const MOST_REFUSALS = 1_000;
const MOST_HELLO_RUNS = 10_000;

/** Starts the acting half of the agent: it receives orders, executes them and reports, until it is told to end. */
export function startObeying(settings: ObeySettings, doors: Doors): Obeying {
  const half = new ActingHalf(settings, doors);
  return { done: half.work(), leave: () => half.leave(), isConnected: () => half.isConnected };
}

class ActingHalf {
  isConnected = false;
  readonly #settings: ObeySettings;
  readonly #doors: Doors;
  readonly #store: RunStore;
  readonly #reporter: Reporter;
  readonly #execution: Execution;
  readonly #runs = new Map<string, KnownRun>();
  /** Orders on their way to the medium, and whether they were cancelled meanwhile. */
  readonly #accepting = new Map<string, { cancelled: boolean }>();
  readonly #active = new Set<Promise<void>>();
  readonly #ended = new AbortController();
  #heardAt: Millis;
  #leavingSince: Millis | null = null;
  #end: ObeyingEnd | null = null;

  constructor(settings: ObeySettings, doors: Doors) {
    this.#settings = settings;
    this.#doors = doors;
    this.#store = new RunStore(doors.files, join(settings.folder, 'runs'));
    this.#reporter = new Reporter(
      { settings, doors },
      () => this.#runs.values(),
      (known) => this.#settle(known),
    );
    this.#execution = {
      folder: settings.folder,
      doors,
      limits: settings.limits,
      grace: settings.grace ?? GRACE,
      news: (when) => this.#reporter.news(when),
    };
    this.#heardAt = doors.clock.elapsed();
  }

  async work(): Promise<ObeyingEnd> {
    const { settings, doors } = { settings: this.#settings, doors: this.#doors };
    await doors.files.makeFolder(settings.folder);
    // By this the server sees whether a surviving agent is the one that it would start.
    const lock = doors.exec.holdLock(join(settings.folder, 'agent.lock'), `${settings.version} ${settings.server}`);
    if (lock.kind === 'taken') return 'occupied';
    doors.exec.prepare();
    await removeLeftScripts(doors.files, settings.folder);
    for (const known of await this.#store.load()) {
      this.#runs.set(known.run, known);
      if (known.finished === null) this.#keepActive(this.#recover(known));
      else known.reservedBytes = known.file?.sizeBytes ?? 0;
    }
    const abort = (): void => this.#finish('aborted');
    if (settings.signal.aborted) abort();
    settings.signal.addEventListener('abort', abort, { once: true });
    const connected = keepConnected(
      { settings, doors },
      {
        hello: () => this.#hello(),
        connected: (answer) => void this.#connected(answer),
        disconnected: () => {
          this.isConnected = false;
        },
        receive: (order) => this.#receive(order),
      },
      this.#ended.signal,
    );
    const reported = this.#reporter.work(this.#ended.signal);
    while (this.#end === null) {
      await doors.clock.wait(LOOK_EVERY, this.#ended.signal);
      this.#look();
    }
    settings.signal.removeEventListener('abort', abort);
    for (const known of this.#runs.values()) known.stop('lost');
    await Promise.all([connected, reported, ...this.#active]);
    await this.#store.close();
    return this.#end;
  }

  leave(): void {
    this.#leavingSince ??= this.#doors.clock.elapsed();
    this.#look();
  }

  #finish(end: ObeyingEnd): void {
    this.#end ??= end;
    this.#ended.abort();
  }

  /** Whether it is time to end. */
  #look(): void {
    const now = this.#doors.clock.elapsed();
    if (this.isConnected) this.#heardAt = now;
    if (this.#active.size > 0 || this.#accepting.size > 0) return;
    if (this.#leavingSince !== null) {
      const undelivered = this.isConnected && !this.#reporter.isFailing && this.#reporter.hasNews();
      if (!undelivered || now - this.#leavingSince > LAST_DELIVERY) this.#finish('left');
    } else if (this.#settings.local && now - this.#heardAt > (this.#settings.orphanAfter ?? ORPHAN_AFTER)) this.#finish('orphaned');
  }

  #hello(): Hello {
    const { host, os, version, local, labels, limits } = this.#settings;
    const runs = [...this.#runs.values()].slice(0, MOST_HELLO_RUNS).map(({ run, state }) => ({ run, state }));
    const allowedActions = limits.allowedActions === null ? null : [...limits.allowedActions];
    return { host, os, version, local, labels, allowedActions, runs };
  }

  async #connected(answer: HelloAnswer): Promise<void> {
    this.isConnected = true;
    if (this.#settings.local) this.#leavingSince = null;
    for (const known of this.#runs.values()) {
      const offset = answer.offsets[known.run];
      if (offset !== undefined && offset > known.place.offset) await moveTo(known, offset, known.place).catch(() => {});
    }
    this.#reporter.retryNow();
  }

  #receive(order: OrderLine): void {
    if (order.type === 'cancel') {
      const accepting = this.#accepting.get(order.run);
      if (accepting !== undefined) accepting.cancelled = true;
      this.#runs.get(order.run)?.stop('cancelled');
      return;
    }
    if (this.#accepting.has(order.run)) return;
    const known = this.#runs.get(order.run) ?? this.#store.recall(order);
    if (known !== null) this.#repeat(known, order);
    else {
      const why = whyRefused(order, this.#settings.limits, this.#load());
      if (why === null) this.#keepActive(this.#accept(order));
      else this.#refuse(order, why);
    }
  }

  /** An order that was received before is never executed again: what became of it is told. */
  #repeat(known: KnownRun, order: RunOrder): void {
    if (order.fence < known.fence) {
      this.#doors.log.warn('an order with an older claim is refused', { run: order.run, fence: order.fence, known: known.fence });
      return;
    }
    if (order.fence > known.fence) {
      known.fence = order.fence;
      void known.file?.appendFact({ type: 'fence', fence: order.fence }, this.#doors.clock.now()).catch(() => {});
    }
    this.#runs.set(known.run, known);
    known.repeat();
    this.#reporter.news('now');
  }

  #refuse(order: RunOrder, message: string): void {
    const { log, clock } = this.#doors;
    log.warn('an order is refused', { run: order.run, action: order.action, reason: message });
    const refusals = [...this.#runs.values()].filter((known) => known.file === null).length;
    if (refusals >= MOST_REFUSALS) return;
    const at = clock.now();
    const known = new KnownRun(order, at, null);
    known.finished = { type: 'finished', at, how: 'refused', exitCode: null, signal: null, message, outputTruncated: false };
    this.#runs.set(known.run, known);
    this.#reporter.news('now');
  }

  async #accept(order: RunOrder): Promise<void> {
    const accepting = { cancelled: false };
    this.#accepting.set(order.run, accepting);
    let known: KnownRun;
    try {
      known = await this.#store.accept(order, this.#doors.clock.now());
    } catch (error) {
      this.#accepting.delete(order.run);
      this.#refuse(order, `The order could not be written down before it is executed: ${String(error)}`);
      return;
    }
    this.#accepting.delete(order.run);
    known.reservedBytes = order.outputLimitBytes;
    if (accepting.cancelled) known.stopped = 'cancelled';
    this.#runs.set(known.run, known);
    if (known.file !== null) await execute(known, known.file, order, this.#execution);
    if (known.isSettled) await this.#settle(known);
  }

  /** An earlier agent died while it executed this: what still runs is stopped, and how it went is not known. */
  async #recover(known: KnownRun): Promise<void> {
    const { clock, exec, log } = this.#doors;
    const wasRunning = await exec.stopLeftOvers(
      known.started?.identity ?? null,
      markOf(this.#settings.folder, known.run),
      this.#execution.grace,
    );
    const what =
      known.started === null ? 'The agent ended before it could say whether the process was started' : 'The agent ended while it ran';
    const message = `${what}${wasRunning ? '; what was left of it has been stopped' : ''}. Whether it did its work is not known.`;
    const at = clock.now();
    const finished = { type: 'finished', at, how: 'lost', exitCode: null, signal: null, message, outputTruncated: false } as const;
    await known.file
      ?.appendFact(finished, at)
      .catch((error: unknown) => log.error('a run cannot be kept', { run: known.run, error: String(error) }));
    known.finished = finished;
    known.reservedBytes = known.file?.sizeBytes ?? 0;
    this.#reporter.news('now');
  }

  async #settle(known: KnownRun): Promise<void> {
    known.isSettled = true;
    if (known.finished === null) return;
    try {
      await this.#store.settle(known);
    } catch (error) {
      this.#doors.log.error('a run that the server has cannot be removed', { run: known.run, error: String(error) });
    }
    this.#runs.delete(known.run);
  }

  #keepActive(work: Promise<void>): void {
    const active = work
      .catch((error: unknown) => this.#doors.log.error('an order failed in an unexpected way', { error: String(error) }))
      .finally(() => {
        this.#active.delete(active);
        this.#look();
      });
    this.#active.add(active);
  }

  #load() {
    const known = [...this.#runs.values()];
    const spoolBytes = known.reduce((sum, { reservedBytes }) => sum + reservedBytes, 0);
    return { user: this.#doors.exec.ownUser(), running: this.#active.size, spoolBytes, spooledRuns: known.length };
  }
}
