import { formatInstant } from '../base/calendar.ts';
import { formatFloat } from './go-float.ts';

const LARGE = ['k', 'M', 'G', 'T', 'P', 'E', 'Z', 'Y'];
const SMALL = ['m', 'u', 'n', 'p', 'f', 'a', 'z', 'y'];
const BINARY = ['ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei', 'Zi', 'Yi'];

const short = (value: number): string => formatFloat(value, 'g', 4);

/** Four significant digits with a metric prefix: 1234567 is `1.235M` (Prometheus template/template.go, like everything here). */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return short(value);
  const { scaled, prefix } = Math.abs(value) >= 1 ? shrink(value, 1000, LARGE) : grow(value);
  return short(scaled) + prefix;
}

/** Four significant digits with a binary prefix: 1048576 is `1Mi`. */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return short(value);
  const { scaled, prefix } = shrink(value, 1024, BINARY);
  return short(scaled) + prefix;
}

/** Seconds as people read them: `2d 3h 4m 5s`, `1.234s`, `123.5ms`. */
export function humanizeDuration(value: number): string {
  if (!Number.isFinite(value)) return short(value);
  if (value === 0) return `${short(value)}s`;
  if (Math.abs(value) < 1) {
    const { scaled, prefix } = grow(value);
    return `${short(scaled)}${prefix}s`;
  }
  const sign = value < 0 ? '-' : '';
  const size = Math.abs(value);
  const whole = Math.floor(size);
  const [days, hours, minutes, seconds] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3_600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (days > 0) return `${sign}${days}d ${hours}h ${minutes}m ${seconds}s`;
  if (hours > 0) return `${sign}${hours}h ${minutes}m ${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m ${seconds}s` : `${sign}${short(size)}s`;
}

/** A ratio in percent: 0.1234567 is `12.35%`. */
export function humanizePercentage(value: number): string {
  return `${short(value * 100)}%`;
}

/** Seconds since the epoch as Go prints an instant in UTC: `2015-06-23 13:19:44.128 +0000 UTC`. Null: beyond what 64-bit nanoseconds hold. */
export function humanizeTimestamp(value: number): string | null {
  if (!Number.isFinite(value)) return short(value);
  if (Math.abs(value) >= 2 ** 63 / 1e9) return null;
  const [date = '', clock = ''] = formatInstant(Math.floor(value * 1e3)).split('T');
  return `${date} ${clock.replace('Z', '').replace(/\.?0+$/, '')} +0000 UTC`;
}

function shrink(value: number, step: number, prefixes: readonly string[]): { readonly scaled: number; readonly prefix: string } {
  let scaled = value;
  let prefix = '';
  for (const next of prefixes) {
    if (Math.abs(scaled) < step) break;
    prefix = next;
    scaled /= step;
  }
  return { scaled, prefix };
}

function grow(value: number): { readonly scaled: number; readonly prefix: string } {
  let scaled = value;
  let prefix = '';
  for (const next of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    prefix = next;
    scaled *= 1000;
  }
  return { scaled, prefix };
}
