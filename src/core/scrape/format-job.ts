import { stringify } from 'yaml';
import { formatDuration } from '../base/time.ts';
import { withoutUser } from '../base/without-user.ts';
import type { RelabelRule } from './relabel-rule.ts';
import type { HttpAccess, ScrapeJob, ScrapeLimits } from './scrape-job.ts';

/** What stands where a secret would be. */
const HIDDEN = '<secret>';

/** A job as an entry of `scrape_configs`, with the defaults filled in and secrets hidden. */
export function formatJob(job: ScrapeJob): string {
  return stringify({
    job_name: job.name,
    scrape_interval: formatDuration(job.interval),
    scrape_timeout: formatDuration(job.timeout),
    scrape_protocols: job.protocols,
    ...(job.fallbackProtocol !== null && { fallback_scrape_protocol: job.fallbackProtocol }),
    honor_labels: job.honorLabels,
    honor_timestamps: job.honorTimestamps,
    track_timestamps_staleness: job.trackTimestampsStaleness,
    metrics_path: job.metricsPath,
    scheme: job.scheme,
    metric_name_validation_scheme: job.names,
    metric_name_escaping_scheme: job.escaping,
    ...(job.isReportingMore && { extra_scrape_metrics: true }),
    enable_compression: job.isCompressionAsked,
    ...(Object.keys(job.params).length > 0 && { params: job.params }),
    ...limitsOf(job.limits),
    ...accessOf(job.access),
    ...(job.relabel.length > 0 && { relabel_configs: job.relabel.map(relabelDocument) }),
    ...(job.metricRelabel.length > 0 && { metric_relabel_configs: job.metricRelabel.map(relabelDocument) }),
    ...(job.groups.length > 0 && { static_configs: job.groups }),
    ...(job.files.length > 0 && {
      file_sd_configs: job.files.map(({ patterns, refresh }) => ({ files: patterns, refresh_interval: formatDuration(refresh) })),
    }),
    ...(job.http.length > 0 && {
      http_sd_configs: job.http.map(({ url, refresh, access }) => ({
        url: withoutUser(url),
        refresh_interval: formatDuration(refresh),
        ...accessOf(access),
      })),
    }),
  });
}

/** A rule of relabelling under the names of Prometheus' configuration; those that its action does not use are left out. */
export function relabelDocument(rule: RelabelRule): Readonly<Record<string, unknown>> {
  const { action } = rule;
  const isOfNames = action === 'labelmap' || action === 'labeldrop' || action === 'labelkeep';
  const hasTarget = !isOfNames && action !== 'keep' && action !== 'drop';
  return {
    ...(rule.sourceLabels.length > 0 && { source_labels: rule.sourceLabels }),
    separator: rule.separator,
    regex: rule.regex,
    ...(hasTarget && { target_label: rule.targetLabel }),
    ...((action === 'replace' || action === 'labelmap') && { replacement: rule.replacement }),
    ...(action === 'hashmod' && { modulus: rule.modulus }),
    action,
  };
}

function limitsOf(limits: ScrapeLimits): Readonly<Record<string, number>> {
  const named = {
    sample_limit: limits.samples,
    label_limit: limits.labels,
    label_name_length_limit: limits.labelNameLength,
    label_value_length_limit: limits.labelValueLength,
    target_limit: limits.targets,
    body_size_limit: limits.bodyBytes,
    keep_dropped_targets: limits.keepDroppedTargets,
  };
  return Object.fromEntries(Object.entries(named).filter(([, limit]) => limit > 0));
}

function accessOf({ authorization, tls, headers, followRedirects }: HttpAccess): Readonly<Record<string, unknown>> {
  return {
    ...(authorization?.kind === 'basic' && { basic_auth: { username: HIDDEN, password: HIDDEN } }),
    ...(authorization?.kind === 'credentials' && { authorization: { type: authorization.type, credentials: HIDDEN } }),
    ...(tls !== null && {
      tls_config: {
        ...(tls.serverName !== null && { server_name: tls.serverName }),
        insecure_skip_verify: tls.isInsecure,
        ...(tls.minVersion !== null && { min_version: tls.minVersion }),
        ...(tls.maxVersion !== null && { max_version: tls.maxVersion }),
      },
    }),
    ...(headers.length > 0 && { http_headers: Object.fromEntries(headers.map(([name]) => [name, { secrets: [HIDDEN] }])) }),
    follow_redirects: followRedirects,
  };
}
