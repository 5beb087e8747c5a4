import type { Labels } from '../base/labels.ts';
import { MINUTE, type Millis, SECOND } from '../base/time.ts';
import {
  type FileDiscovery,
  type HttpDiscovery,
  NAME_ESCAPINGS,
  SCRAPE_PROTOCOLS,
  type ScrapeJob,
  type ScrapeProtocol,
  type TargetGroup,
} from '../scrape/scrape-job.ts';
import { ACCESS_FIELDS, ACCESS_PLANNED, httpAccess, path } from './parse-http-access.ts';
import { relabelRule } from './parse-relabel.ts';
import {
  boolean,
  describe,
  fullText,
  integer,
  listOf,
  mapOf,
  type Note,
  oneOf,
  optional,
  positiveDuration,
  type Reader,
  record,
  required,
  size,
  text,
} from './readers.ts';
import { checked, sourceOf, whyNoWebAddress } from './shared-readers.ts';
import { entryOf, itemsOf, spotOf, type Tree } from './tree.ts';

const LARGEST = 1_000_000_000;
const count = integer(0, LARGEST);

const labels: Reader<Labels> = (tree, note) => {
  const values = mapOf(({ value }, report) => text(value, report))(tree, note);
  return values && Object.fromEntries(values);
};

const targetGroup: Reader<TargetGroup> = (tree, note) => {
  const value = record({ targets: required(listOf(fullText)), labels: optional(labels, {}) })(tree, note);
  return value && { targets: value.targets, labels: value.labels };
};

const PATTERN = /^(?:[^*?]*[/\\])?[^/\\]*\.(?:json|ya?ml)$/i;
const fileDiscovery: Reader<FileDiscovery> = (tree, note) => {
  const pattern = checked(path, (file) =>
    PATTERN.test(file) ? null : 'expected a .json, .yml or .yaml file; * and ? may stand in its name, not in its folders',
  );
  const value = record({ files: required(listOf(pattern)), refresh_interval: optional(positiveDuration, 5 * MINUTE) })(tree, note);
  return value && { patterns: value.files, refresh: value.refresh_interval };
};

const httpFields = record(
  {
    url: required(checked(fullText, whyNoWebAddress)),
    refresh_interval: optional(positiveDuration, MINUTE),
    ...ACCESS_FIELDS,
  },
  ACCESS_PLANNED,
);
const httpDiscovery: Reader<HttpDiscovery> = (tree, note) => {
  const value = httpFields(tree, note);
  const access = value && httpAccess(value, tree, note);
  return access && { url: value.url, refresh: value.refresh_interval, access };
};

const params: Reader<ReadonlyMap<string, readonly string[]>> = mapOf(({ value }, note) => listOf(text)(value, note));
const protocol = oneOf(...SCRAPE_PROTOCOLS);
const protocols: Reader<readonly ScrapeProtocol[]> = checked(listOf(protocol), (list) =>
  list.length === 0 ? 'name at least one' : new Set(list).size < list.length ? 'one is named twice' : null,
);
const DEFAULT_PROTOCOLS = SCRAPE_PROTOCOLS.filter((name) => name !== 'PrometheusProto');

/** What Prometheus can do and this version cannot. */
const PLANNED = [
  ...ACCESS_PLANNED,
  ...[
    'azure',
    'consul',
    'digitalocean',
    'dns',
    'docker',
    'dockerswarm',
    'ec2',
    'eureka',
    'gce',
    'hetzner',
    'ionos',
    'kubernetes',
    'kuma',
    'lightsail',
    'linode',
    'marathon',
    'nerve',
    'nomad',
    'openstack',
    'ovhcloud',
    'puppetdb',
    'scaleway',
    'serverset',
    'stackit',
    'triton',
    'uyuni',
  ].map((name) => `${name}_sd_configs`),
  'convert_classic_histograms_to_nhcb',
  'native_histogram_bucket_limit',
  'native_histogram_min_bucket_factor',
  'scrape_failure_log_file',
];

/** What can be said of all jobs and of each. */
const SHARED_FIELDS = {
  scrape_protocols: optional(protocols, null),
  scrape_native_histograms: optional(boolean, null),
  always_scrape_classic_histograms: optional(boolean, null),
  metric_name_validation_scheme: optional(oneOf('utf8', 'legacy'), null),
  metric_name_escaping_scheme: optional(oneOf(...NAME_ESCAPINGS), null),
  extra_scrape_metrics: optional(boolean, null),
  body_size_limit: optional(size, null),
  sample_limit: optional(count, null),
  label_limit: optional(count, null),
  label_name_length_limit: optional(count, null),
  label_value_length_limit: optional(count, null),
  target_limit: optional(count, null),
  keep_dropped_targets: optional(count, null),
};
type LimitKey = Extract<keyof typeof SHARED_FIELDS, `${string}_limit` | 'keep_dropped_targets'>;
type Shared = { readonly [K in keyof typeof SHARED_FIELDS]: ReturnType<(typeof SHARED_FIELDS)[K]['read']> | null };

const fields = record(
  {
    job_name: required(fullText),
    scrape_interval: optional(positiveDuration, null),
    scrape_timeout: optional(positiveDuration, null),
    fallback_scrape_protocol: optional(protocol, null),
    // What Prometheus 2 called it.
    scrape_classic_histograms: optional(boolean, null),
    metrics_path: optional(fullText, '/metrics'),
    scheme: optional(oneOf('http', 'https'), 'http' as const),
    params: optional(params, new Map<string, readonly string[]>()),
    honor_labels: optional(boolean, false),
    honor_timestamps: optional(boolean, true),
    track_timestamps_staleness: optional(boolean, false),
    enable_compression: optional(boolean, true),
    static_configs: optional(listOf(targetGroup), []),
    file_sd_configs: optional(listOf(fileDiscovery), []),
    http_sd_configs: optional(listOf(httpDiscovery), []),
    relabel_configs: optional(listOf(relabelRule), []),
    metric_relabel_configs: optional(listOf(relabelRule), []),
    ...SHARED_FIELDS,
    ...ACCESS_FIELDS,
  },
  PLANNED,
);

/** What holds for jobs that say nothing else. */
export interface ScrapeDefaults {
  readonly interval: Millis;
  readonly timeout: Millis;
  readonly shared: Partial<Shared>;
}

const globalFields = record(
  { scrape_interval: optional(positiveDuration, MINUTE), scrape_timeout: optional(positiveDuration, null), ...SHARED_FIELDS },
  [
    'evaluation_interval',
    'external_labels',
    'query_log_file',
    'rule_query_offset',
    'scrape_failure_log_file',
    'convert_classic_histograms_to_nhcb',
    'runtime',
  ],
);

/** The section `global`; null stands for Prometheus' defaults. */
export function parseScrapeDefaults(tree: Tree | null, note: Note): ScrapeDefaults | undefined {
  if (tree === null) return { interval: MINUTE, timeout: 10 * SECOND, shared: {} };
  const value = globalFields(tree, note);
  if (value === undefined) return undefined;
  const { scrape_interval: interval, scrape_timeout: timeout, ...shared } = value;
  if (timeout !== null && timeout > interval) {
    note(spotOf(tree, 'scrape_timeout'), 'the timeout is longer than the interval');
    return undefined;
  }
  return { interval, timeout: timeout ?? Math.min(10 * SECOND, interval), shared };
}

/** The section `scrape_configs` of all files. Names of jobs are unique. */
export function parseScrapeJobs(trees: readonly Tree[], defaults: ScrapeDefaults, note: Note): readonly ScrapeJob[] {
  const jobs = new Map<string, ScrapeJob>();
  for (const tree of trees) {
    if (tree.kind !== 'list') note(tree, `expected a list, found ${describe(tree)}`);
    for (const item of itemsOf(tree)) {
      const job = parseJob(item, defaults, note);
      const first = job && jobs.get(job.name);
      if (first !== undefined) note(spotOf(item, 'job_name'), `the job ${first.name} is already defined in line ${first.source.line}`);
      else if (job !== undefined) jobs.set(job.name, job);
    }
  }
  return [...jobs.values()];
}

function parseJob(tree: Tree, defaults: ScrapeDefaults, note: Note): ScrapeJob | undefined {
  const value = fields(tree, note);
  if (value === undefined) return undefined;
  const access = httpAccess(value, tree, note);
  const interval = value.scrape_interval ?? defaults.interval;
  const timeout = value.scrape_timeout ?? Math.min(defaults.timeout, interval);
  const isTooLong = timeout > interval;
  if (isTooLong)
    note(
      spotOf(tree, entryOf(tree, 'scrape_timeout') === undefined ? 'scrape_interval' : 'scrape_timeout'),
      'the timeout is longer than the interval',
    );
  if (access === undefined || isTooLong) return undefined;
  return {
    name: value.job_name,
    interval,
    timeout,
    metricsPath: value.metrics_path,
    scheme: value.scheme,
    params: Object.fromEntries(value.params),
    honorLabels: value.honor_labels,
    honorTimestamps: value.honor_timestamps,
    trackTimestampsStaleness: value.track_timestamps_staleness,
    fallbackProtocol: value.fallback_scrape_protocol,
    isCompressionAsked: value.enable_compression,
    ...sharedOf(
      { ...value, always_scrape_classic_histograms: value.always_scrape_classic_histograms ?? value.scrape_classic_histograms },
      defaults.shared,
    ),
    relabel: value.relabel_configs,
    metricRelabel: value.metric_relabel_configs,
    groups: value.static_configs,
    files: value.file_sd_configs,
    http: value.http_sd_configs,
    access,
    source: sourceOf(tree),
  };
}

/** What the job says, or else what is said of all jobs. */
function sharedOf(own: Shared, all: Partial<Shared>) {
  const limit = (key: LimitKey): number => own[key] ?? all[key] ?? 0;
  const isNative = own.scrape_native_histograms ?? all.scrape_native_histograms ?? false;
  const withClassic = own.always_scrape_classic_histograms ?? all.always_scrape_classic_histograms ?? false;
  const protocolsOfAll = isNative ? (['PrometheusProto', ...DEFAULT_PROTOCOLS] as const) : DEFAULT_PROTOCOLS;
  const names = own.metric_name_validation_scheme ?? all.metric_name_validation_scheme ?? 'utf8';
  const escaping = own.metric_name_escaping_scheme ?? all.metric_name_escaping_scheme;
  return {
    protocols: own.scrape_protocols ?? all.scrape_protocols ?? protocolsOfAll,
    histograms: !isNative ? ('classic' as const) : withClassic ? ('both' as const) : ('native' as const),
    names,
    escaping: escaping ?? (names === 'legacy' ? ('underscores' as const) : ('allow-utf-8' as const)),
    isReportingMore: own.extra_scrape_metrics ?? all.extra_scrape_metrics ?? false,
    limits: {
      samples: limit('sample_limit'),
      labels: limit('label_limit'),
      labelNameLength: limit('label_name_length_limit'),
      labelValueLength: limit('label_value_length_limit'),
      targets: limit('target_limit'),
      bodyBytes: limit('body_size_limit'),
      keepDroppedTargets: limit('keep_dropped_targets'),
    },
  };
}
