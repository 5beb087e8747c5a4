import * as fs from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Millis } from '../core/base/time.ts';

export interface FileEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

export interface FileState {
  readonly kind: FileEntry['kind'];
  readonly sizeBytes: number;
  readonly modifiedAt: Millis;
}

/** What statfs(2) says, in bytes and inodes; `available` is what an unprivileged user may still write. */
export interface FileSystemSpace {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly availableBytes: number;
  readonly files: number;
  readonly filesFree: number;
}

/** An open file. Its positions are absolute; appending goes to the end as it was opened or truncated. */
export interface OpenFile {
  sizeBytes(): number;
  append(bytes: Uint8Array): Promise<void>;
  /** Fewer bytes than asked for at the end of the file. */
  readAt(position: number, lengthBytes: number): Promise<Uint8Array>;
  /** Returns when the content is on the medium. */
  sync(): Promise<void>;
  truncate(lengthBytes: number): Promise<void>;
  close(): Promise<void>;
}

/** The file system as a parameter. Failures reject with the runtime's errors (`fileErrorCode`). */
export interface Files {
  /** Rejects when the file is longer than the limit. Works for /proc files, which say they are empty. */
  readBytes(path: string, limitBytes: number): Promise<Uint8Array>;
  /** The same, as UTF-8. */
  readText(path: string, limitBytes: number): Promise<string>;
  /** The entries of a folder in the order of their names. */
  list(path: string): Promise<readonly FileEntry[]>;
  /** Follows links. Null: there is no such file. */
  state(path: string): Promise<FileState | null>;
  space(path: string): Promise<FileSystemSpace>;
  /** 'append' makes the file when it is missing, with mode 0600. */
  open(path: string, mode: 'read' | 'append'): Promise<OpenFile>;
  /**
   * All or nothing, also across a power cut: written beside it (mode 0600), synced, renamed. With an owner it belongs to that user, who
   * alone may read it.
   */
  writeWhole(path: string, bytes: Uint8Array, owner?: { readonly uid: number; readonly gid: number }): Promise<void>;
  /** A missing file is no failure. */
  remove(path: string): Promise<void>;
  /** With its parents, mode 0700. */
  makeFolder(path: string): Promise<void>;
  /** In one that is there: others may open what they have the name of, but not list it. Rejects when it is not ours. */
  makePassage(path: string): Promise<void>;
  /**
   * Calls back with the name of what changed in the folder (null: not known), until the signal aborts. False: it cannot be watched (now).
   */
  watch(path: string, changed: (name: string | null) => void, signal: AbortSignal): boolean;
}

/** `ENOENT` and the like; null when the error does not come from the system. */
export function fileErrorCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null;
}

const open = promisify(fs.open);
const close = promisify(fs.close);
const read = promisify(fs.read);
const write = promisify(fs.write);
const FIRST_READ = 4_096;

export const systemFiles: Files = {
  readBytes,
  readText: async (path, limitBytes) => (await readBytes(path, limitBytes)).toString('utf8'),
  list: async (path) => {
    const entries = await fs.promises.readdir(path, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => (a.name < b.name ? -1 : 1));
  },
  state: async (path) => {
    try {
      const stat = await fs.promises.stat(path);
      return { kind: kindOf(stat), sizeBytes: stat.size, modifiedAt: stat.mtimeMs };
    } catch (error) {
      if (fileErrorCode(error) === 'ENOENT' || fileErrorCode(error) === 'ENOTDIR') return null;
      throw error;
    }
  },
  space: async (path) => {
    const { bsize, blocks, bfree, bavail, files, ffree } = await fs.promises.statfs(path);
    return { sizeBytes: blocks * bsize, freeBytes: bfree * bsize, availableBytes: bavail * bsize, files, filesFree: ffree };
  },
  open: async (path, mode) => {
    const fd = await open(path, mode === 'read' ? 'r' : fs.constants.O_RDWR | fs.constants.O_CREAT, 0o600);
    return openFile(fd, fs.fstatSync(fd).size);
  },
  writeWhole,
  remove: (path) => fs.promises.rm(path, { force: true }),
  makeFolder: async (path) => {
    await fs.promises.mkdir(path, { recursive: true, mode: 0o700 });
  },
  makePassage: async (path) => {
    await fs.promises.mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
      if (fileErrorCode(error) !== 'EEXIST') throw error;
    });
    const stat = await fs.promises.lstat(path);
    if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw new Error(`${path} is no folder of this user`);
    await fs.promises.chmod(path, 0o711);
  },
  watch: (path, changed, signal) => {
    if (signal.aborted) return false;
    try {
      const watcher = fs.watch(path, { persistent: false }, (_, name) => changed(name));
      const stop = (): void => watcher.close();
      watcher.on('error', stop);
      watcher.on('close', () => signal.removeEventListener('abort', stop));
      signal.addEventListener('abort', stop, { once: true });
      return true;
    } catch {
      return false;
    }
  },
};

function kindOf(entry: fs.Dirent | fs.Stats): FileEntry['kind'] {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

async function readBytes(path: string, limitBytes: number): Promise<Buffer> {
  const fd = await open(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(Math.min(FIRST_READ, limitBytes + 1));
    let length = 0;
    for (;;) {
      const { bytesRead } = await read(fd, buffer, length, buffer.length - length, null);
      if (bytesRead === 0) return buffer.subarray(0, length);
      length += bytesRead;
      if (length > limitBytes) throw new Error(`${path} is longer than ${limitBytes} bytes`);
      if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(buffer.length * 4, limitBytes + 1));
    }
  } finally {
    await close(fd);
  }
}

async function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await write(fd, bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

function openFile(fd: number, sizeBytes: number): OpenFile {
  let size = sizeBytes;
  return {
    sizeBytes: () => size,
    append: async (bytes) => {
      await writeAll(fd, bytes, size);
      size += bytes.length;
    },
    readAt: async (position, lengthBytes) => {
      const buffer = Buffer.allocUnsafe(lengthBytes);
      let length = 0;
      while (length < lengthBytes) {
        const { bytesRead } = await read(fd, buffer, length, lengthBytes - length, position + length);
        if (bytesRead === 0) break;
        length += bytesRead;
      }
      return buffer.subarray(0, length);
    },
    sync: () => promisify(fs.fdatasync)(fd),
    truncate: async (lengthBytes) => {
      await promisify(fs.ftruncate)(fd, lengthBytes);
      size = lengthBytes;
    },
    close: () => close(fd),
  };
}

async function writeWhole(path: string, bytes: Uint8Array, owner?: { readonly uid: number; readonly gid: number }): Promise<void> {
  const beside = join(dirname(path), `.${process.pid}.${nextTemporary()}.tmp`);
  try {
    const fd = await open(beside, 'w', 0o600);
    try {
      await writeAll(fd, bytes, 0);
      if (owner !== undefined) {
        fs.fchmodSync(fd, 0o400);
        fs.fchownSync(fd, owner.uid, owner.gid);
      }
      await promisify(fs.fsync)(fd);
    } finally {
      await close(fd);
    }
    await fs.promises.rename(beside, path);
  } catch (error) {
    await fs.promises.rm(beside, { force: true });
    throw error;
  }
}

let temporary = 0;
function nextTemporary(): number {
  temporary += 1;
  return temporary;
}
