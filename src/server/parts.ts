import type { FastifyInstance, FastifyServerFactory } from 'fastify';
import type { Principal } from '../core/access/actor.ts';
import type { Counters } from '../core/base/counters.ts';
import type { Problem } from '../core/base/problem.ts';
import type { Result } from '../core/base/result.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Document } from '../core/recommendations/recommendation.ts';
import type { Endpoint } from '../contract/endpoint.ts';
import type { AnswerOf, BodyOf, ParamsOf, QueryOf } from '../contract/infer.ts';
import type { actions } from '../contract/api/actions.ts';
import type { alerts } from '../contract/api/alerts.ts';
import type { audit } from '../contract/api/audit.ts';
import type { hosts } from '../contract/api/hosts.ts';
import type { recommendations } from '../contract/api/recommendations.ts';
import type { runs } from '../contract/api/runs.ts';
import type { keeping } from '../contract/api/keeping.ts';
import type { series } from '../contract/api/series.ts';
import type { system } from '../contract/api/system.ts';
import type { Credentials } from '../engine/commands/credentials.ts';
import type { World } from '../world.ts';
import type { KeepingPart } from './keeping-part.ts';
import type { IntakePart } from './ingest/intake-part.ts';
import type { ScrapingPart } from './prometheus-api/scraping-part.ts';
import type { SeriesPart } from './prometheus-api/series-part.ts';

/** One request to an endpoint, authenticated, allowed and parsed. */
export interface Asked<E extends Endpoint> {
  readonly principal: Principal;
  readonly params: ParamsOf<E>;
  readonly query: QueryOf<E>;
  readonly body: BodyOf<E>;
  /** The header of this name, for the verbs that promise it. */
  readonly idempotencyKey: string | null;
}

export type Handler<E extends Endpoint> = (asked: Asked<E>) => Promise<Result<AnswerOf<E>>>;

/** What answers the endpoints of one noun. */
export type Verbs<G extends Readonly<Record<string, Endpoint>>> = { readonly [K in keyof G]: Handler<G[K]> };

/** What the server listens for and hands on to; src/main puts it together. */
export interface ServerParts {
  readonly version: string;
  readonly world: Pick<World, 'clock' | 'random' | 'store' | 'log' | 'signLink'>;
  readonly settings: () => Settings;
  readonly configuration: () => ConfigurationState;
  readonly credentials: Credentials;
  readonly timers: Timers;
  readonly counters: Counters;
  /** Measures what is asked for at the moment of a scrape: queue lengths, memory. */
  readonly gauges?: () => Promise<void>;
  /** Tokens that are not in the store, by the SHA-256 of their secret: the administrator's from the environment, the local agent's. */
  readonly fixedTokens: ReadonlyMap<string, Principal>;
  readonly nouns: {
    readonly alerts: Verbs<typeof alerts>;
    readonly actions: Verbs<typeof actions>;
    readonly runs: Verbs<typeof runs>;
    readonly recommendations: Verbs<typeof recommendations>;
    readonly hosts: Verbs<typeof hosts>;
    readonly series: Verbs<typeof series>;
    readonly keeping: Verbs<typeof keeping>;
    readonly system: Verbs<typeof system>;
    readonly audit: Verbs<typeof audit>;
  };
  readonly foreignAlerts: ForeignAlertsPart;
  readonly series: SeriesPart;
  readonly keeping: KeepingPart;
  /** Ways in besides remote write; absent: none. */
  readonly intake?: IntakePart;
  /** What is scraped; absent: nothing. */
  readonly scraping?: ScrapingPart;
  readonly outputs: OutputsPart;
  readonly live: LivePart;
  /** A configured document as it is read; null when the file is not there. */
  readonly openDocument: (document: Document) => Promise<{ readonly bytes: number; readonly chunks: AsyncIterable<Uint8Array> } | null>;
  /** A file of the built page by its path below the folder (`assets/x.js`), null when there is none. Null: the page was not built. */
  readonly loadPage: ((path: string) => Promise<Uint8Array | null>) | null;
  /** Why the server should get no requests now, null when it may. */
  readonly whyNotReady: () => string | null;
  /** Loads the configuration again; the problems, empty when it is active. */
  readonly reload: () => Promise<Result<null>>;
  /** More routes, each with its `config.gate`: what agents speak. */
  readonly extensions?: readonly ((server: FastifyInstance) => void)[];
  /** Makes the listening socket where plain HTTP is not wanted. */
  readonly serverFactory?: FastifyServerFactory;
}

/** Whether what is on disk is in force. */
export interface ConfigurationState {
  /** When the settings in force were loaded. */
  readonly loadedAt: Millis;
  /** Why the configuration on disk is not in force; empty when it is. */
  readonly problems: readonly Problem[];
  /** Since when it is not. */
  readonly failedAt: Millis | null;
}

export interface Timers {
  /** Calls back once after so many milliseconds, unless cancelled by what it gives. It does not keep the process alive. */
  after(wait: Millis, callback: () => void): () => void;
}

/** Alerts that other systems send; the door is engine/ingest. `at` is when they arrived. */
export interface ForeignAlertsPart {
  receive(format: 'alertmanager v2' | 'alertmanager webhook', body: unknown, principal: Principal): Promise<Result<null>>;
}

/** A piece of a run's output: consecutive bytes of one stream. `offset` counts the bytes of all streams before it. */
export interface OutputPiece {
  readonly offset: number;
  readonly at: Millis;
  readonly stream: 'stdout' | 'stderr' | 'note';
  readonly bytes: Uint8Array;
}

/** The outputs of runs. */
interface OutputsPart {
  /** The next pieces, from exactly this byte on; empty where there is nothing yet or nothing more. */
  read(run: string, from: number, limitBytes: number): Promise<readonly OutputPiece[]>;
  /** How many bytes there are now. */
  length(run: string): Promise<number>;
  /** Calls back after something was appended; ended by what it gives. */
  watch(run: string, listener: () => void): () => void;
}

/** What changed, as the audit log names things: `alert/ID`, `run/ID`, `host/NAME`, `samples`. */
export interface LivePart {
  subscribe(listener: (about: readonly string[]) => void): () => void;
}
