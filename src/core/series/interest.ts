import type { Millis } from '../base/time.ts';
import { type CompiledMatcher, matchesLabels } from '../promql/matcher.ts';
import { grown } from '../wire/grown.ts';
import type { Head } from './head.ts';

/** A rule and the selectors of its expression. */
export interface Watch {
  readonly id: string;
  readonly selectors: readonly (readonly CompiledMatcher[])[];
  /** Samples that are older by so much change nothing of what it says now; absent: each may. */
  readonly reach?: Millis;
}

interface Selector {
  readonly rule: number;
  readonly matchers: readonly CompiledMatcher[];
}

/** The rules that read some series; most series are read by the same few sets. */
interface RuleSet {
  readonly rules: readonly number[];
  /** The longest of their reaches. */
  readonly reach: Millis;
  /** Were all of them told of since the list was last taken? */
  told: boolean;
}

const NONE = -1;

/** Which rules read which series: a series that none reads costs one bit to know. */
export class Interest {
  private readonly head: Head;
  private watches: readonly Watch[] = [];
  private byName = new Map<string, Selector[]>();
  private unnamed: Selector[] = [];
  private sets: RuleSet[] = [];
  /** By number of a set and a rule: the set that has the rule too. */
  private readonly larger = new Map<number, number>();
  /** By number of the series: its set. */
  private setOf: Int32Array = new Int32Array(0);
  private marks: Uint8Array = new Uint8Array(0);
  /** Series below this number were matched. */
  private upTo = 0;

  constructor(head: Head) {
    this.head = head;
  }

  /** Replaces all rules. */
  watch(rules: readonly Watch[]): void {
    for (const [ref, set] of this.setOf.entries()) if (set !== NONE) this.head.watch(ref, 'unwatched');
    this.setOf = new Int32Array(0);
    this.sets = [];
    this.larger.clear();
    this.byName = new Map();
    this.unnamed = [];
    this.watches = rules;
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
    if (this.watches.length === 0) this.upTo = table.count;
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

  /**
   * The rules that read a series touched since the last call, as far as its newest sample is within their reach at the time; empties the
   * head's list.
   */
  takeTouched(at: Millis): string[] {
    const { head, sets, marks } = this;
    if (head.touchedCount === 0) return [];
    const rules: number[] = [];
    for (let i = 0; i < head.touchedCount; i += 1) {
      const ref = head.touched[i] ?? 0;
      const set = sets[this.setOf[ref] ?? NONE];
      if (set === undefined || set.told) continue;
      const age = at - head.newestOf(ref);
      if (age > set.reach) continue;
      set.told = true;
      for (const rule of set.rules) {
        if (marks[rule] === 1) continue;
        if (age > reachOf(this.watches[rule])) set.told = false;
        else {
          marks[rule] = 1;
          rules.push(rule);
        }
      }
    }
    head.touchedCount = 0;
    for (const set of sets) set.told = false;
    for (const rule of rules) marks[rule] = 0;
    return rules.map((rule) => this.watches[rule]?.id ?? '');
  }

  private remember(selector: Selector): void {
    const name = selector.matchers.find(({ name: label, op }) => label === '__name__' && op === '=')?.value;
    const list = name === undefined ? this.unnamed : (this.byName.get(name) ?? []);
    list.push(selector);
    if (name !== undefined) this.byName.set(name, list);
  }

  private bind(ref: number, rule: number): void {
    if (ref >= this.setOf.length) {
      const room = Math.max(this.head.table.count, this.setOf.length * 2, ref + 1);
      this.setOf = grown(this.setOf, new Int32Array(room).fill(NONE));
    }
    const known = this.setOf[ref] ?? NONE;
    if (known !== NONE && this.sets[known]?.rules.includes(rule) === true) return;
    this.setOf[ref] = this.with(known, rule);
    this.head.watch(ref, 'watched');
  }

  /** The set that has the rules of another one and one more. */
  private with(set: number, rule: number): number {
    const key = (set + 1) * this.watches.length + rule;
    const known = this.larger.get(key);
    if (known !== undefined) return known;
    const { rules, reach } = this.sets[set] ?? { rules: [], reach: 0 };
    const made = this.sets.push({ rules: [...rules, rule], reach: Math.max(reach, reachOf(this.watches[rule])), told: false }) - 1;
    this.larger.set(key, made);
    return made;
  }
}

function reachOf(watch: Watch | undefined): Millis {
  return watch?.reach ?? Number.POSITIVE_INFINITY;
}
