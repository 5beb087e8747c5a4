import { formatBytes } from '../../../src/core/base/format-bytes.ts';

export { formatBytes };

export type Unit = 'percent' | 'ratio' | 'bytes' | 'bytes/s' | 'number' | 'si' | 'seconds' | 'per second';

const SI = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A value with its unit, about three digits: `42.1 %`, `3.1 GiB`, `12 ms`. */
export function formatValue(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || Number.isNaN(value)) return '–';
  switch (unit) {
    case 'percent':
      return `${digits(value)} %`;
    case 'ratio':
      return `${digits(value * 100)} %`;
    case 'bytes':
      return formatBytes(value);
    case 'bytes/s':
      return `${formatBytes(value)}/s`;
    case 'seconds':
      return formatSeconds(value);
    case 'per second':
      return `${formatSi(value)}/s`;
    case 'number':
      return formatNumber(value);
    case 'si':
      return formatSi(value);
  }
}

/** A length of time in seconds, also a negative and a tiny one. */
function formatSeconds(seconds: number): string {
  const size = Math.abs(seconds);
  const text = size > 0 && size < 0.001 ? `${digits(size * 1e6)} µs` : formatLength(size * 1000);
  return seconds < 0 ? `−${text}` : text;
}

/** A number with the prefix of its size: `1.23 k`, `45.6 M`. */
export function formatSi(value: number): string {
  const size = Math.abs(value);
  if (size < 1000 || !Number.isFinite(value) || size >= 1e21) return formatNumber(value);
  let scaled = size;
  let prefix = 0;
  while (scaled >= 999.95 && prefix < SI.length - 1) {
    scaled /= 1000;
    prefix++;
  }
  return `${value < 0 ? '−' : ''}${Number(scaled.toPrecision(4))} ${SI[prefix]}`;
}

/** A plain number: about three digits, thousands grouped, tiny and huge ones with an exponent. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '∞' : value < 0 ? '−∞' : '–';
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e12)) return value.toExponential(2).replace('e', ' e').replace('+', '');
  if (size >= 1000) return Math.round(value).toLocaleString('en').replaceAll(',', ' ').replace('-', '−');
  return digits(value);
}

function digits(value: number): string {
  const size = Math.abs(value);
  const places = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  return Number(value.toFixed(places)).toString().replace('-', '−');
}

/** A length of time for people, its two largest units: `850 ms`, `4.2 s`, `3 min 20 s`, `2 d 4 h`. */
export function formatLength(length: number): string {
  const ms = Math.abs(length);
  if (ms < 1) return '0 s';
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND) return `${Number((ms / SECOND).toFixed(1))} s`;
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return twoUnits(ms, [MINUTE, 'min'], [SECOND, 's']);
  if (ms < DAY) return twoUnits(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return twoUnits(ms, [DAY, 'd'], [HOUR, 'h']);
}

function twoUnits(ms: number, [large, largeName]: [number, string], [small, smallName]: [number, string]): string {
  const rounded = Math.round(ms / small) * small;
  const rest = Math.round((rounded % large) / small);
  return rest === 0 ? `${Math.round(rounded / large)} ${largeName}` : `${Math.floor(rounded / large)} ${largeName} ${rest} ${smallName}`;
}

/** How long ago, in one unit: `just now`, `40 s ago`, `3 min ago`, `5 d ago`. A moment to come is `in ...`. */
export function formatAgo(at: number, now: number): string {
  const ms = now - at;
  if (Math.abs(ms) < 5 * SECOND) return 'just now';
  return ms < 0 ? `in ${oneUnit(-ms)}` : `${oneUnit(ms)} ago`;
}

/** A length of time in its largest unit, rounded down. */
function oneUnit(ms: number): string {
  if (ms < MINUTE) return `${Math.max(0, Math.floor(ms / SECOND))} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.floor(ms / HOUR)} h`;
  return `${Math.floor(ms / DAY)} d`;
}

/** What is left until a moment, ticking: `29:41`, `1:05:12`; `0:00` when it has passed. */
export function formatCountdown(at: number, now: number): string {
  const left = Math.max(0, Math.ceil((at - now) / SECOND));
  const hours = Math.floor(left / 3600);
  const minutes = Math.floor((left % 3600) / 60);
  const seconds = String(left % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${seconds}` : `${minutes}:${seconds}`;
}

const WHEN = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium', hourCycle: 'h23' });
const CLOCK = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const NEAR = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const FAR = new Intl.DateTimeFormat(undefined, { year: 'numeric', month: 'short', day: 'numeric' });
const HALF_YEAR = 180 * DAY;
const DATE = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** Date and time in the reader's zone and habit. */
export function formatWhen(at: number): string {
  return WHEN.format(at);
}

/** Time of day; for another day the date and the time; for a far one the date. */
export function formatMoment(at: number, now: number): string {
  if (DATE.format(at) === DATE.format(now)) return CLOCK.format(at);
  return Math.abs(now - at) < HALF_YEAR ? NEAR.format(at) : FAR.format(at);
}

/** One thing or several: `plural(2, 'host')` is `2 hosts`. */
export function plural(count: number, noun: string, many = `${noun}s`): string {
  return `${formatNumber(count)} ${count === 1 ? noun : many}`;
}

/** A figure of the server's status for people: its unit stands at the end of its name (`memory_bytes`, `late_ms`). */
export function formatFigure(name: string, value: number | string): { readonly name: string; readonly text: string } {
  const [, stem = name, unit = ''] = /^(.+?)(?:_(bytes|ms|seconds|percent))?$/.exec(name) ?? [];
  const words = stem.replaceAll('_', ' ');
  if (typeof value === 'string') return { name: words, text: value };
  if (unit === 'bytes') return { name: words, text: formatBytes(value) };
  if (unit === 'ms') return { name: words, text: formatLength(value) };
  if (unit === 'seconds') return { name: words, text: formatLength(value * 1000) };
  return { name: words, text: unit === 'percent' ? `${digits(value)} %` : formatNumber(value) };
}
