import type { Millis } from '../core/base/time.ts';

/** Ordered from least to most severe. */
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LEVELS)[number];

type LogFields = Readonly<Record<string, unknown>>;

/** One line a call: time, level, message, fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** From now on this text is printed as `***`, wherever it appears. */
  conceal(secret: string): void;
}

export interface LogSettings {
  readonly level: LogLevel;
  readonly now: () => Millis;
  readonly write: (line: string) => void;
}

const SECRET_NAME = /(token|password|secret|authorization|cookie|credential|api_?key)/i;
const PLAIN = /^[\w./:+@,\-[\]]+$/;
const LONGEST_VALUE = 2_000;
/** Shorter texts would blot out ordinary words. */
const SHORTEST_SECRET = 6;

/** Prints `2026-01-01T00:00:00.000Z level=info msg="..." key=value`; control characters are escaped, so a line stays one line. */
export function openLog(settings: LogSettings): Log {
  const secrets: string[] = [];
  const least = LEVELS.indexOf(settings.level);
  const print = (level: LogLevel, message: string, fields: LogFields = {}): void => {
    if (LEVELS.indexOf(level) < least) return;
    let line = `${new Date(settings.now()).toISOString()} level=${level} msg=${formatValue(message)}`;
    for (const [name, value] of Object.entries(fields)) {
      if (value === undefined) continue;
      line += ` ${name}=${SECRET_NAME.test(name) ? '***' : formatValue(value)}`;
    }
    for (const secret of secrets) line = line.replaceAll(secret, '***');
    settings.write(`${line}\n`);
  };
  return {
    debug: (message, fields) => print('debug', message, fields),
    info: (message, fields) => print('info', message, fields),
    warn: (message, fields) => print('warn', message, fields),
    error: (message, fields) => print('error', message, fields),
    conceal: (secret) => {
      if (secret.length >= SHORTEST_SECRET && !secrets.includes(secret)) secrets.push(secret);
    },
  };
}

/** A log on the standard error stream. */
export function openSystemLog(level: LogLevel): Log {
  return openLog({ level, now: () => Date.now(), write: (line) => process.stderr.write(line) });
}

function formatValue(value: unknown): string {
  const text = value instanceof Error ? value.message : typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
  const cut = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
  return PLAIN.test(cut)
    ? cut
    : JSON.stringify(cut).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029').replaceAll('\u007f', '\\u007f');
}
