import type { Labels } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import type { SecretRef } from '../config/secret-ref.ts';
import type { Source } from '../rules/rule.ts';
import type { RelabelRule } from './relabel-rule.ts';

/** The formats that can be asked for, in Prometheus' words. */
export const SCRAPE_PROTOCOLS = [
  'OpenMetricsText1.0.0',
  'OpenMetricsText0.0.1',
  'PrometheusText1.0.0',
  'PrometheusText0.0.4',
  'PrometheusProto',
] as const;

/** A format that can be asked for. */
export type ScrapeProtocol = (typeof SCRAPE_PROTOCOLS)[number];

/** How names can be written that are not of ASCII letters, digits and `_`. */
export const NAME_ESCAPINGS = ['allow-utf-8', 'underscores', 'dots', 'values'] as const;

/** How such names are written. */
export type NameEscaping = (typeof NAME_ESCAPINGS)[number];

/** One entry of `scrape_configs`: where targets come from, and how they are scraped. */
export interface ScrapeJob {
  readonly name: string;
  readonly interval: Millis;
  readonly timeout: Millis;
  readonly metricsPath: string;
  readonly scheme: 'http' | 'https';
  readonly params: Readonly<Record<string, readonly string[]>>;
  readonly honorLabels: boolean;
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** In the order in which they are preferred. */
  readonly protocols: readonly ScrapeProtocol[];
  /** As what histograms are taken that have a native part and classic buckets. */
  readonly histograms: 'classic' | 'native' | 'both';
  /** How an answer is read that does not say what it is; null: not at all. */
  readonly fallbackProtocol: ScrapeProtocol | null;
  readonly isCompressionAsked: boolean;
  /** 'legacy': a metric with another name than Prometheus 2 takes makes the scrape fail. */
  readonly names: 'utf8' | 'legacy';
  /** How targets are asked to write other names. */
  readonly escaping: NameEscaping;
  /** Whether the timeout, the limit of samples and the size of each answer are stored as well. */
  readonly isReportingMore: boolean;
  readonly limits: ScrapeLimits;
  readonly relabel: readonly RelabelRule[];
  readonly metricRelabel: readonly RelabelRule[];
  readonly groups: readonly TargetGroup[];
  readonly files: readonly FileDiscovery[];
  readonly http: readonly HttpDiscovery[];
  readonly access: HttpAccess;
  readonly source: Source;
}

/** Bounds of what a target may say; 0: none but those that hold for all. */
export interface ScrapeLimits {
  readonly samples: number;
  readonly labels: number;
  readonly labelNameLength: number;
  readonly labelValueLength: number;
  readonly targets: number;
  readonly bodyBytes: number;
  readonly keepDroppedTargets: number;
}

/** Addresses with labels in common. */
export interface TargetGroup {
  readonly targets: readonly string[];
  readonly labels: Labels;
}

/** Target groups in files, whose last part may be a pattern. */
export interface FileDiscovery {
  readonly patterns: readonly string[];
  readonly refresh: Millis;
}

/** Target groups behind a web address. */
export interface HttpDiscovery {
  readonly url: string;
  readonly refresh: Millis;
  readonly access: HttpAccess;
}

/** How a client says who it is, and whom it trusts. */
export interface HttpAccess {
  readonly authorization:
    | { readonly kind: 'basic'; readonly user: SecretRef; readonly password: SecretRef | null }
    | { readonly kind: 'credentials'; readonly type: string; readonly credentials: SecretRef }
    | null;
  readonly tls: TlsAccess | null;
  /** Sent with every request: a name, and its values. */
  readonly headers: readonly (readonly [name: string, values: readonly SecretRef[]])[];
  readonly followRedirects: boolean;
}

/** PEM texts or files, and what is checked of the other side's certificate. */
export interface TlsAccess {
  readonly ca: SecretRef | null;
  readonly cert: SecretRef | null;
  readonly key: SecretRef | null;
  readonly serverName: string | null;
  readonly isInsecure: boolean;
  readonly minVersion: string | null;
  readonly maxVersion: string | null;
}
