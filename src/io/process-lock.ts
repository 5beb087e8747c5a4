import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { identifyProcess, isProcessAlive, type ProcessIdentity } from './processes.ts';

/** `note` is what the holder wrote beside its identity. */
export type ProcessLock = { readonly kind: 'held' } | { readonly kind: 'taken'; readonly by: ProcessIdentity; readonly note: string };

const LONGEST = 4_096;
const TRIES = 5;

/** Makes this process the only holder of the file, or says who is. A holder that has died does not count. Throws what the file system says. */
export function holdLock(path: string, note: string): ProcessLock {
  const me = identifyProcess(process.pid);
  const beside = `${path}.${process.pid}`;
  writeFileSync(beside, JSON.stringify({ ...me, note }), { mode: 0o600 });
  try {
    for (let tried = 0; tried < TRIES; tried += 1) {
      if (isLinked(beside, path)) return { kind: 'held' };
      const holder = readLock(path);
      if (holder !== null) return { kind: 'taken', ...holder };
      moveDeadAway(path, `${beside}.dead`);
    }
    throw new Error(`${path} changes its holder too often`);
  } finally {
    rmSync(beside, { force: true });
    rmSync(`${beside}.dead`, { force: true });
  }
}

/** Who holds the file now; null: nobody who lives. */
export function readLock(path: string): { readonly by: ProcessIdentity; readonly note: string } | null {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').slice(0, LONGEST);
  } catch {
    return null;
  }
  const holder = parseHolder(text);
  return holder !== null && isProcessAlive(holder.by) ? holder : null;
}

function parseHolder(text: string): { readonly by: ProcessIdentity; readonly note: string } | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  if (!('pid' in value) || !('startedTicks' in value) || !('boot' in value) || !('note' in value)) return null;
  const { pid, startedTicks, boot, note } = value;
  if (!Number.isSafeInteger(pid) || typeof pid !== 'number' || pid <= 0) return null;
  if (typeof startedTicks !== 'string' || typeof boot !== 'string' || typeof note !== 'string') return null;
  return { by: { pid, startedTicks, boot }, note };
}

function isLinked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Of two that find the same dead holder the slower one may move away the lock of the faster: then it puts it back. */
function moveDeadAway(path: string, to: string): void {
  try {
    renameSync(path, to);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    throw error;
  }
  if (readLock(to) !== null) isLinked(to, path);
}
