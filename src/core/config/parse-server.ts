import { DAY, HOUR, MINUTE, type Millis } from '../base/time.ts';
import { ACCESS_FIELDS, httpAccess } from './parse-http-access.ts';
import { headers } from './parse-remote-write.ts';
import {
  boolean,
  duration,
  fullText,
  integer,
  listOf,
  type Note,
  oneOf,
  optional,
  positiveDuration,
  type Reader,
  record,
  required,
  size,
} from './readers.ts';
import type { SeriesSettings, ServerSettings } from './settings.ts';
import { checked, whyNoWebAddress } from './shared-readers.ts';
import { holds } from './parse-holds.ts';
import { keptMatch, tiers } from './parse-tiers.ts';
import { entryOf, spotOf, type Tree } from './tree.ts';

const DEFAULT_CONNECTIONS = 10_000;
const DEFAULT_LISTEN = { host: '127.0.0.1', port: 4780 } as const;

/** `HOST:PORT`, `[::1]:PORT` or `:PORT` (every address); null when it is none. */
export function parseListen(text: string): ServerSettings['listen'] | null {
  const [, bracketed, plain = '', port = ''] = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/]*)):(\d{1,5})$/.exec(text) ?? [];
  if (port === '' || Number(port) > 65_535) return null;
  return { host: bracketed ?? (plain === '' ? '0.0.0.0' : plain), port: Number(port) };
}

/** Whether only programs on this machine reach an address. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** The address to give to people when the configuration names none. */
export function defaultExternalUrl({ host, port }: ServerSettings['listen'], tls: ServerSettings['tls'] = null): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${tls === null ? 'http' : 'https'}://${name}:${port}`;
}

/** Why anonymous access is refused with these settings, null when it is not. */
export function whyAnonymousRefused(server: Pick<ServerSettings, 'listen' | 'anonymous' | 'anonymousAnywhere'>): string | null {
  if (server.anonymous === null || server.anonymousAnywhere || isLoopback(server.listen.host)) return null;
  return `anybody who reaches ${server.listen.host} would be ${server.anonymous}: listen on 127.0.0.1, or set anonymous_anywhere: true as well`;
}

/** A browser's `Origin`: scheme, host and port, nothing behind. `*` is none of a page that is trusted. */
function whyNoOrigin(text: string): string | null {
  return /^https?:\/\/[a-z0-9.:[\]-]+$/.test(text)
    ? null
    : `expected an origin such as https://grafana.example.com, found ${JSON.stringify(text.slice(0, 100))}`;
}

const listen: Reader<ServerSettings['listen']> = (tree, note) => {
  const text = fullText(tree, note);
  const value = text === undefined ? null : parseListen(text);
  if (text !== undefined && value === null) note(tree, `expected HOST:PORT such as 127.0.0.1:4780, found ${JSON.stringify(text)}`);
  return value ?? undefined;
};

const fields = record({
  listen: optional(listen, DEFAULT_LISTEN),
  external_url: optional(checked(fullText, whyNoWebAddress), null),
  tls: optional(record({ cert: required(fullText), key: required(fullText) }), null),
  anonymous: optional(oneOf('viewer', 'operator', 'admin'), null),
  anonymous_anywhere: optional(boolean, false),
  allow_private_targets: optional(boolean, true),
  max_connections: optional(integer(10, 1_000_000), DEFAULT_CONNECTIONS),
  cors_origins: optional(listOf(checked(fullText, whyNoOrigin)), []),
});

/** The section `server`; null stands for all its defaults. */
export function parseServer(tree: Tree | null, note: Note): ServerSettings | undefined {
  if (tree === null) return serverOf({ listen: DEFAULT_LISTEN });
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const settings = serverOf({
    listen: value.listen,
    ...(value.external_url !== null && { externalUrl: value.external_url.replace(/\/+$/, '') }),
    tls: value.tls,
    anonymous: value.anonymous,
    anonymousAnywhere: value.anonymous_anywhere,
    allowPrivateTargets: value.allow_private_targets,
    maxConnections: value.max_connections,
    corsOrigins: value.cors_origins,
  });
  const refused = whyAnonymousRefused(settings);
  if (refused !== null) note(spotOf(tree, 'anonymous'), refused);
  return refused === null ? settings : undefined;
}

function serverOf(given: Partial<ServerSettings> & Pick<ServerSettings, 'listen'>): ServerSettings {
  return {
    externalUrl: defaultExternalUrl(given.listen, given.tls),
    tls: null,
    anonymous: null,
    anonymousAnywhere: false,
    allowPrivateTargets: true,
    maxConnections: DEFAULT_CONNECTIONS,
    corsOrigins: [],
    ...given,
  };
}

export interface StorageSettings {
  readonly series: SeriesSettings;
  readonly keepHistory: Millis;
}

const DEFAULT_KEEP = 15 * DAY;
const DEFAULT_FLUSH_SAMPLES = 8_000_000;
const DEFAULT_EXEMPLARS = 100_000;
const DEFAULT_SERIES = 1_000_000;
const cold = record({
  folder: required(checked(fullText, (path) => (path.startsWith('/') ? null : 'expected a path from the root: /mnt/cold'))),
  after: required(positiveDuration),
});
const series = record({
  kind: optional(oneOf('embedded', 'remote'), 'embedded' as const),
  keep: optional(positiveDuration, null),
  tiers: optional(tiers, null),
  max_bytes: optional(size, null),
  keep_matching: optional(listOf(keptMatch), []),
  holds: optional(holds, []),
  max_series: optional(integer(1, 100_000_000), DEFAULT_SERIES),
  max_series_per_source: optional(integer(1, 100_000_000), null),
  out_of_order_window: optional(duration, HOUR),
  min_free: optional(size, null),
  cold: optional(cold, null),
  flush_samples: optional(integer(100, 100_000_000), DEFAULT_FLUSH_SAMPLES),
  exemplars: optional(integer(0, 10_000_000), DEFAULT_EXEMPLARS),
  write: optional(checked(fullText, whyNoWebAddress), null),
  query: optional(checked(fullText, whyNoWebAddress), null),
  headers: optional(headers, null),
  ...ACCESS_FIELDS,
});
const storage = record({
  state: optional(fullText, 'sqlite'),
  sync: optional(oneOf('normal', 'full'), 'normal' as const),
  keep_history: optional(positiveDuration, 365 * DAY),
  series: optional((tree: Tree) => tree, null),
});

/** The section `storage`; null stands for all its defaults. */
export function parseStorage(tree: Tree | null, note: Note): StorageSettings | undefined {
  const value = tree === null ? null : storage(tree, note);
  if (value === undefined) return undefined;
  const sync = value?.sync ?? 'normal';
  if (value !== null && value.state !== 'sqlite' && tree !== null) {
    const known = value.state.startsWith('postgres');
    note(spotOf(tree, 'state'), known ? 'PostgreSQL is not supported by this version' : 'expected sqlite');
    return undefined;
  }
  const given = value?.series ?? null;
  const read = given === null ? null : parseSeries(given, note);
  if (read === undefined) return undefined;
  return {
    keepHistory: value?.keep_history ?? 365 * DAY,
    series: {
      keep: DEFAULT_KEEP,
      tiers: [],
      maxBytes: null,
      keepMatching: [],
      holds: [],
      maxSeries: DEFAULT_SERIES,
      maxSeriesPerSource: DEFAULT_SERIES,
      outOfOrderWindow: HOUR,
      minFree: null,
      cold: null,
      flushSamples: DEFAULT_FLUSH_SAMPLES,
      exemplars: DEFAULT_EXEMPLARS,
      remote: null,
      ...read,
      sync,
    },
  };
}

const ACCESS_KEYS = ['headers', ...Object.keys(ACCESS_FIELDS)];
const EMBEDDED_ONLY = [
  'keep',
  'tiers',
  'max_bytes',
  'keep_matching',
  'holds',
  'max_series',
  'max_series_per_source',
  'out_of_order_window',
  'min_free',
  'cold',
  'flush_samples',
  'exemplars',
] as const;

/** Both addresses belong to a remote store, which needs both. */
function whyNotRemote(kind: 'embedded' | 'remote', key: string, address: string | null): string | null {
  if (kind === 'remote') return address === null ? `a remote store needs ${key}: the address` : null;
  return address === null ? null : 'belongs to a remote store';
}

function parseSeries(tree: Tree, note: Note): Omit<SeriesSettings, 'sync'> | undefined {
  const value = series(tree, note);
  if (value === undefined) return undefined;
  const wrong: readonly (readonly [string, string | null])[] = [
    ['write', whyNotRemote(value.kind, 'write', value.write)],
    ['query', whyNotRemote(value.kind, 'query', value.query)],
    ...EMBEDDED_ONLY.map(
      (key) => [key, value.kind === 'remote' && entryOf(tree, key) !== undefined ? 'belongs to the embedded store' : null] as const,
    ),
    ...ACCESS_KEYS.map(
      (key) => [key, value.kind === 'embedded' && entryOf(tree, key) !== undefined ? 'belongs to a remote store' : null] as const,
    ),
    ['keep', value.keep !== null && value.tiers !== null ? 'keep is the short form of one raw tier: give one of both' : null],
    ['keep', (value.keep ?? value.tiers?.keep ?? HOUR) < MINUTE * 10 ? 'samples are kept for 10m at least' : null],
  ];
  for (const [key, message] of wrong) if (message !== null) note(spotOf(tree, key), message);
  const access = httpAccess(value, tree, note);
  if (access === undefined || wrong.some(([, message]) => message !== null)) return undefined;
  return {
    keep: value.keep ?? value.tiers?.keep ?? DEFAULT_KEEP,
    tiers: value.tiers?.tiers ?? [],
    maxBytes: value.max_bytes,
    keepMatching: value.keep_matching,
    holds: value.holds,
    maxSeries: value.max_series,
    maxSeriesPerSource: value.max_series_per_source ?? value.max_series,
    outOfOrderWindow: value.out_of_order_window,
    minFree: value.min_free,
    cold: value.cold,
    flushSamples: value.flush_samples,
    exemplars: value.exemplars,
    remote:
      value.write === null || value.query === null
        ? null
        : { write: value.write, query: value.query.replace(/\/+$/, ''), access, headers: value.headers ?? new Map() },
  };
}
