import assert from 'node:assert/strict';
import { argon2Sync, createHash, randomBytes } from 'node:crypto';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import type { Principal, Role } from '../core/access/actor.ts';
import type { Counters } from '../core/base/counters.ts';
import { refuse } from '../core/base/result.ts';
import type { Millis } from '../core/base/time.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import type { Settings } from '../core/config/settings.ts';
import { ensureFirstAdministrator } from '../engine/commands/setup-links.ts';
import { openStore, type StateStore } from '../io/db/open-store.ts';
import { buildServer } from './app.ts';
import type { Handler, OutputPiece, ServerParts } from './parts.ts';
import type { SeriesPart } from './prometheus-api/series-part.ts';

/** Cheap on purpose: what is tested is who gets in, not how long guessing takes. */
const ARGON = { parallelism: 1, tagLength: 16, memory: 64, passes: 1 } as const;

function hash(password: string, salt: Buffer): string {
  return `${salt.toString('hex')}$${argon2Sync('argon2id', { ...ARGON, message: password, nonce: salt }).toString('hex')}`;
}

export const PASSWORD = 'correct horse battery';

/** Time and timers that stand still until a test moves them. */
export class TestTime {
  now: Millis = 1_800_000_000_000;
  #timers: { at: Millis; callback: () => void }[] = [];

  after(wait: Millis, callback: () => void): () => void {
    const timer = { at: this.now + wait, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((one) => one !== timer);
    };
  }

  pass(length: Millis): void {
    this.now += length;
    const over = this.#timers.filter((timer) => timer.at <= this.now);
    this.#timers = this.#timers.filter((timer) => timer.at > this.now);
    for (const { callback } of over) callback();
  }
}

/** Outputs that a test writes. */
export class TestOutputs {
  readonly #runs = new Map<string, OutputPiece[]>();
  readonly #watchers = new Set<() => void>();

  append(run: string, text: string, stream: OutputPiece['stream'] = 'stdout'): void {
    const pieces = this.#runs.get(run) ?? [];
    const last = pieces.at(-1);
    const offset = last === undefined ? 0 : last.offset + last.bytes.length;
    this.#runs.set(run, [...pieces, { offset, at: 1, stream, bytes: Buffer.from(text) }]);
    for (const watcher of this.#watchers) watcher();
  }

  async read(run: string, from: number): Promise<readonly OutputPiece[]> {
    const rest = (this.#runs.get(run) ?? []).filter((piece) => piece.offset + piece.bytes.length > from);
    return rest.map((piece) => {
      const skip = Math.max(0, from - piece.offset);
      return { ...piece, offset: piece.offset + skip, bytes: piece.bytes.subarray(skip) };
    });
  }

  async length(run: string): Promise<number> {
    const last = this.#runs.get(run)?.at(-1);
    return last === undefined ? 0 : last.offset + last.bytes.length;
  }

  watch(_run: string, listener: () => void): () => void {
    this.#watchers.add(listener);
    return () => this.#watchers.delete(listener);
  }
}

export interface TestServer {
  readonly server: FastifyInstance;
  readonly parts: ServerParts;
  readonly store: StateStore;
  readonly time: TestTime;
  readonly outputs: TestOutputs;
  readonly counters: Counters;
  readonly log: unknown[];
  /** Says that these things changed. */
  readonly tell: (about: readonly string[]) => void;
  inject(options: InjectOptions): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

export const NO_SERIES: SeriesPart = {
  write: async () => ({ samples: 0, refused: [] }),
  instant: async () => ({ errorType: 'execution', error: 'no series here' }),
  range: async () => ({ errorType: 'execution', error: 'no series here' }),
  series: async () => ({ items: [], warnings: [] }),
  labelNames: async () => ({ items: [], warnings: [] }),
  labelValues: async () => ({ items: [], warnings: [] }),
  exemplars: async () => ({ items: [] }),
  metadata: async () => ({ items: new Map() }),
  stored: async () => ({ labels: [], ends: [], times: new Float64Array(0), values: new Float64Array(0), stale: new Uint8Array(0) }),
  limits: { timeout: 120_000, lookback: 300_000, samples: 50_000_000 },
  status: async () => ({
    numSeries: 0,
    numLabelPairs: 0,
    chunkCount: 0,
    minTime: 0,
    maxTime: 0,
    seriesCountByMetricName: [],
    labelValueCountByLabelName: [],
    memoryInBytesByLabelName: [],
    seriesCountByLabelValuePair: [],
    journalSegments: 0,
    blocks: [],
    damaged: 0,
  }),
};

const NO_KEEPING: ServerParts['keeping'] = {
  count: async () => refuse('unavailable', 'nothing is kept here'),
  delete: async () => refuse('unavailable', 'nothing is kept here'),
  clean: async () => refuse('unavailable', 'nothing is kept here'),
  snapshot: async () => refuse('unavailable', 'nothing is kept here'),
  snapshots: async () => refuse('unavailable', 'nothing is kept here'),
  removeSnapshot: async () => refuse('unavailable', 'nothing is kept here'),
};

/** Everything there is answers that there is nothing: enough to see who gets as far as that. */
const nothing: Handler<never> = async () => refuse('not_found', 'nothing here');
export const NOUNS: ServerParts['nouns'] = {
  series: { status: nothing, delete: nothing, clean: nothing, snapshots: nothing, snapshot: nothing, removeSnapshot: nothing },
  keeping: { recall: nothing, hold: nothing, lift: nothing },
  alerts: { list: nothing, get: nothing, explain: nothing, acknowledge: nothing, unacknowledge: nothing, resolve: nothing },
  actions: { list: nothing, get: nothing, preview: nothing, run: nothing },
  runs: { list: nothing, get: nothing, approve: nothing, reject: nothing, cancel: nothing },
  recommendations: { list: nothing, acknowledge: nothing, helped: nothing, didNotHelp: nothing },
  hosts: { list: nothing, get: nothing, agents: nothing, targets: nothing },
  system: { status: nothing, overview: nothing, due: nothing, demo: nothing, tryDemo: nothing },
  audit: { list: nothing },
};

export function settingsOf(yaml = ''): Settings {
  const { value, problems } = parseConfig(yaml === '' ? [] : [{ path: 'tocsin.yml', text: yaml }], { builtIn: null });
  if (value === null) throw new Error(JSON.stringify(problems));
  return value;
}

export async function startTestServer(yaml = '', change: Partial<ServerParts> = {}): Promise<TestServer> {
  const store = await openStore({ path: ':memory:' });
  const time = new TestTime();
  const outputs = new TestOutputs();
  const counters: Counters = new Map();
  const listeners = new Set<(about: readonly string[]) => void>();
  const log: unknown[] = [];
  const write = (message: string, fields?: unknown): void => void log.push({ message, fields });
  const settings = settingsOf(yaml);
  let ids = 0;
  const parts: ServerParts = {
    version: '0.0.0-test',
    world: {
      clock: { startedAt: time.now, now: () => time.now },
      random: { id: () => `id${++ids}`, fraction: () => 0.5 },
      store,
      log: { info: write, warn: write, error: write },
      signLink: (text) => createHash('sha256').update(`test ${text}`).digest('base64url'),
    },
    settings: () => settings,
    configuration: () => ({ loadedAt: time.now, problems: [], failedAt: null }),
    credentials: {
      digest: (text) => createHash('sha256').update(text).digest('hex'),
      secret: () => randomBytes(32).toString('hex'),
      hashPassword: async (password) => hash(password, randomBytes(16)),
      verifyPassword: async (password, hashed) => hash(password, Buffer.from(hashed.split('$')[0] ?? '', 'hex')) === hashed,
    },
    timers: time,
    counters,
    fixedTokens: new Map(),
    nouns: { ...NOUNS, runs: { ...NOUNS.runs } },
    foreignAlerts: { receive: async () => ({ ok: null }) },
    series: NO_SERIES,
    keeping: NO_KEEPING,
    outputs,
    live: {
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    openDocument: async () => null,
    loadPage: null,
    whyNotReady: () => null,
    reload: async () => ({ ok: null }),
    ...change,
  };
  const server = buildServer(parts);
  return {
    server,
    parts,
    store,
    time,
    outputs,
    counters,
    log,
    tell: (about) => {
      for (const listener of listeners) listener(about);
    },
    inject: (options) => server.inject(options),
    close: async () => {
      await server.close();
      await store.close();
    },
  };
}

export interface SignedIn {
  readonly cookie: string;
  readonly 'x-csrf-token': string;
}

export function sessionOf(answer: LightMyRequestResponse): SignedIn {
  const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
  return { cookie, 'x-csrf-token': answer.json<{ csrf: string }>().csrf };
}

/** Creates the first administrator through the link that the first start gives, and signs them in. */
export async function signInFirst({ parts, inject }: TestServer, name = 'alice'): Promise<SignedIn> {
  const link = await ensureFirstAdministrator(parts, null);
  const secret = link?.split('#')[1] ?? '';
  const answer = await inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name, password: PASSWORD } });
  assert.equal(answer.statusCode, 200, answer.body);
  return sessionOf(answer);
}

/** A token of a role, as the header that carries it. */
export async function tokenOf(test: TestServer, role: Role, actions: readonly string[] | null = null): Promise<{ authorization: string }> {
  const secret = `secret of ${role} ${actions?.join(' ') ?? ''}`;
  const principal: Principal = { actor: { kind: 'token', name: role }, role, teams: [], actions };
  const { fixedTokens, credentials } = test.parts;
  assert.ok(fixedTokens instanceof Map);
  fixedTokens.set(credentials.digest(secret.replaceAll(' ', '-')), principal);
  return { authorization: `Bearer ${secret.replaceAll(' ', '-')}` };
}
