import { type CompiledMatcher, matchesLabels } from '../../../core/promql/matcher.ts';
import { LabelReader } from '../../../core/series/label-reader.ts';
import { decodeUtf8 } from '../../../core/wire/utf8.ts';
import type { WriteBatch } from '../../../core/wire/write-batch.ts';
import type { WatchedRule } from '../messages.ts';
import { watchedSelectors } from '../watched-selectors.ts';

/** So many series are remembered with the rules that read them; then all are forgotten and matched anew. */
const MOST_KNOWN = 200_000;

interface Watch {
  readonly id: string;
  readonly selectors: readonly (readonly CompiledMatcher[])[];
}

/** Which rules read series of a request that went through here. */
export class ForwardedInterest {
  private watches: readonly Watch[] = [];
  /** The label bytes of a series, as text, and the rules that read it. */
  private readonly known = new Map<string, readonly string[]>();
  private readonly reader = new LabelReader();

  /** Replaces the rules; the ids of those whose expression cannot be read. */
  watch(rules: readonly WatchedRule[]): string[] {
    const watches: Watch[] = [];
    const unreadable: string[] = [];
    for (const { id, expr } of rules) {
      const watched = watchedSelectors(expr);
      if (watched === null) unreadable.push(id);
      else watches.push({ id, selectors: watched.selectors });
    }
    this.watches = watches;
    this.known.clear();
    return unreadable;
  }

  get isEmpty(): boolean {
    return this.watches.length === 0;
  }

  /** The rules that read a series of the request. */
  touchedBy({ bytes, series, labelsFrom, labelsTo }: WriteBatch): string[] {
    const touched = new Set<string>();
    for (let s = 0; s < series; s += 1) {
      for (const id of this.rulesOf(bytes, labelsFrom[s] ?? 0, labelsTo[s] ?? 0)) touched.add(id);
    }
    return [...touched];
  }

  private rulesOf(bytes: Uint8Array, from: number, to: number): readonly string[] {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const labels = this.reader.read(bytes, from, to) ? labelsOf(this.reader) : {};
    const rules = this.watches.filter(({ selectors }) => selectors.some((matchers) => matchesLabels(matchers, labels))).map(({ id }) => id);
    if (this.known.size >= MOST_KNOWN) this.known.clear();
    this.known.set(key, rules);
    return rules;
  }
}

/** The labels that were read, as strings. */
export function labelsOf(reader: LabelReader): Record<string, string> {
  const labels: Record<string, string> = {};
  for (let i = 0; i < reader.count; i += 1) {
    const name = decodeUtf8(reader.bytes, reader.nameFrom[i] ?? 0, reader.nameTo[i] ?? 0) ?? '';
    labels[name] = decodeUtf8(reader.bytes, reader.valueFrom[i] ?? 0, reader.valueTo[i] ?? 0) ?? '';
  }
  return labels;
}
