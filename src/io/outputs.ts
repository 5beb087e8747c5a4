import { access, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutputPiece } from './output/frame.ts';
import { appendToLive, type LiveFile, openLiveFile, readLive } from './output/live-file.ts';
import { openPackedFile, type PackedFile, packFile, readPacked, unpackFile } from './output/packed-file.ts';

/**
 * The outputs of runs, one file each. What was appended survives the death of the process at once; the medium has it, and a power cut
 * cannot take it, when the run was finished.
 */
export interface Outputs {
  /** Gives the length afterwards. Bytes that are there already are passed over; a piece after a gap is not taken. */
  append(run: string, piece: OutputPiece): Promise<number>;
  length(run: string): Promise<number>;
  /** The next pieces from exactly this byte on, about `limitBytes` of them; empty where there is nothing (yet). */
  read(run: string, from: number, limitBytes: number): Promise<readonly OutputPiece[]>;
  /** Calls back after something was appended. */
  watch(run: string, listener: () => void): () => void;
  /** Compresses the output of a run that has ended. What still comes is taken all the same. */
  finish(run: string): Promise<void>;
  /** The runs whose output is not compressed. */
  unfinished(): Promise<readonly string[]>;
  remove(run: string): Promise<void>;
  close(): Promise<void>;
}

/** Files kept open; the one used longest ago is closed. */
const MOST_OPEN = 64;
const RUN = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/;

type OutputFile = LiveFile | PackedFile;

/** Opens the outputs in a folder, which is made when it is missing. */
export async function openOutputs(folder: string): Promise<Outputs> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // What death left half made.
  for (const name of await readdir(folder)) if (name.endsWith('.tmp')) await rm(join(folder, name), { force: true });
  const files = new OutputFiles(folder);
  const listeners = new Map<string, Set<() => void>>();
  return {
    append: async (run, piece) => {
      const { length, taken } = await files.use(run, (file) => append(files, run, file, piece));
      if (taken) for (const listener of listeners.get(run) ?? []) listener();
      return length;
    },
    length: (run) => files.use(run, async (file) => file?.length ?? 0),
    read: (run, from, limitBytes) =>
      files.use(run, async (file) => {
        if (file === null) return [];
        return file.kind === 'live' ? readLive(file, from, limitBytes) : readPacked(file, from, limitBytes);
      }),
    watch: (run, listener) => {
      const mine = listeners.get(run) ?? new Set();
      listeners.set(run, mine.add(listener));
      return () => {
        mine.delete(listener);
        if (mine.size === 0) listeners.delete(run);
      };
    },
    finish: (run) =>
      files.use(run, async (file) => {
        if (file?.kind === 'live') await files.pack(run, file);
      }),
    unfinished: async () => (await readdir(folder)).flatMap((name) => (name.endsWith('.out') ? [name.slice(0, -'.out'.length)] : [])),
    remove: (run) => files.use(run, () => files.remove(run)),
    close: () => files.close(),
  };
}

async function append(
  files: OutputFiles,
  run: string,
  file: OutputFile | null,
  piece: OutputPiece,
): Promise<{ readonly length: number; readonly taken: boolean }> {
  const length = file?.length ?? 0;
  const bytes = piece.offset > length ? new Uint8Array() : piece.bytes.subarray(length - piece.offset);
  if (bytes.length === 0) return { length, taken: false };
  const live = await files.live(run, file);
  await appendToLive(live, { ...piece, bytes });
  return { length: live.length, taken: true };
}

/** The files by their runs: a few of them open, each used by one at a time. */
class OutputFiles {
  readonly #folder: string;
  readonly #open = new Map<string, OutputFile>();
  /** The end of the queue of each run that is in use. */
  readonly #queues = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Waits for its turn; null: the run has no output. */
  async use<T>(run: string, work: (file: OutputFile | null) => Promise<T>): Promise<T> {
    if (!RUN.test(run)) throw new Error('no id of a run');
    const before = this.#queues.get(run);
    let leave = (): void => {};
    const turn = new Promise<void>((resolve) => {
      leave = resolve;
    });
    this.#queues.set(run, turn);
    await before;
    try {
      return await work(await this.#find(run));
    } finally {
      if (this.#queues.get(run) === turn) this.#queues.delete(run);
      leave();
      await this.#closeSome();
    }
  }

  /** A file that can be appended to, made from what there is. */
  async live(run: string, file: OutputFile | null): Promise<LiveFile> {
    if (file?.kind === 'live') return file;
    const path = this.#path(run, 'live');
    if (file !== null) {
      await unpackFile(file, path);
      await this.#forget(run);
      await rm(this.#path(run, 'packed'), { force: true });
    }
    const opened = await openLiveFile(path);
    this.#open.set(run, opened);
    return opened;
  }

  async pack(run: string, file: LiveFile): Promise<void> {
    await packFile(file, this.#path(run, 'packed'));
    await this.#forget(run);
    await rm(this.#path(run, 'live'), { force: true });
  }

  async remove(run: string): Promise<void> {
    await this.#forget(run);
    for (const kind of ['live', 'packed'] as const) await rm(this.#path(run, kind), { force: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.values());
    await Promise.all(Array.from(this.#open.keys(), (run) => this.#forget(run)));
  }

  /** A run's id becomes a name without any way out of the folder. */
  #path(run: string, kind: OutputFile['kind']): string {
    return join(this.#folder, kind === 'live' ? `${run}.out` : `${run}.packed`);
  }

  async #find(run: string): Promise<OutputFile | null> {
    const known = this.#open.get(run);
    const file = known ?? (await this.#openFound(run));
    if (file === null) return null;
    this.#open.delete(run);
    this.#open.set(run, file);
    return file;
  }

  /** Both forms stand there when death came between making one and removing the other: then they hold the same, or the live one more. */
  async #openFound(run: string): Promise<OutputFile | null> {
    const packed = await openPackedFile(this.#path(run, 'packed'));
    if (!(await exists(this.#path(run, 'live')))) return packed;
    const live = await openLiveFile(this.#path(run, 'live'));
    if (packed === null) return live;
    const [better, worse] = live.length > packed.length ? [live, packed] : [packed, live];
    await worse.handle.close();
    await rm(this.#path(run, worse.kind), { force: true });
    return better;
  }

  async #forget(run: string): Promise<void> {
    const file = this.#open.get(run);
    this.#open.delete(run);
    await file?.handle.close();
  }

  async #closeSome(): Promise<void> {
    for (const run of this.#open.keys()) {
      if (this.#open.size <= MOST_OPEN) return;
      if (!this.#queues.has(run)) await this.#forget(run);
    }
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
