import { MINUTE, type Millis, SECOND } from '../base/time.ts';
import {
  type FileDiscovery,
  type HttpDiscovery,
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
import { checked, labelTexts, sourceOf, whyNoWebAddress } from './shared-readers.ts';
import { entryOf, itemsOf, spotOf, type Tree } from './tree.ts';

const LARGEST = 1_000_000_000;
const count = integer(0, LARGEST);

const targetGroup: Reader<TargetGroup> = (tree, note) => {
  const value = record({ targets: required(listOf(fullText)), labels: optional(labelTexts(text), {}) })(tree, note);
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
  'scrape_classic_histograms',
  'convert_classic_histograms_to_nhcb',
  'native_histogram_bucket_limit',
  'native_histogram_min_bucket_factor',
  'metric_name_validation_scheme',
  'metric_name_escaping_scheme',
  'scrape_failure_log_file',
  'extra_scrape_metrics',
];

const fields = record(
  {
    job_name: required(fullText),
    scrape_interval: optional(positiveDuration, null),
    scrape_timeout: optional(positiveDuration, null),
    scrape_protocols: optional(protocols, null),
    fallback_scrape_protocol: optional(protocol, null),
    scrape_native_histograms: optional(boolean, false),
    always_scrape_classic_histograms: optional(boolean, false),
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
    body_size_limit: optional(size, 0),
    sample_limit: optional(count, 0),
    label_limit: optional(count, 0),
    label_name_length_limit: optional(count, 0),
    label_value_length_limit: optional(count, 0),
    target_limit: optional(count, 0),
    keep_dropped_targets: optional(count, 0),
    ...ACCESS_FIELDS,
  },
  PLANNED,
);

/** What holds for jobs that say nothing else. */
export interface ScrapeDefaults {
  readonly interval: Millis;
  readonly timeout: Millis;
}

const globalFields = record({ scrape_interval: optional(positiveDuration, MINUTE), scrape_timeout: optional(positiveDuration, null) }, [
  'evaluation_interval',
  'external_labels',
  'query_log_file',
  'rule_query_offset',
  'scrape_protocols',
]);

/** The section `global`; null stands for Prometheus' defaults. */
export function parseScrapeDefaults(tree: Tree | null, note: Note): ScrapeDefaults | undefined {
  if (tree === null) return { interval: MINUTE, timeout: 10 * SECOND };
  const value = globalFields(tree, note);
  if (value === undefined) return undefined;
  const { scrape_interval: interval, scrape_timeout: timeout } = value;
  if (timeout !== null && timeout > interval) {
    note(spotOf(tree, 'scrape_timeout'), 'the timeout is longer than the interval');
    return undefined;
  }
  return { interval, timeout: timeout ?? Math.min(10 * SECOND, interval) };
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
    protocols: value.scrape_protocols ?? (value.scrape_native_histograms ? ['PrometheusProto', ...DEFAULT_PROTOCOLS] : DEFAULT_PROTOCOLS),
    histograms: !value.scrape_native_histograms ? 'classic' : value.always_scrape_classic_histograms ? 'both' : 'native',
    fallbackProtocol: value.fallback_scrape_protocol,
    isCompressionAsked: value.enable_compression,
    limits: {
      samples: value.sample_limit,
      labels: value.label_limit,
      labelNameLength: value.label_name_length_limit,
      labelValueLength: value.label_value_length_limit,
      targets: value.target_limit,
      bodyBytes: value.body_size_limit,
      keepDroppedTargets: value.keep_dropped_targets,
    },
    relabel: value.relabel_configs,
    metricRelabel: value.metric_relabel_configs,
    groups: value.static_configs,
    files: value.file_sd_configs,
    http: value.http_sd_configs,
    access,
    source: sourceOf(tree),
  };
}
