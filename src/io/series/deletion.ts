import { Buffer } from 'node:buffer';
import type { Millis } from '../../core/base/time.ts';
import { compileMatcher, type CompiledMatcher, type Matcher } from '../../core/promql/matcher.ts';
import { allRefs } from '../../core/series/ref-set.ts';
import type { Head } from '../../core/series/head.ts';

/** Samples that are wanted no more: of the series that satisfy one of the sets of matchers, between two times, both included. */
export interface DeletionAsk {
  readonly selectors: readonly (readonly Matcher[])[];
  readonly from: Millis;
  readonly to: Millis;
  /** Series of these are left out. */
  readonly except?: readonly (readonly Matcher[])[] | undefined;
}

/** A deletion as it stands in the journal and in the list of blocks. */
export interface Deletion extends DeletionAsk {
  readonly id: string;
  /** When it was asked for. */
  readonly at: Millis;
  /** Blocks with higher numbers were written later: it is not about them. */
  readonly upToBlock: number;
}

export function encodeDeletion(deletion: Deletion): Buffer {
  return Buffer.from(JSON.stringify(deletion));
}

/** Null when it is none. */
export function decodeDeletion(bytes: Uint8Array): Deletion | null {
  try {
    const value = JSON.parse(Buffer.from(bytes).toString()) as Partial<Deletion>;
    const { id, at, upToBlock, from, to, selectors } = value;
    const isWhole = typeof id === 'string' && Array.isArray(selectors) && [at, upToBlock, from, to].every(Number.isSafeInteger);
    return isWhole ? (value as Deletion) : null;
  } catch {
    return null;
  }
}

/** The numbers of the series that a deletion is about, ascending; those that have no samples among them. */
export function deletedRefs(head: Head, { selectors, except = [] }: Pick<DeletionAsk, 'selectors' | 'except'>): Uint32Array {
  const refs = selectedRefs(head, selectors);
  if (except.length === 0 || refs.length === 0) return refs;
  const spared = new Set(selectedRefs(head, except));
  return refs.filter((ref) => !spared.has(ref));
}

function selectedRefs({ table }: Head, selectors: DeletionAsk['selectors']): Uint32Array {
  let refs = new Uint32Array(0);
  for (const matchers of selectors) {
    const compiled = matchers.map((matcher) => compileMatcher(matcher).value);
    if (!compiled.every((matcher): matcher is CompiledMatcher => matcher !== null)) continue;
    const more = compiled.length === 0 ? allRefs(table.count) : table.index.select(compiled, table.count);
    refs = refs.length === 0 ? Uint32Array.from(more) : union(refs, more);
  }
  return refs;
}

function union(a: Uint32Array, b: Uint32Array): Uint32Array<ArrayBuffer> {
  const all = new Uint32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  all.sort();
  let size = 0;
  for (const ref of all) if (size === 0 || all[size - 1] !== ref) all[size++] = ref;
  return all.slice(0, size);
}
