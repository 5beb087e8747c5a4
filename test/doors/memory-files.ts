import type { FileEntry, Files, FileSystemSpace, OpenFile } from '../../src/io/files.ts';

/** A file system in memory. Tests may put files into it, take them away, make the disk fail, and see what was synced. */
export interface MemoryFiles extends Files {
  /** Path -> content. */
  readonly content: Map<string, Buffer>;
  readonly spaces: Map<string, FileSystemSpace | Promise<FileSystemSpace>>;
  readonly modifiedAt: Map<string, number>;
  /** When set, writing fails with it. */
  failure: Error | null;
  syncs: number;
  put(path: string, text: string | Buffer): void;
  /** Tells the watchers of a folder. */
  touch(path: string): void;
}

function missing(path: string): Error {
  return Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
}

export function openMemoryFiles(initial: Readonly<Record<string, string>> = {}): MemoryFiles {
  const content = new Map<string, Buffer>();
  const folders = new Set<string>();
  const watchers = new Map<string, Set<(name: string | null) => void>>();
  const readBytes = async (path: string, limitBytes: number): Promise<Buffer> => {
    const bytes = content.get(path);
    if (bytes === undefined) throw missing(path);
    if (bytes.length > limitBytes) throw new Error(`${path} is longer than ${limitBytes} bytes`);
    return bytes;
  };
  const isFolder = (path: string): boolean => folders.has(path) || [...content.keys()].some((name) => name.startsWith(`${path}/`));
  const files: MemoryFiles = {
    content,
    spaces: new Map(),
    modifiedAt: new Map(),
    failure: null,
    syncs: 0,
    put: (path, text) => {
      content.set(path, Buffer.from(text));
      files.touch(path);
    },
    touch: (path) => {
      const slash = path.lastIndexOf('/');
      for (const changed of watchers.get(path.slice(0, slash)) ?? []) changed(path.slice(slash + 1));
    },
    readBytes,
    readText: async (path, limitBytes) => (await readBytes(path, limitBytes)).toString('utf8'),
    list: async (path) => {
      if (!isFolder(path)) throw missing(path);
      const entries = new Map<string, FileEntry['kind']>();
      for (const name of content.keys()) {
        if (!name.startsWith(`${path}/`)) continue;
        const [first = '', second] = name.slice(path.length + 1).split('/');
        entries.set(first, second === undefined ? 'file' : 'folder');
      }
      return [...entries].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));
    },
    state: async (path) => {
      const bytes = content.get(path);
      if (bytes !== undefined) return { kind: 'file', sizeBytes: bytes.length, modifiedAt: files.modifiedAt.get(path) ?? 0 };
      return isFolder(path) ? { kind: 'folder', sizeBytes: 0, modifiedAt: 0 } : null;
    },
    space: async (path) => {
      const space = files.spaces.get(path);
      if (space === undefined) throw missing(path);
      return space;
    },
    open: async (path, mode) => {
      if (files.failure !== null && mode === 'append') throw files.failure;
      if (!content.has(path)) {
        if (mode === 'read') throw missing(path);
        content.set(path, Buffer.alloc(0));
      }
      return openOne(files, path);
    },
    writeWhole: async (path, bytes) => {
      if (files.failure !== null) throw files.failure;
      content.set(path, Buffer.from(bytes));
    },
    remove: async (path) => {
      content.delete(path);
    },
    makeFolder: async (path) => {
      if (files.failure !== null) throw files.failure;
      folders.add(path);
    },
    makePassage: async (path) => {
      if (files.failure !== null) throw files.failure;
      folders.add(path);
    },
    watch: (path, changed, signal) => {
      if (!isFolder(path)) return false;
      const all = watchers.get(path) ?? new Set();
      watchers.set(path, all.add(changed));
      signal.addEventListener('abort', () => all.delete(changed), { once: true });
      return true;
    },
  };
  for (const [path, text] of Object.entries(initial)) content.set(path, Buffer.from(text));
  return files;
}

function openOne(files: MemoryFiles, path: string): OpenFile {
  const bytes = (): Buffer => files.content.get(path) ?? Buffer.alloc(0);
  return {
    sizeBytes: () => bytes().length,
    append: async (more) => {
      if (files.failure !== null) throw files.failure;
      files.content.set(path, Buffer.concat([bytes(), more]));
    },
    readAt: async (position, lengthBytes) => Buffer.from(bytes().subarray(position, position + lengthBytes)),
    sync: async () => {
      files.syncs += 1;
    },
    truncate: async (lengthBytes) => {
      files.content.set(path, Buffer.from(bytes().subarray(0, lengthBytes)));
    },
    close: async () => {},
  };
}
