import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What vite's manifest says of a source that begins a file of its own. */
interface Entry {
  readonly file: string;
  readonly src?: string;
  readonly isEntry?: boolean;
  readonly isDynamicEntry?: boolean;
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
  readonly css?: readonly string[];
}

/** How many bytes a browser loads, compressed with brotli. */
export interface PageSize {
  /** Before anything is shown, on every page. */
  readonly first: number;
  /** The page that loads most in all, the first load included, and how much that is. */
  readonly largest: { readonly page: string; readonly bytes: number };
  /** The editor of Explore, which is loaded while its page already works: what it brings beyond that page. */
  readonly editor: number;
}

/** The bounds, in bytes: see docs/decisions/explore.md. */
export const LIMITS = { first: 200_000, page: 300_000, editor: 140_000 } as const;

const EDITOR = /\/promql-editor\.tsx$/;

/** Measures a built page, by which file needs which. */
export function measurePage(dist: string): PageSize {
  const manifest: Readonly<Record<string, Entry>> = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
  const entries = Object.entries(manifest);
  const start = entries.find(([, { isEntry }]) => isEntry === true);
  if (start === undefined) throw new Error('the manifest of the page has no entry');
  const html = readFileSync(join(dist, 'index.html'), 'utf8');
  const first = filesOf(manifest, [start[0]]);
  for (const [, { file, css = [] }] of entries) for (const name of [file, ...css]) if (html.includes(name)) first.add(name);
  first.add('index.html');
  const sizeOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + bytesOf(join(dist, file)), 0);
  const pages = entries
    .filter(([, { isDynamicEntry, src = '' }]) => isDynamicEntry === true && !EDITOR.test(src))
    .map(([key, { src = key }]) => ({ page: src, bytes: sizeOf(new Set([...first, ...filesOf(manifest, [key])])) }));
  const largest = pages.reduce((most, page) => (page.bytes > most.bytes ? page : most), { page: 'none', bytes: 0 });
  const editor = entries.find(([, { src = '' }]) => EDITOR.test(src))?.[0];
  const host = entries.find(([key, { dynamicImports = [] }]) => key !== start[0] && dynamicImports.some((name) => name === editor))?.[0];
  const there = new Set([...first, ...(host === undefined ? [] : filesOf(manifest, [host]))]);
  const beyond = editor === undefined ? [] : [...filesOf(manifest, [editor])].filter((file) => !there.has(file));
  return { first: sizeOf(first), largest, editor: sizeOf(beyond) };
}

/** Why the page is too large, null when it is not. */
export function whyTooLarge({ first, largest, editor }: PageSize): string | null {
  if (first > LIMITS.first) return `the first load has ${first} bytes compressed, more than ${LIMITS.first}`;
  if (largest.bytes > LIMITS.page) return `${largest.page} loads ${largest.bytes} bytes compressed, more than ${LIMITS.page}`;
  if (editor > LIMITS.editor) return `the editor of Explore has ${editor} bytes compressed, more than ${LIMITS.editor}`;
  return null;
}

/** The files that these sources need, without what they load later. */
function filesOf(manifest: Readonly<Record<string, Entry>>, keys: readonly string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const open = [...keys];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const entry = manifest[key];
    if (entry === undefined || seen.has(key)) continue;
    seen.add(key);
    for (const file of [entry.file, ...(entry.css ?? [])]) files.add(file);
    open.push(...(entry.imports ?? []));
  }
  return files;
}

function bytesOf(path: string): number {
  return statSync(existsSync(`${path}.br`) ? `${path}.br` : path).size;
}
