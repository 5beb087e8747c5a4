import { type BinaryExpr, isComparison, isSetOp } from './ast.ts';
import { RECONCILED } from './annotations.ts';
import { type Column, putFloat, putHistogram } from './column.ts';
import type { Evaluation } from './evaluation.ts';
import type { Histogram } from './histogram.ts';
import { addHistograms, compactBuckets, divideHistogram, equalHistograms, scaleHistogram, subtractHistograms } from './histogram-math.ts';
import { trimHistogram } from './histogram-trim.ts';
import { arithmetic, comparison } from './operators.ts';

/** A number or a histogram. */
export interface Element {
  readonly value: number;
  readonly histogram: Histogram | null;
}

/** What an operator makes of two elements; `holds` = a comparison is true (always for arithmetic). */
export interface CombinedElement extends Element {
  readonly holds: boolean;
}

/** Applies an operator to two elements; null, with a note, when it is not defined for their kinds. */
export function combineElements(evaluation: Evaluation, expr: BinaryExpr, left: Element, right: Element): CombinedElement | null {
  if (left.histogram !== null && right.histogram !== null) return combineHistograms(evaluation, expr, left.histogram, right.histogram);
  if (left.histogram === null && right.histogram === null) {
    return combineFloats(expr, left.value, right.value) ?? incompatible(evaluation, expr, left, right);
  }
  return combineMixed(expr, left, right) ?? incompatible(evaluation, expr, left, right);
}

function combineFloats({ op }: BinaryExpr, left: number, right: number): CombinedElement | null {
  if (isComparison(op)) return { value: left, histogram: null, holds: comparison[op](left, right) };
  if (isSetOp(op) || op === '</' || op === '>/') return null;
  return { value: arithmetic[op](left, right), histogram: null, holds: true };
}

function combineMixed({ op }: BinaryExpr, left: Element, right: Element): CombinedElement | null {
  const made = (histogram: Histogram): CombinedElement => ({ value: 0, histogram: compact(histogram), holds: true });
  if (left.histogram === null) return op === '*' && right.histogram !== null ? made(scaleHistogram(right.histogram, left.value)) : null;
  switch (op) {
    case '*':
      return made(scaleHistogram(left.histogram, right.value));
    case '/':
      return made(divideHistogram(left.histogram, right.value));
    case '</':
    case '>/':
      return made(trimHistogram(left.histogram, right.value, op === '</' ? 'upper' : 'lower'));
    default:
      return null;
  }
}

function combineHistograms(evaluation: Evaluation, expr: BinaryExpr, left: Histogram, right: Histogram): CombinedElement | null {
  const { op } = expr;
  if (op === '==' || op === '!=') return { value: 0, histogram: left, holds: equalHistograms(left, right) === (op === '==') };
  if (op !== '+' && op !== '-') {
    return incompatible(evaluation, expr, { value: 0, histogram: left }, { value: 0, histogram: right });
  }
  const { notes } = evaluation;
  const combined = op === '+' ? addHistograms(left, right) : subtractHistograms(left, right);
  if (combined === null) {
    notes.warn(`incompatible bucket layout encountered for binary operator ${op}`, expr);
    return null;
  }
  const operation = op === '+' ? 'addition' : 'subtraction';
  if (combined.collision) {
    notes.warn(`conflicting counter resets during histogram ${operation}`, expr);
    return null;
  }
  if (combined.reconciled) notes.info(`${RECONCILED} ${operation}`, expr);
  const value: Histogram = op === '-' ? { ...combined.value, hint: 'gauge' } : combined.value;
  return { value: 0, histogram: compact(value), holds: true };
}

function compact(histogram: Histogram): Histogram {
  return { ...histogram, positive: compactBuckets(histogram.positive), negative: compactBuckets(histogram.negative) };
}

function incompatible(evaluation: Evaluation, expr: BinaryExpr, left: Element, right: Element): null {
  const kind = (element: Element): string => (element.histogram === null ? 'float' : 'histogram');
  evaluation.notes.info(
    `incompatible sample types encountered for binary operator "${expr.op}": ${kind(left)} ${expr.op} ${kind(right)}`,
    expr,
  );
  return null;
}

/** Sets a number or a histogram at a step. */
export function putElement(column: Column, step: number, element: Element): void {
  if (element.histogram === null) putFloat(column, step, element.value);
  else putHistogram(column, step, element.histogram);
}
