import { formatShortest } from '../promql/number.ts';

/** The value of an attribute. */
export type AnyValue = null | string | boolean | bigint | number | Uint8Array | readonly AnyValue[] | ReadonlyMap<string, AnyValue>;

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The value as the text of a label: lists and maps as JSON, bytes in base 64, as OpenTelemetry's collector writes them. */
export function formatAnyValue(value: AnyValue): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return isNested(value) ? JSON.stringify(plain(value)) : String(plain(value));
}

function isNested(value: AnyValue): boolean {
  return Array.isArray(value) || value instanceof Map;
}

function plain(value: AnyValue): unknown {
  if (typeof value === 'bigint') return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : formatShortest(value);
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, each]: [string, AnyValue]) => [key, plain(each)]));
  return Array.isArray(value) ? value.map((each: AnyValue) => plain(each)) : value;
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    const bits = (a << 16) | ((b ?? 0) << 8) | (c ?? 0);
    text += `${BASE64[bits >> 18]}${BASE64[(bits >> 12) & 63]}${b === undefined ? '=' : BASE64[(bits >> 6) & 63]}${c === undefined ? '=' : BASE64[bits & 63]}`;
  }
  return text;
}
