import type { Millis } from '../../core/base/time.ts';
import type { Report } from '../../contract/agent.ts';
import type { ProcessIdentity, StartedProcess } from '../../io/exec.ts';
import { type Fact, type Place, type RunFile, START } from './run-file.ts';

export type Finished = Extract<Fact, { type: 'finished' }>;

/** One order that this agent has taken (or refused), until the server has all that became of it. */
export class KnownRun {
  readonly run: string;
  readonly action: string;
  readonly acceptedAt: Millis;
  /** Null: it was refused, or is remembered from long ago; there is no output. */
  readonly file: RunFile | null;
  fence: number;
  started: { readonly at: Millis; readonly identity: ProcessIdentity } | null = null;
  finished: Finished | null = null;
  /** The most bytes its output may still grow to. */
  reservedBytes = 0;
  /** The living process, between its start and its end. */
  process: StartedProcess | null = null;
  /** Why we ended it; the first reason counts. */
  stopped: Finished['how'] | null = null;
  /** What the server has: facts, and the output up to a place. */
  readonly told = { accepted: false, started: false };
  place: Place = START;
  /** The server wants nothing more of it. */
  isSettled = false;

  constructor(order: { readonly run: string; readonly action: string; readonly fence: number }, acceptedAt: Millis, file: RunFile | null) {
    this.run = order.run;
    this.action = order.action;
    this.fence = order.fence;
    this.acceptedAt = acceptedAt;
    this.file = file;
  }

  get outputBytes(): number {
    return this.file?.outputBytes ?? 0;
  }

  get state(): 'accepted' | 'running' | 'finished' {
    if (this.finished !== null) return 'finished';
    return this.started === null ? 'accepted' : 'running';
  }

  /** Ends the command. Later calls change nothing. */
  stop(how: Finished['how']): void {
    if (this.finished !== null) return;
    this.stopped ??= how;
    this.process?.stop();
  }

  /** Says again what is known: the server may have lost our answer. */
  repeat(): void {
    this.told.accepted = false;
    this.told.started = false;
  }

  /** Whether the server does not have everything that is known so far. */
  hasNews(): boolean {
    if (this.isSettled) return false;
    const { accepted, started } = this.told;
    if (!accepted || (!started && this.started !== null) || this.finished !== null) return true;
    return this.place.offset < this.outputBytes;
  }

  reportAccepted(): Report {
    return { type: 'accepted', run: this.run, fence: this.fence, at: this.acceptedAt };
  }

  reportStarted(): Report | null {
    if (this.started === null) return null;
    return { type: 'started', run: this.run, fence: this.fence, at: this.started.at, pid: this.started.identity.pid };
  }

  reportFinished(): Report | null {
    if (this.finished === null) return null;
    return { ...this.finished, run: this.run, fence: this.fence, outputBytes: this.outputBytes };
  }
}
