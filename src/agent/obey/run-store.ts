import { join } from 'node:path';
import { z } from 'zod';
import type { Millis } from '../../core/base/time.ts';
import type { Files, OpenFile } from '../../io/files.ts';
import { Fact, RunFile } from './run-file.ts';
import { type Finished, KnownRun } from './known-run.ts';
import type { RunOrder } from './refuse.ts';
import { SCRIPT_SUFFIX } from './script.ts';

const SUFFIX = '.run';
const MEMORY = 'settled';
/** So many runs are remembered after the server has taken everything: their orders are not executed again. */
const MOST_SETTLED = 10_000;
const MOST_MEMORY_BYTES = 32 << 20;

const Settled = z.object({ run: z.string(), fence: z.number(), action: z.string(), at: z.number(), finished: Fact });
type Settled = z.infer<typeof Settled>;

/** The folder in which every order stands before its process is started: one file a run, and the memory of those that are over. */
export class RunStore {
  readonly #files: Files;
  readonly #folder: string;
  readonly #settled = new Map<string, Settled>();
  #folderHandle: OpenFile | null = null;
  #memory: OpenFile | null = null;
  #memoryLines = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(files: Files, folder: string) {
    this.#files = files;
    this.#folder = folder;
  }

  /** Gives the runs that an earlier program left, oldest first. */
  async load(): Promise<readonly KnownRun[]> {
    await this.#files.makeFolder(this.#folder);
    // Windows has no such handle, and needs none.
    this.#folderHandle = await this.#files.open(this.#folder, 'read').catch(() => null);
    await this.#loadMemory();
    const runs: KnownRun[] = [];
    for (const entry of await this.#files.list(this.#folder)) {
      if (entry.name.endsWith(SCRIPT_SUFFIX)) await this.#files.remove(join(this.#folder, entry.name));
      if (entry.kind !== 'file' || !entry.name.endsWith(SUFFIX)) continue;
      const known = await this.#loadRun(entry.name);
      if (known !== null) runs.push(known);
    }
    return runs.sort((a, b) => a.acceptedAt - b.acceptedAt);
  }

  /** Returns when the order is on the medium; rejects when it cannot be kept, and then nothing is. */
  async accept(order: RunOrder, at: Millis): Promise<KnownRun> {
    const file = new RunFile(this.#files, join(this.#folder, `${order.run}${SUFFIX}`));
    try {
      await file.appendFact({ type: 'accepted', run: order.run, fence: order.fence, action: order.action, at }, at);
      await Promise.all([file.sync(), this.#folderHandle?.sync()]);
    } catch (error) {
      await file.remove().catch(() => {});
      throw error;
    }
    return new KnownRun(order, at, file);
  }

  /** What became of a run that the server has taken; null: not remembered. */
  recall(order: RunOrder): KnownRun | null {
    const settled = this.#settled.get(order.run);
    if (settled === undefined || settled.finished.type !== 'finished') return null;
    const known = new KnownRun(settled, settled.at, null);
    known.finished = settled.finished;
    return known;
  }

  /** The server has everything: only the outcome is remembered. */
  async settle(known: KnownRun): Promise<void> {
    if (known.finished !== null && !this.#settled.has(known.run)) {
      const { run, fence, action, acceptedAt: at, finished } = known;
      await this.#remember({ run, fence, action, at, finished });
    }
    await known.file?.remove();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#folderHandle?.close();
    await this.#memory?.close();
  }

  async #loadRun(name: string): Promise<KnownRun | null> {
    const file = new RunFile(this.#files, join(this.#folder, name));
    const facts = await file.load();
    const [accepted] = facts;
    if (accepted?.type !== 'accepted' || `${accepted.run}${SUFFIX}` !== name || this.#settled.has(accepted.run)) {
      await file.remove();
      return null;
    }
    const known = new KnownRun(accepted, accepted.at, file);
    for (const fact of facts) {
      if (fact.type === 'started')
        known.started = { at: fact.at, identity: { pid: fact.pid, startedTicks: fact.startedTicks, boot: fact.boot } };
      else if (fact.type === 'fence') known.fence = fact.fence;
      else if (fact.type === 'finished') known.finished = fact;
    }
    await file.close();
    return known;
  }

  async #loadMemory(): Promise<void> {
    const path = join(this.#folder, MEMORY);
    const text = (await this.#files.state(path)) === null ? '' : await this.#files.readText(path, MOST_MEMORY_BYTES).catch(() => '');
    for (const line of text.split('\n')) {
      const settled = parseSettled(line);
      if (settled !== null) this.#keep(settled);
    }
    await this.#rewriteMemory();
  }

  #keep(settled: Settled): void {
    this.#settled.delete(settled.run);
    this.#settled.set(settled.run, settled);
    for (const oldest of this.#settled.keys()) {
      if (this.#settled.size <= MOST_SETTLED) break;
      this.#settled.delete(oldest);
    }
  }

  /** One after the other. */
  #remember(settled: Settled): Promise<void> {
    this.#keep(settled);
    const written = this.#writing.then(() => this.#writeSettled(settled));
    this.#writing = written.catch(() => {});
    return written;
  }

  async #writeSettled(settled: Settled): Promise<void> {
    if (this.#memory === null || this.#memoryLines >= 2 * MOST_SETTLED) {
      await this.#rewriteMemory();
      return;
    }
    await this.#memory.append(Buffer.from(`${formatSettled(settled)}\n`));
    await this.#memory.sync();
    this.#memoryLines += 1;
  }

  async #rewriteMemory(): Promise<void> {
    const path = join(this.#folder, MEMORY);
    await this.#memory?.close();
    this.#memory = null;
    const lines = [...this.#settled.values()].map((settled) => `${formatSettled(settled)}\n`);
    await this.#files.writeWhole(path, Buffer.from(lines.join('')));
    this.#memory = await this.#files.open(path, 'append');
    this.#memoryLines = lines.length;
  }
}

/** Messages are cut, so that the memory stays small. */
function formatSettled(settled: Settled): string {
  const finished = settled.finished as Finished;
  return JSON.stringify({ ...settled, finished: { ...finished, message: finished.message.slice(0, 500) } });
}

function parseSettled(line: string): Settled | null {
  if (line === '') return null;
  try {
    const parsed = Settled.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
