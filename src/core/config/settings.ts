import type { Role } from '../access/actor.ts';
import type { Action, Trigger } from '../actions/action.ts';
import type { Millis } from '../base/time.ts';
import type { OtlpRules } from '../otlp/otlp-rules.ts';
import type { Matcher } from '../promql/matcher.ts';
import type { Hold } from '../series/hold.ts';
import type { Recommendation } from '../recommendations/recommendation.ts';
import type { Route } from '../routing/route.ts';
import type { Rule, Source } from '../rules/rule.ts';
import type { RemoteWriteTarget } from '../series/remote-write-target.ts';
import type { HttpAccess, ScrapeJob } from '../scrape/scrape-job.ts';
import type { SecretRef } from './secret-ref.ts';

/** The loaded configuration, already validated. Replaced whole on reload; nobody holds a piece of it across an await. */
export interface Settings {
  readonly server: ServerSettings;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly channels: ReadonlyMap<string, Channel>;
  readonly route: Route;
  readonly actions: ReadonlyMap<string, Action>;
  readonly triggers: ReadonlyMap<string, Trigger>;
  readonly recommendations: ReadonlyMap<string, Recommendation>;
  /** Team -> its members. */
  readonly teams: ReadonlyMap<string, readonly string[]>;
  readonly users: ReadonlyMap<string, DefinedUser>;
  readonly series: SeriesSettings;
  /** An agent not heard for so long raises `AgentSilent`. */
  readonly agentSilentAfter: Millis;
  readonly scrapeJobs: readonly ScrapeJob[];
  readonly otlp: OtlpRules;
  /** Where everything that is stored is sent as well. */
  readonly remoteWrite: readonly RemoteWriteTarget[];
  /** Runs and resolved alerts are kept so long. */
  readonly keepHistory: Millis;
}

/** A person whom a file defines. */
export interface DefinedUser {
  readonly role: Role;
  /** Null: no mail reaches them. */
  readonly email: string | null;
  readonly source: Source;
}

export interface ServerSettings {
  readonly listen: { readonly host: string; readonly port: number };
  /** The address under which people reach the server, without a trailing slash; used in every link. */
  readonly externalUrl: string;
  readonly tls: { readonly cert: string; readonly key: string } | null;
  readonly anonymous: 'viewer' | 'operator' | 'admin' | null;
  readonly anonymousAnywhere: boolean;
  /** Whether channels may send to loopback and private addresses. */
  readonly allowPrivateTargets: boolean;
  /** Connections beyond this number are closed at once. */
  readonly maxConnections: number;
  /** Origins of other pages that may call with a token, exactly as a browser sends them. */
  readonly corsOrigins: readonly string[];
}

/** The series of a selector, and how long they are kept. */
export interface MatchSettings {
  readonly match: string;
  readonly matchers: readonly Matcher[];
  readonly keep: Millis;
}

/** How long samples are kept, and the coarser tiers made of them. */
export interface TierSettings {
  readonly keep: Millis;
  /** From fine to coarse: the width of the buckets, which divides a day, and how long they are kept. */
  readonly tiers: readonly { readonly every: Millis; readonly keep: Millis }[];
}

export interface SeriesSettings extends TierSettings {
  /** Series that are kept shorter than others, in samples and tiers alike. */
  readonly keepMatching: readonly MatchSettings[];
  /** Samples and tiers occupy at most so many bytes; null: as many as they need. */
  readonly maxBytes: number | null;
  /** What nothing may delete. */
  readonly holds: readonly Hold[];
  readonly maxSeries: number;
  /** Of one token. */
  readonly maxSeriesPerSource: number;
  readonly outOfOrderWindow: Millis;
  /** Samples are refused while fewer bytes are free on the disk; null: as many as suit the disk. */
  readonly minFree: number | null;
  /** So many samples in memory become blocks. */
  readonly flushSamples: number;
  /** Blocks older than that go to the folder; null: they stay. */
  readonly cold: { readonly folder: string; readonly after: Millis } | null;
  /** How many exemplars are kept; 0: none. */
  readonly exemplars: number;
  readonly sync: 'normal' | 'full';
  /** The server that keeps the series instead: where samples are written, and below which address queries are asked. Null: they are kept here. */
  readonly remote: RemoteSettings | null;
}

export interface RemoteSettings {
  readonly write: string;
  readonly query: string;
  readonly access: HttpAccess;
  readonly headers: ReadonlyMap<string, SecretRef>;
}

/** Where messages go. */
export type Channel = WebhookChannel | EmailChannel | NoneChannel;

interface ChannelCommon {
  readonly name: string;
  readonly sendResolved: boolean;
  readonly source: Source;
}

/** Keeps messages in the record only: what a server without channels uses. */
interface NoneChannel extends ChannelCommon {
  readonly type: 'none';
}

export interface WebhookChannel extends ChannelCommon {
  readonly type: 'webhook';
  readonly url: SecretRef;
  /** Signs the body with HMAC-SHA256. */
  readonly secret: SecretRef | null;
  readonly bearer: SecretRef | null;
  readonly timeout: Millis;
  /** More alerts than this are counted in `truncatedAlerts`; 0: no limit. */
  readonly maxAlerts: number;
}

export interface EmailChannel extends ChannelCommon {
  readonly type: 'email';
  readonly to: readonly string[];
  readonly from: string;
  readonly smtp: {
    readonly host: string;
    readonly port: number;
    readonly security: 'none' | 'starttls' | 'tls';
    readonly user: string | null;
    readonly password: SecretRef | null;
    /** Accept a certificate that no authority vouches for. */
    readonly insecure: boolean;
  };
}
