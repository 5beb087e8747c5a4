import type { Labels } from '../base/labels.ts';
import type { CompiledMatcher } from '../promql/matcher.ts';
import { encodeLabels } from '../wire/encode-write.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { ByteTable } from './byte-table.ts';
import type { LabelReader } from './label-reader.ts';
import { allRefs, intersect, subtract } from './ref-set.ts';

/** Numbers in ascending order. */
class RefList {
  size = 2;
  refs: Uint32Array;
  constructor(first: number, second: number) {
    this.refs = new Uint32Array(4);
    this.refs[0] = first;
    this.refs[1] = second;
  }
  add(ref: number): void {
    if (this.size === this.refs.length) {
      const more = new Uint32Array(this.size * 2);
      more.set(this.refs);
      this.refs = more;
    }
    this.refs[this.size++] = ref;
  }
}

const KEPT_LIMIT = 200_000;

/** Something and how often it occurs. */
export interface Counted {
  readonly name: string;
  readonly value: number;
}

/** A label name and the numbers of its pairs. */
interface Name {
  readonly text: string;
  readonly pairs: number[];
}

/**
 * From label name and value to the series that have it: postings in ascending order of series number. Pairs are kept as bytes; their
 * texts are made when they are first asked for.
 */
export class LabelIndex {
  private readonly pairs: ByteTable;
  /** Per pair: its only series, or all of them. */
  private readonly lists: (number | RefList)[] = [];
  private readonly values: (string | undefined)[] = [];
  /** How many texts of values are kept; the rest is made again each time. */
  private kept = 0;
  /** Per pair: its label. */
  private readonly nameOf: Name[] = [];
  private readonly names = new Map<string, Name>();
  /** The pairs of the label set that was asked about last, -1 for new ones. */
  private found: Int32Array = new Int32Array(64);

  constructor(seed: number) {
    this.pairs = new ByteTable(seed);
  }

  /** Are all texts of this label set (in canonical form) that the index has not seen before valid UTF-8? `add` may follow. */
  allows(labels: LabelReader, view: DataView): boolean {
    if (this.found.length < labels.count) this.found = new Int32Array(labels.count * 2);
    for (let i = 0; i < labels.count; i += 1) {
      const from = labels.bodyFrom[i] ?? 0;
      const pair = this.pairs.find(view, from, (labels.valueTo[i] ?? 0) - from);
      this.found[i] = pair;
      if (pair >= 0) continue;
      if (decodeUtf8(labels.bytes, labels.nameFrom[i] ?? 0, labels.nameTo[i] ?? 0) === null) return false;
      if (decodeUtf8(labels.bytes, labels.valueFrom[i] ?? 0, labels.valueTo[i] ?? 0) === null) return false;
    }
    return true;
  }

  /** Adds a series with the label set that `allows` was asked about last; its number is above all that were added before. */
  add(ref: number, labels: LabelReader, view: DataView): void {
    for (let i = 0; i < labels.count; i += 1) {
      const pair = this.found[i] ?? -1;
      if (pair < 0) this.addPair(ref, labels, i, view);
      else {
        const list = this.lists[pair] ?? ref;
        if (typeof list === 'number') this.lists[pair] = new RefList(list, ref);
        else list.add(ref);
      }
    }
  }

  /** The label set that was read, in canonical form, with the texts that all series share. */
  texts(labels: LabelReader, view: DataView): Labels {
    const entries: [string, string][] = [];
    for (let i = 0; i < labels.count; i += 1) {
      const from = labels.bodyFrom[i] ?? 0;
      const pair = this.pairs.find(view, from, (labels.valueTo[i] ?? 0) - from);
      entries.push([this.nameOf[pair]?.text ?? '', this.value(pair)]);
    }
    return Object.fromEntries(entries);
  }

  /** The text of the value of one label of the set that was read. */
  valueText(labels: LabelReader, i: number, view: DataView): string {
    const from = labels.bodyFrom[i] ?? 0;
    const pair = this.pairs.find(view, from, (labels.valueTo[i] ?? 0) - from);
    return pair < 0 ? '' : this.value(pair);
  }

  /** Label names in use, sorted. */
  labelNames(): string[] {
    return [...this.names.keys()].sort();
  }

  /** Values of one label in use, sorted. */
  labelValues(name: string): string[] {
    return (this.names.get(name)?.pairs ?? []).map((pair) => this.value(pair)).sort();
  }

  /** The labels with the most values, and the pairs with the most series, of one label or of all; the largest first. */
  largest(limit: number, label?: string): { readonly labels: readonly Counted[]; readonly pairs: readonly Counted[] } {
    const top: (readonly [pair: number, series: number, name: string])[] = [];
    const room = 2 * limit + 64;
    let least = 0;
    // Sorted now and then only: a long list would be moved for every pair else.
    const shorten = (): void => {
      top.sort((x, y) => y[1] - x[1]);
      top.length = Math.min(top.length, limit);
      if (top.length === limit) least = top[limit - 1]?.[1] ?? 0;
    };
    for (const { text, pairs } of this.names.values()) {
      if (label !== undefined && text !== label) continue;
      for (const pair of pairs) {
        const list = this.lists[pair] ?? 0;
        const size = typeof list === 'number' ? 1 : list.size;
        if (size <= least) continue;
        top.push([pair, size, text]);
        if (top.length === room) shorten();
      }
    }
    shorten();
    const labels = [...this.names.values()]
      .map(({ text, pairs }) => ({ name: text, value: pairs.length }))
      .sort((x, y) => y.value - x.value);
    const named = ([pair, size, name]: (typeof top)[number]): Counted => ({
      name: label === undefined ? `${name}=${this.value(pair)}` : this.value(pair),
      value: size,
    });
    return { labels: labels.slice(0, limit), pairs: top.map(named) };
  }

  /** The labels whose values are the longest, all of one label taken together, in bytes. */
  longest(limit: number): readonly Counted[] {
    const sizes = [...this.names.values()].map(({ text, pairs }) => {
      const [first] = pairs;
      // Before every value of a label stands the same, but for the length of the value, which is part of the rest.
      const before = first === undefined ? 0 : valueLengthFrom(this.pairs.bytes(first));
      let value = 0;
      for (const pair of pairs) value += withoutLength(this.pairs.sizeOf(pair) - before);
      return { name: text, value };
    });
    return sizes.sort((x, y) => y.value - x.value).slice(0, limit);
  }

  /** The numbers of the series below `total` that satisfy every matcher, ascending. */
  select(matchers: readonly CompiledMatcher[], total: number): Uint32Array {
    const wanted: Uint32Array[] = [];
    const unwanted: Uint32Array[] = [];
    for (const matcher of matchers) {
      // A label that is absent is '': who accepts that is told by whom he does not accept.
      if (matcher.test('')) unwanted.push(this.matching(matcher, false));
      else wanted.push(this.matching(matcher, true));
    }
    wanted.sort((a, b) => a.length - b.length);
    let refs = wanted[0] ?? allRefs(total);
    for (const list of wanted.slice(1)) refs = intersect(refs, list);
    for (const list of unwanted) if (list.length > 0) refs = subtract(refs, list);
    return refs;
  }

  get pairCount(): number {
    return this.pairs.count;
  }

  /** What the index occupies, about. */
  get memoryBytes(): number {
    let total = this.pairs.memoryBytes + this.lists.length * 16;
    for (const list of this.lists) if (typeof list !== 'number') total += 64 + list.refs.byteLength;
    return total;
  }

  /** The series whose value of the label is accepted (or is there and refused) by the matcher. */
  private matching(matcher: CompiledMatcher, accepted: boolean): Uint32Array {
    const name = this.names.get(matcher.name);
    if (name === undefined) return new Uint32Array(0);
    const pairs: number[] = [];
    const { literals } = matcher;
    if (literals !== null && accepted === (matcher.op === '=' || matcher.op === '=~')) {
      for (const text of literals) {
        const pair = this.pairOf(matcher.name, text);
        if (pair >= 0) pairs.push(pair);
      }
    } else {
      for (const pair of name.pairs) if (matcher.test(this.value(pair)) === accepted) pairs.push(pair);
    }
    return this.union(pairs);
  }

  private union(pairs: readonly number[]): Uint32Array {
    let size = 0;
    for (const pair of pairs) {
      const list = this.lists[pair] ?? 0;
      size += typeof list === 'number' ? 1 : list.size;
    }
    const refs = new Uint32Array(size);
    let at = 0;
    for (const pair of pairs) {
      const list = this.lists[pair] ?? 0;
      if (typeof list === 'number') refs[at++] = list;
      else {
        refs.set(list.refs.subarray(0, list.size), at);
        at += list.size;
      }
    }
    return pairs.length > 1 ? refs.sort() : refs;
  }

  private addPair(ref: number, labels: LabelReader, i: number, view: DataView): void {
    const name = decodeUtf8(labels.bytes, labels.nameFrom[i] ?? 0, labels.nameTo[i] ?? 0) ?? '';
    const from = labels.bodyFrom[i] ?? 0;
    const pair = this.pairs.add(view, from, (labels.valueTo[i] ?? 0) - from);
    this.lists[pair] = ref;
    const known = this.names.get(name) ?? { text: name, pairs: [] };
    if (known.pairs.length === 0) this.names.set(name, known);
    known.pairs.push(pair);
    this.nameOf[pair] = known;
  }

  /** Pairs are kept as the content of a label message: name and value with tag and length. */
  private pairOf(name: string, value: string): number {
    if (value === '') return -1;
    const label = encodeLabels({ [name]: value });
    const from = 1 + varintSize(label, 1);
    return this.pairs.find(new DataView(label.buffer, label.byteOffset), from, label.length - from);
  }

  private value(pair: number): string {
    const known = this.values[pair];
    if (known !== undefined) return known;
    const bytes = this.pairs.bytes(pair);
    const text = decodeUtf8(bytes, valueFrom(bytes), bytes.length) ?? '';
    if (this.kept < KEPT_LIMIT) {
      this.kept += 1;
      this.values[pair] = text;
    }
    return text;
  }
}

/** Where the value begins in the bytes of a pair. */
function valueFrom(bytes: Uint8Array): number {
  const from = valueLengthFrom(bytes);
  return from + varintSize(bytes, from);
}

/** Where the length of the value stands in the bytes of a pair. */
function valueLengthFrom(bytes: Uint8Array): number {
  const lengthBytes = varintSize(bytes, 1);
  let nameSize = 0;
  for (let i = 0; i < lengthBytes; i += 1) nameSize |= ((bytes[1 + i] ?? 0) & 0x7f) << (7 * i);
  return 1 + lengthBytes + nameSize + 1;
}

/** How long a value is that, together with its length, takes so many bytes. */
function withoutLength(size: number): number {
  let lengthBytes = 1;
  while (size - lengthBytes >= 2 ** (7 * lengthBytes)) lengthBytes += 1;
  return size - lengthBytes;
}

function varintSize(bytes: Uint8Array, at: number): number {
  let size = 1;
  while ((bytes[at + size - 1] ?? 0) >= 0x80) size += 1;
  return size;
}
