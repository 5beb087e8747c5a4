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
