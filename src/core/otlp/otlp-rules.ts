/** How names of OpenTelemetry become names of series, in Prometheus' words. */
export const TRANSLATION_STRATEGIES = [
  'UnderscoreEscapingWithSuffixes',
  'UnderscoreEscapingWithoutSuffixes',
  'NoUTF8EscapingWithSuffixes',
  'NoTranslation',
] as const;

/** How names of OpenTelemetry become names of series, in Prometheus' words. */
export type TranslationStrategy = (typeof TRANSLATION_STRATEGIES)[number];

/** How OTLP metrics become series: the section `otlp` of a configuration. */
export interface OtlpRules {
  readonly strategy: TranslationStrategy;
  /** Attributes of the resource that become labels of every series. */
  readonly promoted: 'all' | readonly string[];
  /** Those that do not, where all are. */
  readonly ignored: readonly string[];
  /** Whether `target_info` also has the attributes that `job` and `instance` are made of. */
  readonly isIdentityKept: boolean;
  /** Whether series have the name, the version and the attributes of their scope. */
  readonly isScopePromoted: boolean;
}

/** What holds without the section, as in Prometheus. */
export const DEFAULT_OTLP_RULES: OtlpRules = {
  strategy: 'UnderscoreEscapingWithSuffixes',
  promoted: [],
  ignored: [],
  isIdentityKept: false,
  isScopePromoted: false,
};
