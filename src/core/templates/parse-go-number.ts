import { parseQuoted } from '../promql/quote.ts';

const INT_LIMIT = 2n ** 63n;

/** The number or character constant of a Go template: an int where it is written as one, else a float64; null when it is neither. */
export function parseGoNumber(text: string): bigint | number | null {
  if (text.startsWith("'")) {
    const char = parseQuoted(text);
    const code = char === null || Array.from(char).length !== 1 ? undefined : char.codePointAt(0);
    return code === undefined ? null : BigInt(code);
  }
  const sign = text.startsWith('-') ? -1n : 1n;
  const body = text.replace(/^[+-]/, '').replaceAll('_', '').toLowerCase();
  if (/^(0x[0-9a-f]+|0b[01]+|0o[0-7]+|[1-9][0-9]*|0)$/.test(body)) return within(sign * BigInt(body));
  if (/^0[0-7]+$/.test(body)) return within(sign * BigInt(`0o${body.slice(1)}`));
  const value = Number(body);
  return body === '' || !Number.isFinite(value) ? null : Number(sign) * value;
}

function within(value: bigint): bigint | null {
  return value >= -INT_LIMIT && value < INT_LIMIT ? value : null;
}
