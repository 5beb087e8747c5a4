import type { Millis } from './time.ts';

/** An instant as RFC 3339 in UTC with milliseconds; outside the years that `Date` knows, the nearest it does. */
export function formatInstant(at: Millis): string {
  return new Date(Math.max(-8.64e15, Math.min(8.64e15, at))).toISOString();
}

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** The instant that an RFC 3339 text names, to the millisecond; null when it is none. */
export function parseInstant(text: string): Millis | null {
  const match = RFC3339.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const whole = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
  const at = Date.parse(`${whole}${zone === 'z' ? 'Z' : zone}`);
  if (Number.isNaN(at)) return null;
  const dayInMonth = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate();
  return dayInMonth === Number(day) ? at + Math.floor(Number(`0${fraction ?? '.0'}`) * 1000) : null;
}

/** The instant of an HTTP date (`Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110), null when it is none. */
export function parseHttpDate(text: string): Millis | null {
  const at = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}
