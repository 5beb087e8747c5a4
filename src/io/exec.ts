import { type ChildProcess, execFile, spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, fchownSync, openSync } from 'node:fs';
import { type UserInfo, userInfo } from 'node:os';
import type { Readable } from 'node:stream';
import type { Millis } from '../core/base/time.ts';
import { type PipePair, PipeSupply } from './pipes.ts';
import * as locks from './process-lock.ts';
import * as processes from './processes.ts';
import * as users from './users.ts';

/** The only door to child processes. There is no shell here: an argument vector is started as it is. */
export interface Exec {
  /** Makes ready what takes time, so that the next start takes less. */
  prepare(): void;
  /** Never rejects. */
  start(command: Command, callbacks: StartCallbacks): Promise<StartOutcome>;
  /** A process that outlives this one, in a session of its own; what it prints goes to the end of the file. Null: it could not be started. */
  startDetached(command: Command, outputPath: string, ended: () => void): ProcessIdentity | null;
  /** The name of the user whose rights this process has; empty: it has none. */
  ownUser(): string;
  /** The user with whose rights a command can be started; or why there is no such user, or why it cannot (`it cannot run as x: ...`). */
  findUser(name: string): Promise<{ readonly user: HostUser } | { readonly reason: string }>;
  identify(pid: number): ProcessIdentity | null;
  isAlive(identity: ProcessIdentity): boolean;
  /** What the process, its group and their children occupy, in bytes; null: the system does not say. */
  memoryOf(identity: ProcessIdentity): number | null;
  /** Asks one process to end. False: it had ended already, or is not ours. */
  terminate(identity: ProcessIdentity): boolean;
  /** Ends what is left of a command that an earlier program started: TERM, then KILL. False: nothing was left. */
  stopLeftOvers(leader: ProcessIdentity | null, mark: string, grace: Millis): Promise<boolean>;
  /** Makes this process the only holder of the file, or says who is. Throws what the file system says. */
  holdLock(path: string, note: string): ProcessLock;
  /** Who holds the file now; null: nobody who lives. */
  readLock(path: string): { readonly by: ProcessIdentity; readonly note: string } | null;
}

export type ProcessIdentity = processes.ProcessIdentity;
export type HostUser = users.HostUser;
type ProcessLock = locks.ProcessLock;

export interface Command {
  readonly argv: readonly string[];
  /** Added to a minimal PATH, HOME and LANG; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** As `findUser` gives it; absent: the user of this process. */
  readonly user?: HostUser;
  /** `NAME=value`, put into the environment: by it those processes are found again that left the process group. */
  readonly mark?: string;
  /** Between TERM and KILL. */
  readonly grace?: Millis;
}

interface StartCallbacks {
  readonly output: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
}

/** `code` is the system's (`ENOENT`, `EACCES`) or empty, `reason` is for people. */
type StartOutcome = { readonly kind: 'started'; readonly process: StartedProcess } | NotStarted;

interface NotStarted {
  readonly kind: 'not started';
  readonly code: string;
  readonly reason: string;
}

export interface StartedProcess {
  readonly identity: ProcessIdentity;
  /** Leaves further output in the pipes, so that the command has to wait. */
  pause(): void;
  resume(): void;
  /** TERM to everything it started, KILL after the grace period. */
  stop(): void;
  /** All is over: the process ended, its output is read, nothing of its group is left. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
}

export interface ProcessEnd {
  /** `stuck`: some of it does not end even after KILL (it waits in the kernel). */
  readonly kind: 'exited' | 'stuck';
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Background processes were still there after its own end, and were stopped. */
  readonly leftOvers: boolean;
  /** A process of another session still held the output open, and was cut off. */
  readonly outputCut: boolean;
}

const GRACE: Millis = 5_000;
/** How long after the end of the command its background processes may still write. */
const LINGER: Millis = 300;
/** How long after KILL the kernel may need. */
const GIVE_UP: Millis = 5_000;
const POLL: Millis = 20;

const pipes = new PipeSupply(runTool);

export const systemExec: Exec = {
  prepare: () => pipes.prepare(),
  start,
  startDetached,
  ownUser: () => ownUser()?.username ?? '',
  findUser,
  identify: processes.identifyProcess,
  isAlive: processes.isProcessAlive,
  memoryOf: ({ pid }) => processes.memoryOfTree(pid),
  terminate: (identity) => processes.isProcessAlive(identity) && processes.isSignalled(identity.pid, 'SIGTERM'),
  stopLeftOvers,
  holdLock: locks.holdLock,
  readLock: locks.readLock,
};

async function start(command: Command, callbacks: StartCallbacks): Promise<StartOutcome> {
  const pair = await pipes.take();
  try {
    return await spawnFollowed(command, callbacks, pair);
  } finally {
    if (pair !== null) for (const { writeFd } of pair) closeSync(writeFd);
    // Starting a process blocks this one for a moment: not now.
    setTimeout(() => pipes.prepare(), POLL).unref();
  }
}

function spawnFollowed(command: Command, callbacks: StartCallbacks, pair: PipePair | null): Promise<StartOutcome> {
  return new Promise((resolve) => {
    const failed = (error: unknown): void => {
      if (pair !== null) for (const { source } of pair) source.destroy();
      resolve(notStarted(error));
    };
    try {
      const ends: SpawnOptions['stdio'] = pair === null ? ['pipe', 'pipe'] : pair.map(({ writeFd }) => writeFd);
      const { user } = command;
      // Else a script could not open its own /dev/stderr.
      if (pair !== null && user !== undefined) for (const { writeFd } of pair) fchownSync(writeFd, user.uid, user.gid);
      const [program = '', ...args] = user === undefined ? command.argv : [...users.switchArgv(user), ...command.argv];
      const child = spawn(program, args, { ...optionsOf(command), stdio: ['ignore', ...ends] });
      child.on('error', failed);
      const [stdout, stderr] = pair === null ? [child.stdout, child.stderr] : pair.map(({ source }) => source);
      if (child.pid === undefined || !stdout || !stderr) return;
      resolve({ kind: 'started', process: new Following({ child, pid: child.pid, stdout, stderr }, command, callbacks) });
    } catch (error) {
      failed(error);
    }
  });
}

/** A small program of the system; whether it ended well. */
function runTool(program: string, args: readonly string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: minimalEnvironment(), stdio: 'ignore', timeout: 5_000 });
    child.on('error', () => resolve(false));
    child.on('exit', (code) => resolve(code === 0));
  });
}

function startDetached(command: Command, outputPath: string, ended: () => void): ProcessIdentity | null {
  const output = openSync(outputPath, 'a', 0o600);
  try {
    const child = spawn(command.argv[0] ?? '', command.argv.slice(1), { ...optionsOf(command), stdio: ['ignore', output, output] });
    child.on('error', ended);
    child.on('exit', ended);
    child.unref();
    return child.pid === undefined ? null : processes.identifyProcess(child.pid);
  } catch {
    return null;
  } finally {
    closeSync(output);
  }
}

function optionsOf(command: Command) {
  const marks = command.mark === undefined ? {} : Object.fromEntries([splitMark(command.mark)]);
  return {
    cwd: command.cwd,
    env: { ...minimalEnvironment(), ...command.env, ...marks },
    ...(command.user !== undefined && users.switchArgv(command.user).length === 0 && { uid: command.user.uid, gid: command.user.gid }),
    detached: true,
    shell: false,
    windowsHide: true,
  };
}

function splitMark(mark: string): [string, string] {
  const at = mark.indexOf('=');
  return [mark.slice(0, at), mark.slice(at + 1)];
}

let minimal: Readonly<Record<string, string>> | null = null;
function minimalEnvironment(): Readonly<Record<string, string>> {
  if (minimal !== null) return minimal;
  if (process.platform === 'win32') {
    const names = ['PATH', 'SystemRoot', 'TEMP', 'USERPROFILE'];
    minimal = Object.fromEntries(names.map((name) => [name, process.env[name] ?? '']));
  } else {
    minimal = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: homeFolder(), LANG: 'C.UTF-8' };
  }
  return minimal;
}

function homeFolder(): string {
  return ownUser()?.homedir ?? '/';
}

function ownUser(): UserInfo<string> | null {
  try {
    return userInfo();
  } catch {
    return null; // A container may run as a number that has no name.
  }
}

async function findUser(name: string): Promise<{ readonly user: HostUser } | { readonly reason: string }> {
  const why = (reason: string) => ({ reason: `it cannot run as ${name}: ${reason}` });
  if (process.platform !== 'linux') return why('another user than that of the agent is possible on Linux only');
  if (process.geteuid?.() !== 0)
    return why(`this agent runs as ${ownUser()?.username ?? 'a number'}, and only root may take the rights of another user`);
  const found = await users.findHostUser(name, askTool);
  return 'reason' in found ? why(found.reason) : found;
}

/** A small program of the system, and what it prints. */
function askTool(program: string, args: readonly string[]): Promise<{ readonly exitCode: number; readonly output: string } | null> {
  return new Promise((resolve) => {
    const options = { env: minimalEnvironment(), cwd: '/', timeout: 5_000, maxBuffer: 1 << 20, windowsHide: true };
    const child = execFile(program, args, options, (_, output) =>
      resolve(child.exitCode === null ? null : { exitCode: child.exitCode, output }),
    );
  });
}

function notStarted(error: unknown): NotStarted {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  return { kind: 'not started', code, reason: error instanceof Error ? error.message : String(error) };
}

interface Child {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Watches a started process until nothing of it is left. */
class Following implements StartedProcess {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<ProcessEnd>;
  readonly #child: Child;
  readonly #command: Command;
  #resolve: (end: ProcessEnd) => void = () => {};
  #exit: { readonly exitCode: number | null; readonly signal: string | null } | null = null;
  #closed = false;
  #paused = false;
  #done = false;
  #leftOvers = false;
  #silentSince = 0;
  #stoppedAt = 0;
  #killedAt = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(started: Child, command: Command, callbacks: StartCallbacks) {
    const { child, pid } = started;
    // Whether it still runs or not: its number stays taken until the runtime has asked for its end, which cannot happen before we return.
    this.identity = processes.identifyProcess(pid) ?? { pid, startedTicks: '', boot: '' };
    this.#child = started;
    this.#command = command;
    this.ended = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    let open = 2;
    for (const stream of ['stdout', 'stderr'] as const) {
      started[stream].on('error', () => {});
      started[stream].on('data', (bytes: Buffer) => {
        this.#silentSince = performance.now();
        callbacks.output(stream, bytes);
      });
      started[stream].on('close', () => {
        open -= 1;
        this.#closed = open === 0;
        this.#look();
      });
    }
    child.on('exit', (exitCode, signal) => {
      this.#exit = { exitCode, signal };
      this.#silentSince = performance.now();
      this.#look();
    });
  }

  pause(): void {
    this.#paused = true;
    this.#child.stdout.pause();
    this.#child.stderr.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#silentSince = performance.now();
    this.#child.stdout.resume();
    this.#child.stderr.resume();
  }

  stop(): void {
    if (this.#done || this.#stoppedAt > 0) return;
    this.#stoppedAt = performance.now();
    this.#signal('SIGTERM');
    this.#lookLater();
  }

  /** A daemon that made a session of its own may stay after a good end, but not when everything is to be stopped. */
  #signal(signal: 'SIGTERM' | 'SIGKILL'): void {
    signalTree(this.identity.pid, this.#leftOvers ? undefined : this.#command.mark, signal);
  }

  #look(): void {
    if (this.#done) return;
    const now = performance.now();
    if (this.#exit !== null) {
      const alive = this.#isAnyAlive();
      if (!alive && this.#closed) return this.#finish('exited');
      if (!this.#paused && now - this.#silentSince > LINGER) {
        if (!alive) return this.#finish('exited');
        if (this.#stoppedAt === 0) {
          this.#leftOvers = true;
          this.stop();
        }
      }
    }
    if (this.#killedAt > 0 && now - this.#killedAt > GIVE_UP) return this.#finish('stuck');
    if (this.#stoppedAt > 0 && this.#killedAt === 0 && now - this.#stoppedAt >= (this.#command.grace ?? GRACE)) {
      this.#signal('SIGKILL');
      this.#killedAt = now;
    }
    if (this.#exit !== null || this.#stoppedAt > 0) this.#lookLater();
  }

  #lookLater(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#look();
    }, POLL);
  }

  #isAnyAlive(): boolean {
    if (processes.isGroupAlive(this.identity.pid)) return true;
    if (this.#stoppedAt === 0 || this.#leftOvers || this.#command.mark === undefined) return false;
    return processes.findMarkedProcesses(this.#command.mark).length > 0;
  }

  #finish(kind: ProcessEnd['kind']): void {
    this.#done = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const outputCut = !this.#closed;
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.child.unref();
    const { exitCode = null, signal = null } = this.#exit ?? {};
    this.#resolve({ kind, exitCode, signal, leftOvers: this.#leftOvers, outputCut });
  }
}

/** To the whole group, and to each process that left it but carries the mark. */
function signalTree(group: number, mark: string | undefined, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(group), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on('error', () => {});
    return;
  }
  const elsewhere = mark === undefined ? [] : processes.findMarkedProcesses(mark).filter((found) => found.group !== group);
  if (group > 0 && processes.isGroupAlive(group)) processes.isSignalled(-group, signal);
  for (const found of elsewhere) processes.isSignalled(found.pid, signal);
}

async function stopLeftOvers(leader: ProcessIdentity | null, mark: string, grace: Millis): Promise<boolean> {
  // Without its leader the group's number alone proves nothing: by now it may be that of a stranger.
  const group = leader !== null && processes.isProcessAlive(leader) ? leader.pid : 0;
  const isLeft = (): boolean => (group > 0 && processes.isGroupAlive(group)) || processes.findMarkedProcesses(mark).length > 0;
  if (!isLeft()) return false;
  for (const [signal, patience] of [
    ['SIGTERM', grace],
    ['SIGKILL', GIVE_UP],
  ] as const) {
    signalTree(group, mark, signal);
    for (const until = performance.now() + patience; performance.now() < until && isLeft(); ) {
      await new Promise((resolve) => setTimeout(resolve, POLL));
    }
    if (!isLeft()) break;
  }
  return true;
}
