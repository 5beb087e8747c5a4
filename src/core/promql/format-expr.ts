import { formatDuration } from '../base/time.ts';
import {
  type AggregateExpr,
  type At,
  type BinaryExpr,
  type DurationExpr,
  type Expr,
  type Length,
  type SelectorExpr,
  type SubqueryExpr,
} from './ast.ts';
import { NAME } from '../base/labels.ts';
import { formatShortest } from './number.ts';
import { formatQuoted } from './quote.ts';

const LEGACY_LABEL = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** An expression in Prometheus' canonical form: parsing it again gives the same expression. */
export function formatExpr(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return expr.duration ? formatDuration(Math.round(expr.value * 1000)) : formatShortest(expr.value);
    case 'string':
      return formatQuoted(expr.value);
    case 'paren':
      return `(${formatExpr(expr.expr)})`;
    case 'unary':
      return `${expr.op}${formatExpr(expr.expr)}`;
    case 'selector':
      return formatSelector(expr) + formatModifiers(expr);
    case 'matrix':
      return `${formatSelector(expr.selector)}[${formatLength(expr.range)}]${formatModifiers(expr.selector)}`;
    case 'subquery':
      return `${formatExpr(expr.expr)}${formatSubqueryEnd(expr)}`;
    case 'binary':
      return `${formatExpr(expr.left)} ${formatOperator(expr)} ${formatExpr(expr.right)}`;
    case 'call':
      return `${expr.name}(${expr.args.map(formatExpr).join(', ')})`;
    case 'aggregate':
      return `${formatAggregation(expr)}(${[expr.param, expr.expr].flatMap((arg) => (arg === null ? [] : [formatExpr(arg)])).join(', ')})`;
  }
}

/** What follows the expression of a subquery: `[5m:1m] offset 1h`. */
export function formatSubqueryEnd(expr: SubqueryExpr): string {
  const step = expr.step === null ? '' : formatLength(expr.step);
  return `[${formatLength(expr.range)}:${step}]${formatModifiers({ ...expr, edges: 'plain' })}`;
}

function formatSelector({ metric, matchers }: SelectorExpr): string {
  const shown = matchers.filter((matcher, index) => !(index === 0 && metric !== '' && matcher.name === NAME && matcher.value === metric));
  if (shown.length === 0 && metric !== '') return metric;
  // Sorted, so that the order in which they were written does not matter.
  const texts = shown.map(({ name, op, value }) => `${formatLabelName(name)}${op}${formatQuoted(value)}`).sort();
  return `${metric}{${texts.join(',')}}`;
}

function formatLabelName(name: string): string {
  return LEGACY_LABEL.test(name) ? name : formatQuoted(name);
}

function formatModifiers({ at, offset, edges }: Pick<SelectorExpr, 'at' | 'offset' | 'edges'>): string {
  const mode = edges === 'plain' ? '' : ` ${edges}`;
  return `${mode}${formatAt(at)}${formatOffset(offset)}`;
}

function formatAt(at: At | null): string {
  if (at === null) return '';
  return at.kind === 'time' ? ` @ ${(at.time / 1000).toFixed(3)}` : ` @ ${at.kind}()`;
}

function formatOffset(offset: Length): string {
  if (offset === 0) return '';
  if (typeof offset === 'number') return ` offset ${formatDuration(offset)}`;
  return ` offset ${formatLength(offset)}`;
}

function formatLength(length: Length): string {
  return typeof length === 'number' ? formatDuration(length) : formatDurationExpr(length);
}

function formatDurationExpr(expr: DurationExpr): string {
  switch (expr.kind) {
    case 'length':
      return /[a-z]$/.test(expr.text) ? formatDuration(Math.round(expr.seconds * 1000)) : formatShortest(expr.seconds);
    case 'minus':
      return `-${formatDurationExpr(expr.expr)}`;
    case 'plus':
      return `+${formatDurationExpr(expr.expr)}`;
    case 'paren':
      return `(${formatDurationExpr(expr.expr)})`;
    case 'step':
    case 'range':
      return `${expr.kind}()`;
    case 'min_of':
    case 'max_of':
      return `${expr.kind}(${formatDurationExpr(expr.left)}, ${formatDurationExpr(expr.right)})`;
    case 'arithmetic':
      return `${formatDurationExpr(expr.left)} ${expr.op} ${formatDurationExpr(expr.right)}`;
  }
}

/** The operator of two expressions with all that belongs to it: `/ on (job) group_left ()`. */
export function formatOperator({ op, bool, matching }: BinaryExpr): string {
  let middle = bool ? `${op} bool` : op;
  const { cardinality, on, labels, include, fillLeft, fillRight } = matching;
  const grouped = cardinality === 'many-to-one' || cardinality === 'one-to-many';
  if (on || labels.length > 0 || grouped) {
    middle += ` ${on ? 'on' : 'ignoring'} (${labels.map(formatLabelName).join(', ')})`;
    if (grouped) middle += ` ${cardinality === 'many-to-one' ? 'group_left' : 'group_right'} (${include.map(formatLabelName).join(', ')})`;
  }
  if (fillLeft !== null && Object.is(fillLeft, fillRight)) {
    middle += ` fill (${formatShortest(fillLeft)})`;
  } else {
    if (fillLeft !== null) middle += ` fill_left (${formatShortest(fillLeft)})`;
    if (fillRight !== null) middle += ` fill_right (${formatShortest(fillRight)})`;
  }
  return middle;
}

/** What stands before the parenthesis of an aggregation: `sum by (job) `. */
export function formatAggregation({ op, grouping, without }: AggregateExpr): string {
  const names = grouping.map(formatLabelName).join(', ');
  if (without) return `${op} without (${names}) `;
  return grouping.length > 0 ? `${op} by (${names}) ` : op;
}
