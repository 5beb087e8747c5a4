import type { Millis } from '../base/time.ts';
import type { CompiledMatcher } from './matcher.ts';

/** Where a piece of the expression stands: half-open UTF-16 offsets into the text that was parsed. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** What an expression evaluates to. */
export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix';

/** A moment fixed by `@`: an instant, or an end of the evaluated range. */
export type At = { readonly kind: 'time'; readonly time: Millis } | { readonly kind: 'start' } | { readonly kind: 'end' };

/** Arithmetic on lengths of time inside `[ ]` and after `offset`; the value is in seconds. */
export type DurationExpr = Span &
  (
    | { readonly kind: 'length'; readonly seconds: number; readonly text: string }
    | { readonly kind: 'minus' | 'plus' | 'paren'; readonly expr: DurationExpr }
    | {
        readonly kind: 'arithmetic';
        readonly op: '+' | '-' | '*' | '/' | '%' | '^';
        readonly left: DurationExpr;
        readonly right: DurationExpr;
      }
    | { readonly kind: 'step' | 'range' }
    | { readonly kind: 'min_of' | 'max_of'; readonly left: DurationExpr; readonly right: DurationExpr }
  );

/** A length of time: known when parsed, or computed from the query's grid. */
export type Length = Millis | DurationExpr;

interface NumberExpr extends Span {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a length of time (`5m` is 300). */
  readonly duration: boolean;
}

interface StringExpr extends Span {
  readonly kind: 'string';
  readonly value: string;
}

/** How samples at the edges of the window are treated: as they are, with the sample before it, or interpolated. */
export type Edges = 'plain' | 'anchored' | 'smoothed';

export interface SelectorExpr extends Span {
  readonly kind: 'selector';
  /** The metric name when it was written before the braces. */
  readonly metric: string;
  readonly matchers: readonly CompiledMatcher[];
  readonly offset: Length;
  readonly at: At | null;
  readonly edges: Edges;
}

export interface MatrixExpr extends Span {
  readonly kind: 'matrix';
  readonly selector: SelectorExpr;
  readonly range: Length;
}

export interface SubqueryExpr extends Span {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly range: Length;
  /** Null: the default interval. */
  readonly step: Length | null;
  readonly offset: Length;
  readonly at: At | null;
}

interface ParenExpr extends Span {
  readonly kind: 'paren';
  readonly expr: Expr;
}

export interface UnaryExpr extends Span {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly expr: Expr;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2' | '</' | '>/';
export type ComparisonOp = '==' | '!=' | '<' | '>' | '<=' | '>=';
export type SetOp = 'and' | 'or' | 'unless';
export type BinaryOp = ArithmeticOp | ComparisonOp | SetOp;

/** How the elements of two vectors find each other. */
export interface Matching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  /** True: match on `labels` only; false: on all but them and the name. */
  readonly on: boolean;
  readonly labels: readonly string[];
  /** Labels copied from the "one" side. */
  readonly include: readonly string[];
  /** Values that stand in for a missing element of a side. */
  readonly fillLeft: number | null;
  readonly fillRight: number | null;
}

export interface BinaryExpr extends Span {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  /** Where the operator stands. */
  readonly opSpan: Span;
  readonly left: Expr;
  readonly right: Expr;
  readonly bool: boolean;
  readonly matching: Matching;
}

export interface CallExpr extends Span {
  readonly kind: 'call';
  readonly name: string;
  readonly args: readonly Expr[];
}

export type AggregateOp =
  | 'sum'
  | 'avg'
  | 'count'
  | 'min'
  | 'max'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'limitk'
  | 'limit_ratio'
  | 'count_values'
  | 'quantile';

export interface AggregateExpr extends Span {
  readonly kind: 'aggregate';
  readonly op: AggregateOp;
  readonly param: Expr | null;
  readonly expr: Expr;
  readonly grouping: readonly string[];
  readonly without: boolean;
}

/** A parsed and type-checked PromQL expression. */
export type Expr =
  | NumberExpr
  | StringExpr
  | SelectorExpr
  | MatrixExpr
  | SubqueryExpr
  | ParenExpr
  | UnaryExpr
  | BinaryExpr
  | CallExpr
  | AggregateExpr;

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '>', '<=', '>=']);
const SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);

/** Is the operator one of `== != < > <= >=`? */
export function isComparison(op: BinaryOp): op is ComparisonOp {
  return COMPARISONS.has(op);
}

/** Is the operator one of `and or unless`? */
export function isSetOp(op: BinaryOp): op is SetOp {
  return SETS.has(op);
}

/** The expression without the parentheses around it. */
export function bare(expr: Expr): Expr {
  let inner = expr;
  while (inner.kind === 'paren') inner = inner.expr;
  return inner;
}

/** The expressions directly inside an expression, in the order they are written. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'number':
    case 'string':
    case 'selector':
      return [];
    case 'matrix':
      return [expr.selector];
    case 'subquery':
    case 'paren':
    case 'unary':
      return [expr.expr];
    case 'binary':
      return [expr.left, expr.right];
    case 'call':
      return expr.args;
    case 'aggregate':
      return expr.param === null ? [expr.expr] : [expr.param, expr.expr];
  }
}
