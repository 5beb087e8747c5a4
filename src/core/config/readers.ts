import type { Problem } from '../base/problem.ts';
import { type Millis, parseDuration } from '../base/time.ts';
import { suggest } from './suggest.ts';
import type { Entry, Spot, Tree } from './tree.ts';

/** Takes down what is wrong at a place. */
export type Note = (at: Spot, message: string) => void;

/** Reads a value of one shape; undefined when it has another, which is then noted. */
export type Reader<T> = (tree: Tree, note: Note) => T | undefined;

/** How many problems are kept; after that only their number. */
const PROBLEM_LIMIT = 200;

/** Collects problems in the order of their places. */
export class Notes {
  readonly #problems: Problem[] = [];
  #more = 0;

  readonly note: Note = ({ file, line, column, path }, message) => {
    if (this.#problems.length >= PROBLEM_LIMIT) this.#more += 1;
    else this.#problems.push({ file, line, column, ...(path === '' ? {} : { path }), message });
  };

  add(problems: readonly Problem[]): void {
    for (const problem of problems) {
      if (this.#problems.length >= PROBLEM_LIMIT) this.#more += 1;
      else this.#problems.push(problem);
    }
  }

  get problems(): readonly Problem[] {
    const sorted = this.#problems.toSorted(
      (a, b) => compareText(a.file, b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
    );
    return this.#more === 0 ? sorted : [...sorted, { message: `and ${this.#more} more problems` }];
  }
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What somebody wrote, for a sentence: `the text "abc"`. */
export function describe(tree: Tree): string {
  if (tree.kind === 'map') return 'a map';
  if (tree.kind === 'list') return 'a list';
  if (tree.value === null) return 'nothing';
  if (typeof tree.value !== 'string') return `${tree.text || String(tree.value)}`;
  return `the text ${JSON.stringify(tree.value.length > 60 ? `${tree.value.slice(0, 60)}…` : tree.value)}`;
}

/** A text; a number or boolean stands for itself as written, as in Prometheus' and Alertmanager's files. */
export const text: Reader<string> = (tree, note) => {
  if (tree.kind === 'scalar' && tree.value !== null) return tree.text;
  note(tree, `expected a text, found ${describe(tree)}`);
  return undefined;
};

/** A text with at least one character. */
export const fullText: Reader<string> = (tree, note) => {
  const value = text(tree, note);
  if (value !== '') return value;
  note(tree, 'must not be empty');
  return undefined;
};

export const number: Reader<number> = (tree, note) => {
  if (tree.kind === 'scalar' && typeof tree.value === 'number' && Number.isFinite(tree.value)) return tree.value;
  note(tree, `expected a number, found ${describe(tree)}`);
  return undefined;
};

export function integer(least: number, most: number): Reader<number> {
  return (tree, note) => {
    const value = tree.kind === 'scalar' ? tree.value : null;
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
    note(tree, `expected a whole number from ${least} to ${most}, found ${describe(tree)}`);
    return undefined;
  };
}

export const boolean: Reader<boolean> = (tree, note) => {
  if (tree.kind === 'scalar' && typeof tree.value === 'boolean') return tree.value;
  note(tree, `expected true or false, found ${describe(tree)}`);
  return undefined;
};

/** A length of time as Prometheus writes it. */
export const duration: Reader<Millis> = (tree, note) => {
  const value = tree.kind === 'scalar' && tree.value !== null ? parseDuration(tree.text) : null;
  if (value !== null) return value;
  const hint = tree.kind === 'scalar' && typeof tree.value === 'number' ? ' (a unit is missing)' : '';
  note(tree, `expected a duration such as 30s, 5m or 1h30m, found ${describe(tree)}${hint}`);
  return undefined;
};

/** A length of time that is not zero. */
export const positiveDuration: Reader<Millis> = (tree, note) => {
  const value = duration(tree, note);
  if (value !== 0) return value;
  note(tree, 'must be longer than 0');
  return undefined;
};

/** As Prometheus reads sizes: `MB` is another word for `MiB`. */
const SIZE_UNITS: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1024,
  KB: 1024,
  KiB: 1024,
  MB: 1024 ** 2,
  MiB: 1024 ** 2,
  GB: 1024 ** 3,
  GiB: 1024 ** 3,
  TB: 1024 ** 4,
  TiB: 1024 ** 4,
};

/** A number of bytes: 65536, 500kB, 10MB, 1MiB; a kB has 1024. */
export const size: Reader<number> = (tree, note) => {
  const match = tree.kind === 'scalar' ? /^(\d{1,15}) ?([A-Za-z]{0,3})$/.exec(tree.text) : null;
  const unit = match === null ? undefined : SIZE_UNITS[match[2] ?? ''];
  if (match !== null && unit !== undefined) return Number(match[1]) * unit;
  note(tree, `expected a size such as 65536, 10MB or 1MiB, found ${describe(tree)}`);
  return undefined;
};

/** One of a few words. */
export function oneOf<T extends string>(...words: readonly T[]): Reader<T> {
  return (tree, note) => {
    const found = tree.kind === 'scalar' ? words.find((word) => word === tree.text) : undefined;
    if (found !== undefined) return found;
    const hint = tree.kind === 'scalar' ? suggest(tree.text, words) : '';
    note(tree, `expected ${listed(words)}, found ${describe(tree)}${hint}`);
    return undefined;
  };
}

/** `a, b or c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

export function listOf<T>(item: Reader<T>): Reader<readonly T[]> {
  return (tree, note) => {
    if (tree.kind !== 'list') {
      note(tree, `expected a list, found ${describe(tree)}`);
      return undefined;
    }
    const values = tree.items.map((each) => item(each, note));
    return values.every((value) => value !== undefined) ? values : undefined;
  };
}

/** A list, or one value that stands for a list of one. */
export function oneOrMore<T>(item: Reader<T>): Reader<readonly T[]> {
  return (tree, note) => {
    if (tree.kind === 'list') return listOf(item)(tree, note);
    const value = item(tree, note);
    return value === undefined ? undefined : [value];
  };
}

/** A map with free keys: each value is read with its key. */
export function mapOf<T>(item: (entry: Entry, note: Note) => T | undefined): Reader<ReadonlyMap<string, T>> {
  return (tree, note) => {
    if (tree.kind !== 'map') {
      note(tree, `expected a map, found ${describe(tree)}`);
      return undefined;
    }
    const values = new Map<string, T>();
    for (const entry of tree.entries) {
      const value = item(entry, note);
      if (value !== undefined) values.set(entry.key, value);
    }
    return values.size === tree.entries.length ? values : undefined;
  };
}

interface Field<T> {
  readonly read: Reader<T>;
  readonly required: boolean;
  readonly fallback: T | undefined;
}

export function required<T>(read: Reader<T>): Field<T> {
  return { read, required: true, fallback: undefined };
}

export function optional<T, D>(read: Reader<T>, fallback: D): Field<T | D> {
  return { read, required: false, fallback };
}

type Shape<F> = { readonly [K in keyof F]: F[K] extends Field<infer T> ? T : never };
type Fields = Readonly<Record<string, Field<unknown>>>;

/** A map with known keys. Keys that are planned but not built are refused as such, others as unknown. */
export function record<F extends Fields>(fields: F, planned: readonly string[] = []): Reader<Shape<F>> {
  return (tree, note) => {
    if (tree.kind !== 'map') {
      note(tree, `expected a map with ${Object.keys(fields).join(', ')}, found ${describe(tree)}`);
      return undefined;
    }
    const given = new Map(tree.entries.map((entry) => [entry.key, entry]));
    let whole = noteStrangers(tree.entries, fields, planned, note);
    const values: Record<string, unknown> = {};
    for (const [name, field] of Object.entries(fields)) {
      const entry = given.get(name);
      if (entry === undefined && field.required) note(tree, `${name} is missing`);
      values[name] = entry === undefined ? field.fallback : field.read(entry.value, note);
      if (values[name] === undefined) whole = false;
    }
    return whole ? (values as Shape<F>) : undefined;
  };
}

function noteStrangers(entries: readonly Entry[], fields: Fields, planned: readonly string[], note: Note): boolean {
  let whole = true;
  for (const { key, at } of entries) {
    if (Object.hasOwn(fields, key)) continue;
    whole = false;
    if (planned.includes(key)) note(at, `${key} is not supported by this version`);
    else note(at, `unknown key ${JSON.stringify(key)}${suggest(key, Object.keys(fields))}`);
  }
  return whole;
}
