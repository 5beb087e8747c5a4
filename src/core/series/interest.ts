import { type CompiledMatcher, matchesLabels } from '../promql/matcher.ts';
import type { Head } from './head.ts';

/** A rule and the selectors of its expression. */
export interface Watch {
  readonly id: string;
  readonly selectors: readonly (readonly CompiledMatcher[])[];
}

interface Selector {
  readonly rule: number;
  readonly matchers: readonly CompiledMatcher[];
}

/** Which rules read which series: a series that none reads costs one bit to know. */
export class Interest {
  private readonly head: Head;
  private ids: readonly string[] = [];
  private byName = new Map<string, Selector[]>();
  private unnamed: Selector[] = [];
  private readonly rulesOf = new Map<number, number[]>();
  private marks: Uint8Array = new Uint8Array(0);
  /** Series below this number were matched. */
  private upTo = 0;

  constructor(head: Head) {
    this.head = head;
  }

  /** Replaces all rules. */
  watch(rules: readonly Watch[]): void {
    for (const ref of this.rulesOf.keys()) this.head.watch(ref, 'unwatched');
    this.rulesOf.clear();
    this.byName = new Map();
    this.unnamed = [];
    this.ids = rules.map(({ id }) => id);
    this.marks = new Uint8Array(rules.length);
    const { table } = this.head;
    this.upTo = table.count;
    for (const [rule, { selectors }] of rules.entries()) {
      for (const matchers of selectors) {
        this.remember({ rule, matchers });
        for (const ref of table.index.select(matchers, table.count)) this.bind(ref, rule);
      }
    }
  }

  /** Matches the series that appeared since it was last asked, those touched by the request that brought them included. */
  matchNew(): void {
    const { table } = this.head;
    if (this.ids.length === 0) this.upTo = table.count;
    for (; this.upTo < table.count; this.upTo += 1) {
      const named = this.byName.get(table.metricName(this.upTo));
      // Labels are made, and kept, only of what a rule may read.
      if (named === undefined && this.unnamed.length === 0) continue;
      const labels = table.labels(this.upTo);
      for (const selectors of [named, this.unnamed]) {
        for (const { rule, matchers } of selectors ?? []) if (matchesLabels(matchers, labels)) this.bind(this.upTo, rule);
      }
    }
  }

  /** The rules that read a series touched since the last call; empties the head's list. */
  takeTouched(): string[] {
    const { head, marks } = this;
    const touched: string[] = [];
    const rules: number[] = [];
    for (let i = 0; i < head.touchedCount; i += 1) {
      for (const rule of this.rulesOf.get(head.touched[i] ?? 0) ?? []) {
        if (marks[rule] === 1) continue;
        marks[rule] = 1;
        rules.push(rule);
      }
    }
    head.touchedCount = 0;
    for (const rule of rules) {
      marks[rule] = 0;
      touched.push(this.ids[rule] ?? '');
    }
    return touched;
  }

  private remember(selector: Selector): void {
    const name = selector.matchers.find(({ name: label, op }) => label === '__name__' && op === '=')?.value;
    const list = name === undefined ? this.unnamed : (this.byName.get(name) ?? []);
    list.push(selector);
    if (name !== undefined) this.byName.set(name, list);
  }

  private bind(ref: number, rule: number): void {
    const rules = this.rulesOf.get(ref);
    if (rules === undefined) this.rulesOf.set(ref, [rule]);
    else if (!rules.includes(rule)) rules.push(rule);
    this.head.watch(ref, 'watched');
  }
}
