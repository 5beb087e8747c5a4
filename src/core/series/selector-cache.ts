import { type CompiledMatcher, matchesLabels } from '../promql/matcher.ts';
import type { SeriesTable } from './series-table.ts';

interface Resolved {
  refs: Uint32Array;
  /** Series below this number were looked at. */
  upTo: number;
}

const SELECTORS_LIMIT = 20_000;
/** Series of all selectors together: 64 MB. */
const REFS_LIMIT = 16_000_000;
/** From so many new series on, asking the index again is quicker than looking at each. */
const NEW_LIMIT = 64;

/** Rules and dashboards name the same selectors again and again: each is resolved once, and then only new series are looked at. */
export class SelectorCache {
  private readonly resolved = new Map<string, Resolved>();
  /** An expression that is kept has the same matchers each time. */
  private readonly keys = new WeakMap<readonly CompiledMatcher[], string>();
  private readonly table: SeriesTable;
  /** Series of all kept selectors together. */
  private held = 0;

  constructor(table: SeriesTable) {
    this.table = table;
  }

  /** The numbers of the series that satisfy every matcher, ascending. */
  refs(matchers: readonly CompiledMatcher[]): Uint32Array {
    const key = this.keyOf(matchers);
    const known = this.resolved.get(key);
    const { count } = this.table;
    if (known === undefined || count - known.upTo > NEW_LIMIT) {
      const refs = this.table.index.select(matchers, count);
      this.held += refs.length - (known?.refs.length ?? 0);
      if (this.resolved.size >= SELECTORS_LIMIT || this.held > REFS_LIMIT) this.clear(refs.length);
      this.resolved.set(key, { refs, upTo: count });
      return refs;
    }
    if (known.upTo < count) {
      const added: number[] = [];
      for (let ref = known.upTo; ref < count; ref += 1) if (matchesLabels(matchers, this.table.labels(ref))) added.push(ref);
      if (added.length > 0) {
        const refs = new Uint32Array(known.refs.length + added.length);
        refs.set(known.refs);
        refs.set(added, known.refs.length);
        known.refs = refs;
        this.held += added.length;
      }
      known.upTo = count;
    }
    return known.refs;
  }

  private keyOf(matchers: readonly CompiledMatcher[]): string {
    let key = this.keys.get(matchers);
    if (key === undefined) {
      key = matchers.map(({ name, op, value }) => `${name}\xff${op}${value}`).join('\xfe');
      this.keys.set(matchers, key);
    }
    return key;
  }

  private clear(held: number): void {
    this.resolved.clear();
    this.held = held;
  }
}
