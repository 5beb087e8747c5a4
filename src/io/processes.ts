import { readdirSync, readFileSync } from 'node:fs';

/** A process that cannot be mistaken for a later one with the same number. Without /proc `startedTicks` and `boot` are empty. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks from the start of the system to the start of the process, as text. */
  readonly startedTicks: string;
  /** Which start of the system. */
  readonly boot: string;
}

/** `group` is the process group, 0 where it is not known. */
interface ProcessState {
  readonly group: number;
  readonly parent: number;
  readonly startedTicks: string;
  readonly ended: boolean;
}

/** Null: there is no such process (any more). */
export function identifyProcess(pid: number): ProcessIdentity | null {
  if (!hasProc()) return isSignalled(pid, 0) ? { pid, startedTicks: '', boot: '' } : null;
  const state = readState(pid);
  return state === null ? null : { pid, startedTicks: state.startedTicks, boot: bootOf() };
}

/** Whether this very process still runs. Where the system gives no start times a living process of that number counts. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  if (!hasProc()) return isSignalled(identity.pid, 0);
  const state = readState(identity.pid);
  return state !== null && !state.ended && identity.boot === bootOf() && state.startedTicks === identity.startedTicks;
}

/**
 * The living processes that carry the mark `NAME=value` in the environment they were started with, wherever they moved themselves.
 * Linux only; processes that may not be looked into are left out.
 */
export function findMarkedProcesses(mark: string): readonly { readonly pid: number; readonly group: number }[] {
  if (!hasProc()) return [];
  const found: { pid: number; group: number }[] = [];
  const wanted = Buffer.from(`\0${mark}\0`);
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) continue;
    const environment = readProc(`${name}/environ`);
    if (environment === null || !Buffer.concat([Buffer.of(0), environment, Buffer.of(0)]).includes(wanted)) continue;
    const state = readState(pid);
    if (state !== null && !state.ended) found.push({ pid, group: state.group });
  }
  return found;
}

/** Whether any process of the group runs; those that have ended and only wait for their parent do not count. */
export function isGroupAlive(group: number): boolean {
  if (!isSignalled(-group, 0)) return false;
  if (!hasProc()) return true;
  return readdirSync('/proc').some((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return false;
    const state = readState(pid);
    return state !== null && state.group === group && !state.ended;
  });
}

/**
 * What a process, everything in its group and all their children occupy, in bytes: memory of their own and shared memory, files that are
 * mapped not counted. A process that detached itself from all of them is not seen. Null: there is no /proc to say it.
 */
export function memoryOfTree(leader: number): number | null {
  if (!hasProc()) return null;
  const parents = new Map<number, number>();
  const members = new Set<number>([leader]);
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const state = Number.isInteger(pid) ? readState(pid) : null;
    if (state === null || state.ended) continue;
    parents.set(pid, state.parent);
    if (state.group === leader) members.add(pid);
  }
  for (let size = 0; size < members.size; ) {
    size = members.size;
    for (const [pid, parent] of parents) if (members.has(parent)) members.add(pid);
  }
  let bytes = 0;
  for (const pid of members) bytes += ownMemory(pid);
  return bytes;
}

/** proc_pid_status(5); 0 for a process that is gone. */
function ownMemory(pid: number): number {
  const text = readProc(`${pid}/status`)?.toString('latin1') ?? '';
  let kib = 0;
  for (const [, amount] of text.matchAll(/^Rss(?:Anon|Shmem):\s+(\d+) kB$/gm)) kib += Number(amount);
  return kib * 1024;
}

/** False: nobody was there to receive it, or it is not ours to signal. A negative number means the whole group. */
export function isSignalled(pid: number, signal: 'SIGTERM' | 'SIGKILL' | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    return signal === 0 && error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

let proc: boolean | null = null;
function hasProc(): boolean {
  proc ??= process.platform === 'linux' && readProc('self/stat') !== null;
  return proc;
}

let boot: string | null = null;
function bootOf(): string {
  boot ??= readProc('sys/kernel/random/boot_id')?.toString('latin1').trim() ?? '';
  return boot;
}

function readProc(path: string): Buffer | null {
  try {
    return readFileSync(`/proc/${path}`);
  } catch {
    return null;
  }
}

/** proc_pid_stat(5): the name in the second field may hold anything, so the fields are counted from its closing parenthesis. */
function readState(pid: number): ProcessState | null {
  const text = readProc(`${pid}/stat`)?.toString('latin1');
  if (text === undefined) return null;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group] = fields;
  const startedTicks = fields[19];
  if (state === undefined || startedTicks === undefined) return null;
  return { group: Number(group), parent: Number(parent), startedTicks, ended: state === 'Z' || state === 'X' };
}
