import { TemplateFailure, typeName, type Value } from './value.ts';

/**
 * Go's `eq` for templates, except that an int and a float64 are compared as numbers: `gt $value 90` means what it says, where Go gives
 * "incompatible types for comparison".
 */
export function equalValues(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  if (isNumber(a) && isNumber(b)) return Number(a) === Number(b);
  if (typeof a !== typeof b) throw new TemplateFailure('incompatible types for comparison');
  if (typeof a === 'object') throw new TemplateFailure(`non-comparable type ${typeName(a)}`);
  return a === b;
}

/** Go's order of two texts (by code point) or two numbers; NaN is in no order. */
export function compareValues(a: Value, b: Value): 'less' | 'equal' | 'greater' | 'none' {
  if (isNumber(a) && isNumber(b)) {
    const [left, right] = [Number(a), Number(b)];
    return left < right ? 'less' : left > right ? 'greater' : left === right ? 'equal' : 'none';
  }
  if (typeof a === 'string' && typeof b === 'string') return a === b ? 'equal' : comesBefore(a, b) ? 'less' : 'greater';
  throw new TemplateFailure(typeof a === typeof b ? 'invalid type for comparison' : 'incompatible types for comparison');
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** UTF-8 bytes sort like code points, UTF-16 units do not. */
function comesBefore(a: string, b: string): boolean {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  const start = at > 0 && /[\ud800-\udbff]/.test(a.charAt(at - 1)) ? at - 1 : at;
  return (a.codePointAt(start) ?? -1) < (b.codePointAt(start) ?? -1);
}
