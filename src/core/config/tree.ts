import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type ParsedNode, parseDocument } from 'yaml';
import type { Problem } from '../base/problem.ts';

/** A file of the configuration and what stands in it. */
export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/** A place in a configuration file; line and column count from 1. */
export interface Spot {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `rules.cpu.warning.above`; empty at the top. */
  readonly path: string;
}

export interface Entry {
  readonly key: string;
  readonly at: Spot;
  readonly value: Tree;
}

/** A YAML document as plain nested values that know where they stand; aliases are already followed. */
export type Tree = MapTree | ListTree | ScalarTree;

interface MapTree extends Spot {
  readonly kind: 'map';
  readonly entries: readonly Entry[];
}

interface ListTree extends Spot {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

interface ScalarTree extends Spot {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written: `08`, `1.0`. */
  readonly text: string;
}

/** The longest file, in UTF-16 code units; the most values in one, counted after aliases are followed; the deepest nesting. */
const TEXT_LIMIT = 1_000_000;
const NODE_LIMIT = 200_000;
const DEPTH_LIMIT = 60;

/** Reads one YAML file. Tags, several documents, duplicate keys and keys that are not plain text are problems; null when any is there. */
export function parseTree(file: ConfigFile): { readonly tree: Tree | null; readonly problems: readonly Problem[] } {
  if (file.text.length > TEXT_LIMIT) {
    return { tree: null, problems: [{ file: file.path, line: 1, column: 1, message: `the file is longer than ${TEXT_LIMIT} characters` }] };
  }
  const lines = new LineCounter();
  const builder = new TreeBuilder(file, lines);
  let document: Document.Parsed;
  try {
    document = parseDocument(file.text, {
      lineCounter: lines,
      prettyErrors: false,
      schema: 'core',
      version: '1.2',
      merge: false,
      uniqueKeys: false,
    });
  } catch {
    // The parser is recursive: only nesting beyond all reason ends here.
    return { tree: null, problems: [{ file: file.path, line: 1, column: 1, message: NESTED }] };
  }
  for (const { message, pos, code } of [...document.errors, ...document.warnings]) {
    builder.report(pos[0], '', message.includes('call stack') ? NESTED : (SAID[code] ?? message));
  }
  if (builder.problems.length > 0) return { tree: null, problems: builder.problems };
  const tree = builder.build(document.contents, '', 0);
  return { tree: builder.problems.length === 0 ? tree : null, problems: builder.problems };
}

const NESTED = 'values are nested too deeply';
const SAID: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: 'a second document (---) begins here: a file holds one',
  TAG_RESOLVE_FAILED: 'tags are not supported',
};

class TreeBuilder {
  readonly problems: Problem[] = [];
  readonly #file: string;
  readonly #lines: LineCounter;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #count = 0;

  constructor(file: ConfigFile, lines: LineCounter) {
    this.#file = file.path;
    this.#lines = lines;
  }

  report(offset: number, path: string, message: string): void {
    const { file, line, column } = this.#spot(offset, path);
    this.problems.push({ file, line, column, ...(path === '' ? {} : { path }), message });
  }

  build(node: ParsedNode | Node | null, path: string, depth: number): Tree | null {
    const offset = node?.range?.[0] ?? 0;
    const spot = this.#spot(offset, path);
    this.#count += 1;
    if (this.#count > NODE_LIMIT || depth > DEPTH_LIMIT) {
      if (this.problems.length === 0) this.report(offset, path, 'too many values, or nested too deeply');
      return null;
    }
    if (node === null) return { ...spot, kind: 'scalar', value: null, text: '' };
    if (isAlias(node)) return this.#follow(node.source, offset, { path, depth });
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')) this.report(offset, path, 'tags are not supported');
    if (isScalar(node)) return this.#scalar(node.value, node.source, spot);
    this.#open.add(node);
    const tree = isSeq(node) ? this.#list(node.items, spot, depth) : isMap(node) ? this.#map(node.items, spot, depth) : null;
    this.#open.delete(node);
    return tree;
  }

  #follow(anchor: string, offset: number, at: { readonly path: string; readonly depth: number }): Tree | null {
    const target = this.#anchors.get(anchor);
    if (target === undefined || this.#open.has(target)) {
      this.report(offset, at.path, target === undefined ? `no anchor &${anchor} stands before` : `&${anchor} contains itself`);
      return null;
    }
    return this.build(target, at.path, at.depth + 1);
  }

  #scalar(value: unknown, source: string | undefined, spot: Spot): ScalarTree {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
    return { ...spot, kind: 'scalar', value: plain, text: typeof plain === 'string' ? plain : (source ?? '') };
  }

  #list(nodes: readonly unknown[], spot: Spot, depth: number): ListTree {
    const items: Tree[] = [];
    for (const [index, node] of nodes.entries()) {
      const item = this.build(asNode(node), `${spot.path}[${index}]`, depth + 1);
      if (item !== null) items.push(item);
    }
    return { ...spot, kind: 'list', items };
  }

  #map(pairs: readonly { readonly key: unknown; readonly value: unknown }[], spot: Spot, depth: number): MapTree {
    const entries: Entry[] = [];
    const keys = new Set<string>();
    for (const pair of pairs) {
      const keyNode = asNode(pair.key);
      const offset = keyNode?.range?.[0] ?? 0;
      if (!isScalar(keyNode) || keyNode.value === null || keyNode.value === '') {
        this.report(offset, spot.path, 'a key must be a text');
        continue;
      }
      const key = typeof keyNode.value === 'string' ? keyNode.value : (keyNode.source ?? '');
      const path = spot.path === '' ? key : `${spot.path}.${key}`;
      if (keys.has(key)) this.report(offset, path, 'this key is already there');
      keys.add(key);
      const value = this.build(asNode(pair.value), path, depth + 1);
      const at = this.#spot(offset, path);
      // What is said of a value on the lines below its key, or of none, is said of the key.
      if (value !== null) entries.push({ key, at, value: value.line !== at.line || isEmpty(value) ? { ...value, ...at } : value });
    }
    return { ...spot, kind: 'map', entries };
  }

  #spot(offset: number, path: string): Spot {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#file, line: Math.max(line, 1), column: Math.max(col, 1), path };
  }
}

function asNode(value: unknown): Node | null {
  return isScalar(value) || isSeq(value) || isMap(value) || isAlias(value) ? value : null;
}

function isEmpty(tree: Tree): boolean {
  return tree.kind === 'scalar' && tree.value === null;
}

/** The entry of a map with that key. */
export function entryOf(tree: Tree, key: string): Entry | undefined {
  return tree.kind === 'map' ? tree.entries.find((entry) => entry.key === key) : undefined;
}

/** The items of a list; none for anything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}

/** Where the value with that key stands, or the map when it has none: where to point at. */
export function spotOf(tree: Tree, key: string): Spot {
  return entryOf(tree, key)?.value ?? tree;
}
