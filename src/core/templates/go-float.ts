import { formatExponent, formatNumber, formatShortest } from '../promql/number.ts';

/** The most digits that are ever asked for. */
const PRECISION_LIMIT = 100;

/**
 * A float as Go's strconv.FormatFloat prints it: exact decimal rounding, ties to even. `precision` counts digits after the point (`e`, `f`)
 * or significant ones (`g`); null is the shortest that reads back as the same.
 */
export function formatFloat(value: number, verb: 'e' | 'f' | 'g', precision: number | null): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  if (precision === null) {
    return verb === 'g' ? formatShortest(value) : verb === 'f' ? formatNumber(value) : formatExponent(value);
  }
  const digits = Math.min(precision, PRECISION_LIMIT);
  const sign = value < 0 || Object.is(value, -0) ? '-' : '';
  const size = Math.abs(value);
  if (verb === 'f') return sign + roundFixed(size, digits);
  if (verb === 'e') return sign + roundSignificant(size, digits + 1).text;
  const significant = Math.max(digits, 1);
  const { text, exponent } = roundSignificant(size, significant);
  if (exponent < -4 || exponent >= significant) {
    const [mantissa = '', tail = ''] = text.split('e');
    return `${sign}${trimZeros(mantissa)}e${tail}`;
  }
  return sign + trimZeros(roundFixed(size, significant - 1 - exponent));
}

function trimZeros(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `d.ddde±xx` with that many significant digits, and its exponent. */
function roundSignificant(size: number, significant: number): { readonly text: string; readonly exponent: number } {
  if (size === 0) return { text: mantissaText('0'.repeat(significant), 0), exponent: 0 };
  const exponent = Number(size.toExponential().split('e')[1] ?? 0);
  const decimals = significant - 1 - exponent;
  // Beyond what toFixed can do no tie is possible, and its rounding is the right one.
  if (decimals > PRECISION_LIMIT) {
    const [mantissa = '', tail = '0'] = size.toExponential(significant - 1).split('e');
    return { text: mantissaText(mantissa.replace('.', ''), Number(tail)), exponent: Number(tail) };
  }
  const rounded = decimals >= 0 ? roundFixed(size, decimals).replace('.', '').replace(/^0+/, '') : roundInteger(size, -decimals);
  const carried = rounded.length > significant;
  return {
    text: mantissaText(rounded.slice(0, significant), exponent + (carried ? 1 : 0)),
    exponent: exponent + (carried ? 1 : 0),
  };
}

function mantissaText(digits: string, exponent: number): string {
  const body = digits.length > 1 ? `${digits.slice(0, 1)}.${digits.slice(1)}` : digits;
  return `${body}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** A finite number that is not negative, with that many digits after the point (0 to 100). */
function roundFixed(size: number, decimals: number): string {
  if (size >= 1e21) return BigInt(size).toString() + (decimals > 0 ? `.${'0'.repeat(decimals)}` : '');
  const doubled = size * 2 ** (decimals + 1);
  // A float lies exactly between two decimals only when it is a multiple of 2^-(decimals+1), and then one more digit writes it exactly.
  if (decimals >= PRECISION_LIMIT || !Number.isInteger(doubled)) return size.toFixed(decimals);
  const exact = size.toFixed(decimals + 1);
  if (!exact.endsWith('5')) return size.toFixed(decimals);
  const lower = exact.slice(0, -1).replace(/\.$/, '');
  const isEven = /[02468]$/.test(lower);
  return isEven ? lower : size.toFixed(decimals);
}

/** The leading digits of a whole number without its last `dropped` ones, rounded to even. */
function roundInteger(size: number, dropped: number): string {
  const whole = BigInt(Math.trunc(size));
  const unit = 10n ** BigInt(dropped);
  const twice = (whole % unit) * 2n;
  const lower = whole / unit;
  const up = twice > unit || (twice === unit && (lower % 2n === 1n || size > Math.trunc(size)));
  return (up ? lower + 1n : lower).toString();
}
