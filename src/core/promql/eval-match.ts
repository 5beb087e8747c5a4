import type { Labels } from '../base/labels.ts';
import { type BinaryExpr, isComparison } from './ast.ts';
import { ABSENT, type Column, ColumnSet, FLOAT, putFloat, refuseDuplicate } from './column.ts';
import { combineElements, type CombinedElement, type Element, putElement } from './eval-element.ts';
import type { Evaluation } from './evaluation.ts';
import { arithmetic, changesMetric, comparison } from './operators.ts';
import { QueryError } from './query-error.ts';
import { groupColumns, matchedLabels, resultLabels, showLabels } from './signature.ts';

/** An arithmetic or comparison operator between two vectors. */
export function matchVectors(evaluation: Evaluation, expr: BinaryExpr, left: readonly Column[], right: readonly Column[]): Column[] {
  return new VectorMatch(evaluation, expr).run(left, right);
}

/** One side's columns of a signature; both sides are worked through signature by signature, column by column. */
class VectorMatch {
  readonly #evaluation: Evaluation;
  readonly #expr: BinaryExpr;
  /** The "one" side stands on the left. */
  readonly #swapped: boolean;
  readonly #results: ColumnSet;
  readonly #fillMany: number | null;
  readonly #fillOne: number | null;

  constructor(evaluation: Evaluation, expr: BinaryExpr) {
    const { matching } = expr;
    this.#evaluation = evaluation;
    this.#expr = expr;
    this.#swapped = matching.cardinality === 'one-to-many';
    this.#results = new ColumnSet(evaluation.steps);
    // With group_right the sides of the fill modifiers change places, too: fill_left always stands in for the "many" side.
    this.#fillMany = matching.fillLeft;
    this.#fillOne = matching.fillRight;
  }

  run(left: readonly Column[], right: readonly Column[]): Column[] {
    const { matching } = this.#expr;
    const many = groupColumns(this.#swapped ? right : left, matching);
    const one = groupColumns(this.#swapped ? left : right, matching);
    this.#refuseTwins(this.#swapped ? right : left, one);
    for (const [key, columns] of many) {
      this.#evaluation.query.budget.check();
      this.#group(columns, one.get(key) ?? []);
    }
    if (this.#fillMany !== null) {
      for (const [key, columns] of one) if (!many.has(key)) this.#group([], columns);
    }
    return this.#results.filled;
  }

  get #fills(): boolean {
    return this.#fillMany !== null || this.#fillOne !== null;
  }

  /** Refuses two elements with one signature on the "one" side, also where nothing would match them, at steps where anything could match at all. */
  #refuseTwins(many: readonly Column[], one: ReadonlyMap<string, readonly Column[]>): void {
    const twins = [...one.values()].filter((columns) => columns.length > 1);
    if (twins.length === 0) return;
    const possible = new Uint8Array(this.#evaluation.steps).fill(this.#fills ? 1 : 0);
    for (const { present } of many) for (const [step, kind] of present.entries()) if (kind !== ABSENT) possible[step] = 1;
    for (const columns of twins) {
      this.#evaluation.query.budget.check();
      for (let step = 0; step < possible.length; step += 1) {
        if (possible[step] === 0) continue;
        let first: Column | null = null;
        for (const column of columns) {
          if (column.present[step] === ABSENT) continue;
          if (first !== null) this.#refuseTwo(first, column);
          first = column;
        }
      }
    }
  }

  #group(many: readonly Column[], one: readonly Column[]): void {
    const [m] = many;
    const [o] = one;
    if (one.length === 0 && this.#fillOne === null) return;
    if (!this.#fills && m !== undefined && o !== undefined && many.length === 1 && one.length === 1 && this.#pairOfFloats(m, o)) return;
    const group = new Group(this.#expr, this.#results);
    for (let step = 0; step < this.#evaluation.steps; step += 1) {
      const single = one.find((column) => column.present[step] !== ABSENT) ?? null;
      let matched = false;
      for (const column of many) {
        if (column.present[step] === ABSENT) continue;
        if (single === null && this.#fillOne === null) continue;
        const combined = this.#combine(step, column, single);
        // What cannot be combined at all does not count as a match.
        if (combined === null) continue;
        if (matched && this.#expr.matching.cardinality === 'one-to-one') {
          throw new QueryError('multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)');
        }
        matched = true;
        this.#put(group, step, { many: column, one: single, combined });
      }
      if (matched || single === null || this.#fillMany === null) continue;
      const combined = this.#combine(step, null, single);
      if (combined !== null) this.#put(group, step, { many: null, one: single, combined });
    }
  }

  #refuseTwo(first: Column, second: Column): never {
    const group = showLabels(matchedLabels(second.labels, this.#expr.matching));
    const side = this.#swapped ? 'left' : 'right';
    const both = [showLabels(first.labels), showLabels(second.labels)].sort().join(', ');
    throw new QueryError(
      `found duplicate series for the match group ${group} on the ${side} hand-side of the operation: ` +
        `[${both}];many-to-many matching not allowed: matching labels must be unique on one side`,
    );
  }

  #combine(step: number, many: Column | null, one: Column | null): CombinedElement | null {
    const a = elementAt(many, step, this.#fillMany);
    const b = elementAt(one, step, this.#fillOne);
    return this.#swapped ? combineElements(this.#evaluation, this.#expr, b, a) : combineElements(this.#evaluation, this.#expr, a, b);
  }

  #put(group: Group, step: number, { many, one, combined }: Pair): void {
    const result = group.resultFor(many, one);
    if (group.stamp(result, step)) {
      throw new QueryError('multiple matches for labels: grouping labels must ensure unique matches');
    }
    if (!combined.holds && !this.#expr.bool) return;
    if (result.present[step] !== ABSENT) refuseDuplicate();
    if (this.#expr.bool) putFloat(result, step, combined.holds ? 1 : 0);
    else putElement(result, step, combined);
  }

  /** The common case without allocation: one column of numbers on each side. False when it is not this case. */
  #pairOfFloats(many: Column, one: Column): boolean {
    const { op, bool } = this.#expr;
    if (many.histograms !== null || one.histograms !== null || op === '</' || op === '>/') return false;
    const result = new Group(this.#expr, this.#results).resultFor(many, one);
    const [left, right] = this.#swapped ? [one, many] : [many, one];
    const compare = isComparison(op) ? comparison[op] : null;
    const compute = op in arithmetic ? arithmetic[op as keyof typeof arithmetic] : null;
    for (let step = 0; step < this.#evaluation.steps; step += 1) {
      if (left.present[step] !== FLOAT || right.present[step] !== FLOAT) continue;
      const a = left.values[step] as number;
      const b = right.values[step] as number;
      const holds = compare === null || compare(a, b);
      if (!holds && !bool) continue;
      if (result.present[step] !== ABSENT) refuseDuplicate();
      putFloat(result, step, bool ? (holds ? 1 : 0) : compute === null ? a : compute(a, b));
    }
    return true;
  }
}

/** Two elements that found each other (null: a fill value stands in), and what the operator makes of them. */
interface Pair {
  readonly many: Column | null;
  readonly one: Column | null;
  readonly combined: CombinedElement;
}

/** The result columns of one signature. */
class Group {
  readonly #expr: BinaryExpr;
  readonly #results: ColumnSet;
  readonly #cache = new Map<Column | null, Map<Column | null, Column>>();
  readonly #stamps = new Map<Column, number>();

  constructor(expr: BinaryExpr, results: ColumnSet) {
    this.#expr = expr;
    this.#results = results;
  }

  resultFor(many: Column | null, one: Column | null): Column {
    let cache = this.#cache.get(many);
    if (cache === undefined) {
      cache = new Map();
      this.#cache.set(many, cache);
    }
    let result = cache.get(one);
    if (result === undefined) {
      const { op, bool, matching } = this.#expr;
      const manyLabels: Labels = many?.labels ?? matchedLabels(one?.labels ?? {}, matching);
      const oneLabels: Labels = one?.labels ?? matchedLabels(many?.labels ?? {}, matching);
      const labels = resultLabels(manyLabels, oneLabels, matching, changesMetric(op));
      // What changes the metric has lost the name already; one that is there now was included on purpose.
      result = this.#results.column(labels, bool || (!changesMetric(op) && (many?.dropName ?? false)));
      cache.set(one, result);
    }
    return result;
  }

  /** True when the result was already computed for this step from another element. */
  stamp(result: Column, step: number): boolean {
    const again = this.#stamps.get(result) === step;
    this.#stamps.set(result, step);
    return again;
  }
}

function elementAt(column: Column | null, step: number, fill: number | null): Element {
  if (column === null) return { value: fill ?? 0, histogram: null };
  return { value: column.values[step] ?? 0, histogram: column.histograms?.[step] ?? null };
}
