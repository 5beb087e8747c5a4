import { dirname, isAbsolute, join, sep } from 'node:path';
import type { Problem } from '../core/base/problem.ts';
import { type Attachment, type NeededFile, neededFiles } from '../core/config/attachments.ts';
import { includePatterns } from '../core/config/sections.ts';
import { type ConfigFile, parseTree, type Spot, type Tree } from '../core/config/tree.ts';
import { type FileEntry, fileErrorCode, type Files } from './files.ts';

/** What a configuration consists of, as it lies on disk: give it to `parseConfig`. */
export interface LoadedConfig {
  readonly files: readonly ConfigFile[];
  /** The files that recommendations and actions refer to. */
  readonly attachments: ReadonlyMap<string, Attachment>;
  readonly problems: readonly Problem[];
  /** The folders in which a change may change the configuration. */
  readonly folders: readonly string[];
}

const FILE_LIMIT_BYTES = 4 << 20;
const ATTACHMENT_LIMIT_BYTES = 1 << 20;
const FILES_LIMIT = 1_000;
/** How many folders one pattern may look into. */
const FOLDERS_LIMIT = 10_000;

/** Reads a configuration file, everything it includes (patterns relative to the file that names them), and what these refer to. */
export async function loadConfig(path: string, files: Files): Promise<LoadedConfig> {
  const loader = new Loader(files);
  await loader.read(path, null);
  return loader.result();
}

class Loader {
  readonly #door: Files;
  readonly #files = new Map<string, ConfigFile>();
  readonly #attachments = new Map<string, Attachment>();
  /** Of which attachments the text was read. */
  readonly #readTexts = new Set<string>();
  readonly #problems: Problem[] = [];
  readonly #folders = new Set<string>();

  constructor(door: Files) {
    this.#door = door;
  }

  result(): LoadedConfig {
    return { files: [...this.#files.values()], attachments: this.#attachments, problems: this.#problems, folders: [...this.#folders] };
  }

  /** `from`: who includes it; null for the first file. */
  async read(path: string, from: Spot | null): Promise<void> {
    if (this.#files.has(path)) return;
    this.#folders.add(dirname(path));
    if (this.#files.size >= FILES_LIMIT) {
      if (this.#files.size === FILES_LIMIT && from !== null) this.#note(from, `more than ${FILES_LIMIT} files`);
      return;
    }
    const text = await this.#readText(path, from);
    if (text === null) return;
    const file = { path, text };
    this.#files.set(path, file);
    // What is wrong with the text itself is found again, and said, by parseConfig.
    const { tree } = parseTree(file);
    if (tree === null) return;
    for (const needed of neededFiles(tree)) await this.#attach(needed);
    await this.#include(path, tree);
  }

  async #include(path: string, tree: Tree): Promise<void> {
    const patterns = includePatterns(tree);
    if (patterns === null) this.#note(tree, 'include: expected a list of file names or patterns such as [conf.d/*.yml]');
    for (const { pattern, at } of patterns ?? []) {
      const whole = isAbsolute(pattern) ? pattern : join(dirname(path), pattern);
      if (!/[*?]/.test(whole)) {
        await this.read(whole, at);
        continue;
      }
      const found = await this.#expand(whole, at);
      for (const each of found) await this.read(each, at);
    }
  }

  /** The files that a pattern names, in the order of their paths. */
  async #expand(pattern: string, at: Spot): Promise<readonly string[]> {
    const steps = pattern.split(/[/\\]/);
    const first = steps.findIndex((step) => /[*?]/.test(step));
    let folders = [steps.slice(0, first).join(sep) || (isAbsolute(pattern) ? sep : '.')];
    let looked = 0;
    for (const [index, step] of steps.slice(first).entries()) {
      const isLast = first + index === steps.length - 1;
      const next: string[] = [];
      for (const folder of folders) {
        looked += 1;
        if (looked > FOLDERS_LIMIT) {
          this.#note(at, `${pattern} looks into more than ${FOLDERS_LIMIT} folders`);
          return [];
        }
        this.#folders.add(folder);
        if (step === '**') next.push(...(await this.#below(folder)));
        else if (/[*?]/.test(step)) next.push(...(await this.#matching(folder, step, isLast)));
        else next.push(join(folder, step));
      }
      folders = next;
    }
    return folders.toSorted();
  }

  async #matching(folder: string, step: string, wantsFile: boolean): Promise<readonly string[]> {
    const body = step
      .replaceAll(/[\\^$.|+()[\]{}]/g, '\\$&')
      .replaceAll('*', '[^]*')
      .replaceAll('?', '[^]');
    const name = new RegExp(`^${body}$`);
    const entries = (await this.#list(folder)).filter(
      (entry) => name.test(entry.name) && (step.startsWith('.') || !entry.name.startsWith('.')),
    );
    const found: string[] = [];
    for (const entry of entries) {
      const path = join(folder, entry.name);
      // Mounted configuration often is made of links.
      const kind = entry.kind === 'link' ? ((await this.#door.state(path))?.kind ?? 'other') : entry.kind;
      if (kind === (wantsFile ? 'file' : 'folder')) found.push(path);
    }
    return found;
  }

  /** A folder and all folders below it; links are not followed, so that there are no circles. */
  async #below(folder: string): Promise<readonly string[]> {
    const all = [folder];
    for (let at = 0; at < all.length && all.length <= FOLDERS_LIMIT; at += 1) {
      const here = all[at] ?? folder;
      const inside = (await this.#list(here)).filter((entry) => entry.kind === 'folder' && !entry.name.startsWith('.'));
      all.push(...inside.map(({ name }) => join(here, name)));
    }
    return all;
  }

  async #list(folder: string): Promise<readonly FileEntry[]> {
    try {
      return await this.#door.list(folder);
    } catch {
      return [];
    }
  }

  async #attach({ path, content }: NeededFile): Promise<void> {
    if (this.#attachments.has(path) && (!content || this.#readTexts.has(path))) return;
    if (content) this.#readTexts.add(path);
    this.#folders.add(dirname(path));
    try {
      const state = await this.#door.state(path);
      if (state === null) this.#attachments.set(path, { problem: 'no such file' });
      else if (state.kind !== 'file') this.#attachments.set(path, { problem: 'not a file' });
      else this.#attachments.set(path, { text: content ? await this.#door.readText(path, ATTACHMENT_LIMIT_BYTES) : '' });
    } catch (error) {
      this.#attachments.set(path, { problem: whyUnreadable(error) });
    }
  }

  async #readText(path: string, from: Spot | null): Promise<string | null> {
    try {
      return (await this.#door.readText(path, FILE_LIMIT_BYTES)).replace(/^\uFEFF/, '');
    } catch (error) {
      const message = whyUnreadable(error);
      if (from === null) this.#problems.push({ file: path, message });
      else this.#note(from, `${path}: ${message}`);
      return null;
    }
  }

  #note({ file, line, column }: Spot, message: string): void {
    this.#problems.push({ file, line, column, path: 'include', message });
  }
}

function whyUnreadable(error: unknown): string {
  const code = fileErrorCode(error);
  if (code === 'ENOENT') return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'may not be read';
  if (code === 'EISDIR') return 'is a folder';
  return error instanceof Error ? error.message : String(error);
}
