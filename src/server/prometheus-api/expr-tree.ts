import type { At, BinaryExpr, CallExpr, Expr, Length, SelectorExpr } from '../../core/promql/ast.ts';
import { isSetOp } from '../../core/promql/ast.ts';
import { resolveLength } from '../../core/promql/duration.ts';
import { typeOf } from '../../core/promql/check-expr.ts';
import { formatNumber } from '../../core/promql/number.ts';
import { signatures } from '../../core/promql/signatures.ts';

/** A node as `parse_query` answers it: the names are those of Prometheus. */
type Node = Readonly<Record<string, unknown>>;

/** What lengths of time that depend on the query are worth here, where there is none. */
const NO_QUERY = { start: 0, end: 0, step: 0 } as const;

/** An expression as the tree that Prometheus' page shows. Lengths of time and moments are in milliseconds. */
export function describeExpr(expr: Expr): Node {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatNumber(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'paren':
      return { type: 'parenExpr', expr: describeExpr(expr.expr) };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: describeExpr(expr.expr) };
    case 'selector':
      return { type: 'vectorSelector', ...describeSelector(expr) };
    case 'matrix':
      return { type: 'matrixSelector', range: millis(expr.range), ...describeSelector(expr.selector) };
    case 'subquery':
      return {
        type: 'subquery',
        expr: describeExpr(expr.expr),
        range: millis(expr.range),
        step: expr.step === null ? 0 : millis(expr.step),
        offset: millis(expr.offset),
        ...describeAt(expr.at),
      };
    case 'binary':
      return describeBinary(expr);
    case 'call':
      return describeCall(expr);
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: describeExpr(expr.expr),
        param: expr.param === null ? null : describeExpr(expr.param),
        grouping: expr.grouping,
        without: expr.without,
      };
  }
}

function describeSelector({ metric, offset, matchers, at, edges }: SelectorExpr): Node {
  return {
    name: metric,
    offset: millis(offset),
    matchers: matchers.map(({ name, value, op }) => ({ name, value, type: op })),
    ...describeAt(at),
    anchored: edges === 'anchored',
    smoothed: edges === 'smoothed',
  };
}

function describeAt(at: At | null): Node {
  return { timestamp: at?.kind === 'time' ? at.time : null, startOrEnd: at === null || at.kind === 'time' ? null : at.kind };
}

function describeBinary({ op, left, right, bool, matching }: BinaryExpr): Node {
  const areVectors = typeOf(left) === 'vector' && typeOf(right) === 'vector';
  const { cardinality, labels, on, include, fillLeft, fillRight } = matching;
  const card = isSetOp(op) ? 'many-to-many' : cardinality;
  return {
    type: 'binaryExpr',
    op,
    lhs: describeExpr(left),
    rhs: describeExpr(right),
    matching: areVectors ? { card, labels, on, include, fillValues: { lhs: fillLeft, rhs: fillRight } } : null,
    bool,
  };
}

function describeCall({ name, args }: CallExpr): Node {
  const signature = signatures.get(name);
  const func = {
    name,
    argTypes: signature?.args ?? [],
    variadic: signature?.optional ?? 0,
    returnType: signature?.returns ?? 'vector',
  };
  return { type: 'call', func, args: args.map(describeExpr) };
}

function millis(length: Length): number {
  return resolveLength(length, NO_QUERY);
}
