import type { ArithmeticOp, BinaryOp, ComparisonOp } from './ast.ts';

/** Arithmetic on two numbers, with the corner cases of Go. */
export const arithmetic: Readonly<Record<Exclude<ArithmeticOp, '</' | '>/'>, (left: number, right: number) => number>> = {
  '+': (left, right) => left + right,
  '-': (left, right) => left - right,
  '*': (left, right) => left * right,
  '/': (left, right) => left / right,
  '%': (left, right) => left % right,
  '^': power,
  atan2: (left, right) => Math.atan2(left, right),
};

/** Like `Math.pow`, but 1 to any power and -1 to an infinite one are 1, as IEEE 754 has it. */
function power(base: number, exponent: number): number {
  if (base === 1) return 1;
  if (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY) return 1;
  return base ** exponent;
}

/** The larger of two numbers; unlike `Math.max`, +Inf wins even against NaN. */
export function maxOf(a: number, b: number): number {
  return a === Number.POSITIVE_INFINITY || b === Number.POSITIVE_INFINITY ? Number.POSITIVE_INFINITY : Math.max(a, b);
}

/** The smaller of two numbers; unlike `Math.min`, -Inf wins even against NaN. */
export function minOf(a: number, b: number): number {
  return a === Number.NEGATIVE_INFINITY || b === Number.NEGATIVE_INFINITY ? Number.NEGATIVE_INFINITY : Math.min(a, b);
}

/** Comparison of two numbers. */
export const comparison: Readonly<Record<ComparisonOp, (left: number, right: number) => boolean>> = {
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
  '<': (left, right) => left < right,
  '>': (left, right) => left > right,
  '<=': (left, right) => left <= right,
  '>=': (left, right) => left >= right,
};

/** Does the operator make another metric of its operands, so that the name no longer fits? */
export function changesMetric(op: BinaryOp): boolean {
  return op in arithmetic;
}
