import {
  type AggregateExpr,
  type BinaryExpr,
  bare,
  childrenOf,
  type CallExpr,
  type Expr,
  isComparison,
  isSetOp,
  type SelectorExpr,
  type ValueType,
} from './ast.ts';
import { SyntaxProblem } from './parse-state.ts';
import { type Signature, signatures } from './signatures.ts';

const DOCUMENTED: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
};

/** What the expression evaluates to. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'selector':
    case 'aggregate':
      return 'vector';
    case 'matrix':
    case 'subquery':
      return 'matrix';
    case 'paren':
    case 'unary':
      return typeOf(expr.expr);
    case 'binary':
      return typeOf(expr.left) === 'scalar' && typeOf(expr.right) === 'scalar' ? 'scalar' : 'vector';
    case 'call':
      return signatures.get(expr.name)?.returns ?? 'vector';
  }
}

/** How deep an expression may be: a chain of operators is as deep as it is long. */
const DEPTH_LIMIT = 600;

/** Refuses expressions that are too deep to be walked; throws `SyntaxProblem`. Itself it does not walk by recursion. */
export function checkDepth(root: Expr): void {
  let level: readonly Expr[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > DEPTH_LIMIT) throw new SyntaxProblem(`expression is nested deeper than ${DEPTH_LIMIT} levels`, level[0] ?? root);
    level = level.flatMap(childrenOf);
  }
}

/** Refuses what the grammar allows but the types do not; throws `SyntaxProblem`, which the parser's door turns into a problem. */
export function checkExpr(expr: Expr): void {
  switch (expr.kind) {
    case 'paren':
      return checkExpr(expr.expr);
    case 'selector':
      return checkSelector(expr);
    case 'matrix':
      return checkSelector(expr.selector);
    case 'unary':
      checkExpr(expr.expr);
      if (!['scalar', 'vector'].includes(typeOf(expr.expr))) {
        throw new SyntaxProblem(
          `unary expression only allowed on expressions of type scalar or instant vector, got "${DOCUMENTED[typeOf(expr.expr)]}"`,
          expr,
        );
      }
      return;
    case 'subquery':
      checkExpr(expr.expr);
      if (typeOf(expr.expr) !== 'vector') {
        throw new SyntaxProblem(`subquery is only allowed on instant vector, got ${typeOf(expr.expr)} instead`, expr);
      }
      return;
    case 'binary':
      return checkBinary(expr);
    case 'call':
      return checkCall(expr);
    case 'aggregate':
      return checkAggregate(expr);
    default:
  }
}

/** A selector that every series satisfies is almost always a mistake, and always expensive. */
function checkSelector(expr: SelectorExpr): void {
  if (expr.matchers.every((matcher) => matcher.test(''))) {
    throw new SyntaxProblem('vector selector must contain at least one non-empty matcher', expr);
  }
}

function expectType(expr: Expr, wanted: ValueType, context: string): void {
  const type = typeOf(expr);
  if (type !== wanted) {
    throw new SyntaxProblem(`expected type ${DOCUMENTED[wanted]} in ${context}, got ${DOCUMENTED[type]}`, expr);
  }
}

function checkBinary(expr: BinaryExpr): void {
  checkExpr(expr.left);
  checkExpr(expr.right);
  const { op, matching } = expr;
  const left = typeOf(expr.left);
  const right = typeOf(expr.right);
  if (expr.bool && !isComparison(op)) throw new SyntaxProblem('bool modifier can only be used on comparison operators', expr.opSpan);
  if ((left !== 'scalar' && left !== 'vector') || (right !== 'scalar' && right !== 'vector')) {
    const wrong = left !== 'scalar' && left !== 'vector' ? expr.left : expr.right;
    throw new SyntaxProblem('binary expression must contain only scalar and instant vector types', wrong);
  }
  if (left === 'scalar' && right === 'scalar' && isComparison(op) && !expr.bool) {
    throw new SyntaxProblem('comparisons between scalars must use BOOL modifier', expr.opSpan);
  }
  if (left === 'vector' && right === 'vector') return;
  if (matching.labels.length > 0) {
    throw new SyntaxProblem('vector matching only allowed between instant vectors', expr);
  }
  if (matching.fillLeft !== null || matching.fillRight !== null) {
    throw new SyntaxProblem('filling in missing series only allowed between instant vectors', expr);
  }
  if (isSetOp(op)) throw new SyntaxProblem(`set operator "${op}" not allowed in binary scalar expression`, expr);
}

function checkCall(expr: CallExpr): void {
  const signature = signatures.get(expr.name);
  if (signature === undefined) return;
  checkArity(expr, signature);
  for (const [index, arg] of expr.args.entries()) {
    const wanted = signature.args[Math.min(index, signature.args.length - 1)] ?? 'vector';
    if (expr.name === 'info' && index === 1) {
      // Here the selector only narrows what is joined: it may be empty, and has no name before the braces.
      const selector = bare(arg);
      if (selector.kind !== 'selector')
        throw new SyntaxProblem(`expected label selectors only, got ${DOCUMENTED[typeOf(arg)]} instead`, arg);
      if (selector.metric !== '') throw new SyntaxProblem('expected label selectors only, got vector selector instead', arg);
      continue;
    }
    checkExpr(arg);
    expectType(arg, wanted, `call to function ${JSON.stringify(expr.name)}`);
  }
}

function checkArity(expr: CallExpr, signature: Signature): void {
  const { args, optional, atMost } = signature;
  const count = expr.args.length;
  const name = JSON.stringify(expr.name);
  if (optional === 0) {
    if (count !== args.length) throw new SyntaxProblem(`expected ${args.length} argument(s) in call to ${name}, got ${count}`, expr);
    return;
  }
  const least = args.length - Math.abs(optional);
  if (count < least) throw new SyntaxProblem(`expected at least ${least} argument(s) in call to ${name}, got ${count}`, expr);
  if (count > atMost) throw new SyntaxProblem(`expected at most ${atMost} argument(s) in call to ${name}, got ${count}`, expr);
}

function checkAggregate(expr: AggregateExpr): void {
  checkExpr(expr.expr);
  expectType(expr.expr, 'vector', 'aggregation expression');
  if (expr.param === null) return;
  checkExpr(expr.param);
  expectType(expr.param, expr.op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter');
}
