import type { AlertFilter } from '../data/alerts.ts';
import type { RunFilter } from '../data/runs.ts';

/** What stands behind the `?` of an address, before anybody looked at it. */
type Raw = Readonly<Record<string, unknown>>;

function text(raw: Raw, name: string): string | undefined {
  const value = raw[name];
  return typeof value === 'string' && value !== '' ? value.slice(0, 2000) : typeof value === 'number' ? String(value) : undefined;
}

function number(raw: Raw, name: string): number | undefined {
  const value = Number(raw[name] ?? Number.NaN);
  return Number.isFinite(value) ? value : undefined;
}

function without<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}

export interface SignInSearch {
  readonly to?: string;
}

export function signInSearch(raw: Raw): SignInSearch {
  const to = text(raw, 'to');
  // Only a path of ours: a link must not lead elsewhere after signing in.
  return to !== undefined && /^\/(?![/\\])/.test(to) ? { to } : {};
}

export interface ListSearch {
  readonly text?: string;
}

export function listSearch(raw: Raw): ListSearch {
  return without({ text: text(raw, 'text') }) as ListSearch;
}

export function alertSearch(raw: Raw): AlertFilter {
  return without({
    state: text(raw, 'state'),
    severity: text(raw, 'severity'),
    host: text(raw, 'host'),
    rule: text(raw, 'rule'),
    filter: text(raw, 'filter'),
    text: text(raw, 'text'),
  }) as AlertFilter;
}

export function archiveSearch(raw: Raw): RunFilter {
  return without({
    state: text(raw, 'state'),
    action: text(raw, 'action'),
    host: text(raw, 'host'),
    alert: text(raw, 'alert'),
    requestedBy: text(raw, 'requestedBy'),
    verification: ['waiting', 'fixed', 'not fixed', 'made worse'].find((name) => name === raw['verification']),
    text: text(raw, 'text'),
    from: number(raw, 'from'),
    to: number(raw, 'to'),
  }) as RunFilter;
}

export interface RangeSearch {
  /** A length as people choose it: `15m`, `1h`. */
  readonly range?: string;
  /** Milliseconds; both or none. */
  readonly from?: number;
  readonly to?: number;
}

export function rangeSearch(raw: Raw): RangeSearch {
  const from = number(raw, 'from');
  const to = number(raw, 'to');
  if (from !== undefined && to !== undefined && to > from) return { from, to };
  const range = text(raw, 'range');
  return range === undefined ? {} : { range };
}

export interface AskSearch {
  /** Opens the dialog that asks for a run. */
  readonly run?: true;
}

export function askSearch(raw: Raw): AskSearch {
  return raw['run'] === true || raw['run'] === 'true' || raw['run'] === 1 ? { run: true } : {};
}

export interface RecommendationSearch {
  readonly all?: true;
}

export function recommendationSearch(raw: Raw): RecommendationSearch {
  return raw['all'] === true || raw['all'] === 'true' ? { all: true } : {};
}

export interface AuditSearch {
  readonly about?: string;
}

export function auditSearch(raw: Raw): AuditSearch {
  return without({ about: text(raw, 'about') }) as AuditSearch;
}
