import type { Millis } from '../base/time.ts';
import type { Annotations } from './annotations.ts';
import type { Expr, Length } from './ast.ts';
import type { Column, Value } from './column.ts';
import { resolveLength } from './duration.ts';
import type { Budget } from './query-error.ts';
import { QueryError } from './query-error.ts';
import type { SeriesSource } from './source.ts';

/** The instants at which an expression is evaluated: start, start + step, ... up to end. With `start === end` the step may be 0. */
export interface Grid {
  readonly start: Millis;
  readonly end: Millis;
  readonly step: Millis;
}

/** What all parts of one query share. */
export interface Query {
  readonly source: SeriesSource;
  readonly grid: Grid;
  /** How old the last sample of a series may be. */
  readonly lookback: Millis;
  /** The step of a subquery that names none. */
  readonly subqueryStep: Millis;
  readonly budget: Budget;
  readonly notes: Annotations;
  /** Selectors whose histograms are only counted and summed: hints that are unknown are found out by comparison there. */
  readonly counted: ReadonlySet<Expr>;
  readonly evalExpr: (evaluation: Evaluation, expr: Expr) => Value;
}

/** A grid to evaluate on: the query's own, or that of a subquery. */
export class Evaluation {
  readonly query: Query;
  readonly start: Millis;
  readonly step: Millis;
  readonly steps: number;

  constructor(query: Query, grid: Grid) {
    this.query = query;
    this.start = grid.start;
    this.step = grid.step;
    this.steps = stepsOf(grid);
  }

  get end(): Millis {
    return this.start + (this.steps - 1) * this.step;
  }

  get notes(): Annotations {
    return this.query.notes;
  }

  /** The instant of a step. */
  time(step: number): Millis {
    return this.start + step * this.step;
  }

  eval(expr: Expr): Value {
    return this.query.evalExpr(this, expr);
  }

  /** The columns of an expression that is known to be an instant vector. */
  columns(expr: Expr): readonly Column[] {
    const value = this.eval(expr);
    if (value.kind !== 'vector') throw new QueryError(`expected an instant vector, got a ${value.kind}`);
    return value.columns;
  }

  /** The values of an expression that is known to be a scalar, one a step. */
  scalars(expr: Expr): Float64Array {
    const value = this.eval(expr);
    if (value.kind !== 'scalar') throw new QueryError(`expected a scalar, got a ${value.kind}`);
    return value.values;
  }

  /** The value of an expression that is known to be a string. */
  text(expr: Expr | undefined): string {
    const value = expr === undefined ? null : this.eval(expr);
    if (value?.kind !== 'string') throw new QueryError('expected a string');
    return value.value;
  }

  length(length: Length): Millis {
    return resolveLength(length, this.query.grid);
  }

  /** The same query on other instants. */
  on(grid: Grid): Evaluation {
    return new Evaluation(this.query, grid);
  }
}

/** How many instants a grid has. */
export function stepsOf(grid: Grid): number {
  if (grid.end < grid.start) return 0;
  return grid.step <= 0 ? 1 : Math.floor((grid.end - grid.start) / grid.step) + 1;
}
