/** The number a PromQL literal stands for: decimal, hexadecimal, octal with a leading zero, `Inf`, `NaN`, `_` between digits; NaN text aside, null when it is none. */
export function parseNumber(literal: string): number | null {
  const text = literal.toLowerCase().replaceAll('_', '');
  if (text === 'inf' || text === '+inf') return Number.POSITIVE_INFINITY;
  if (text === '-inf') return Number.NEGATIVE_INFINITY;
  if (text === 'nan') return Number.NaN;
  const sign = text.startsWith('-') ? -1 : 1;
  const body = text.replace(/^[+-]/, '');
  if (/^0x[0-9a-f]+$/.test(body)) return sign * Number(body);
  if (/^0[0-7]+$/.test(body)) return sign * Number.parseInt(body, 8);
  if (!/^(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?$/.test(body)) return null;
  return sign * Number(body);
}

/** A float as Go's strconv prints it with format 'f' and the shortest precision: never an exponent; `NaN`, `+Inf`, `-Inf`. The Prometheus API writes sample values so. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  if (value === Number.NEGATIVE_INFINITY) return '-Inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const text = String(value);
  return text.includes('e') ? withoutExponent(text) : text;
}

function withoutExponent(text: string): string {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace('-', '').replace('.', '');
  const whole = mantissa.replace('-', '').split('.')[0] ?? '';
  const point = whole.length + Number(exponent);
  let body: string;
  if (point <= 0) body = `0.${'0'.repeat(-point)}${digits}`;
  else if (point >= digits.length) body = digits + '0'.repeat(point - digits.length);
  else body = `${digits.slice(0, point)}.${digits.slice(point)}`;
  return negative ? `-${body}` : body;
}

/** A float as Go's `%g`/`%v` prints it with the shortest precision: an exponent below 1e-4 and from 1e6 on. */
export function formatShortest(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatNumber(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e-4 && magnitude < 1e6) return formatNumber(value);
  return formatExponent(value);
}

/** A float with at most two significant digits, as Go's `%.2g` prints it: an exponent below 1e-4 and from 100 on. */
export function formatTwoDigits(value: number): string {
  if (!Number.isFinite(value) || value === 0) return formatNumber(value);
  const rounded = Number(value.toPrecision(2));
  const magnitude = Math.abs(rounded);
  return magnitude >= 1e-4 && magnitude < 100 ? formatNumber(rounded) : formatExponent(rounded);
}

/** A float with an exponent of at least two digits, as Go's format 'e' with the shortest precision: `1e+00`. */
export function formatExponent(value: number): string {
  if (!Number.isFinite(value)) return formatNumber(value);
  const [mantissa = '', exponent = '+0'] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${Object.is(value, -0) ? '-' : ''}${mantissa}e${sign}${exponent.replace(/[+-]/, '').padStart(2, '0')}`;
}

/** A number as the Prometheus API writes it: shortest text, with an exponent only below 1e-6 and from 1e21 on; `NaN`, `+Inf`, `-Inf`. */
export function formatValue(value: number): string {
  if (value - value !== 0 || value === 0) return formatNumber(value);
  const magnitude = value < 0 ? -value : value;
  return magnitude < 1e-6 || magnitude >= 1e21 ? formatExponent(value) : String(value);
}

/** A float as OpenMetrics writes label values such as `le` and `quantile`: `1` is `1.0`, otherwise the shortest text. */
export function formatOpenMetrics(value: number): string {
  const text = formatShortest(value);
  return /^-?[0-9]+$/.test(text) ? `${text}.0` : text;
}
