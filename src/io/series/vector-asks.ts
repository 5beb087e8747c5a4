import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import type { Condition } from '../../core/rules/rule.ts';

/**
 * The conditions of many expressions as columns, which cost little on their way to another thread: those of expression `i` end at
 * `ends[i]`, `above` and `below` one after the other, NaN where there is none. An expression without any is one whose values all count.
 */
export interface Bounds {
  readonly ends: Uint32Array;
  readonly values: Float64Array;
}

/** An expression, and the conditions of which a value must meet one to be answered; null: all are. */
export interface VectorAsk {
  readonly expr: string;
  readonly worth: readonly Condition[] | null;
}

/** The same for many, as it goes to the series thread. */
export interface VectorAsks {
  readonly exprs: readonly string[];
  readonly bounds: Bounds;
  readonly at: Millis;
}

/** Many instant vectors one behind the other: expression `i` gave the values from `ends[i - 1]` (0 for the first) to `ends[i]`,
 * NaN for a native histogram. */
export interface VectorColumns {
  readonly ends: Uint32Array;
  readonly values: Float64Array;
  readonly labels: readonly Labels[];
  /** Expressions without an answer, by their number, and why. */
  readonly failed: readonly (readonly [number, string])[];
  /** The numbers of those that take so long that they have to be asked elsewhere. */
  readonly slow: readonly number[];
}

/** Null stands for all values. */
export function boundsOf(worth: readonly (readonly Condition[] | null)[]): Bounds {
  const ends = new Uint32Array(worth.length);
  const values: number[] = [];
  for (const [index, conditions] of worth.entries()) {
    for (const { above, below } of conditions ?? []) values.push(above ?? Number.NaN, below ?? Number.NaN);
    ends[index] = values.length;
  }
  return { ends, values: Float64Array.from(values) };
}

/** The conditions of one expression. */
export function conditionsOf({ ends, values }: Bounds, index: number): readonly Condition[] | null {
  const end = ends[index] ?? 0;
  const conditions: Condition[] = [];
  for (let at = ends[index - 1] ?? 0; at < end; at += 2) conditions.push({ above: bound(values[at]), below: bound(values[at + 1]) });
  return conditions.length === 0 ? null : conditions;
}

function bound(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}
