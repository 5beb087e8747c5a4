import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import type { ScrapeJob } from '../scrape/scrape-job.ts';
import { parseConfig } from './parse-config.ts';

function jobs(text: string): readonly ScrapeJob[] {
  const { value, problems } = parseConfig([{ path: 'conf/tocsin.yml', text }], { builtIn: null });
  assert.deepEqual(problems.map(formatProblem), []);
  return value?.scrapeJobs ?? [];
}

function problems(...texts: readonly string[]): string[] {
  const files = texts.map((text, index) => ({ path: `f${index}`, text }));
  const { value, problems: found } = parseConfig(files, { builtIn: null });
  assert.equal(value, null);
  return found.map((problem) => formatProblem(problem).replace(/^f0:/, ''));
}

test('everything that can be said of a job', () => {
  const [job] = jobs(`
global: { scrape_interval: 20s }
scrape_configs:
  - job_name: all
    scrape_timeout: 5s
    scrape_protocols: [PrometheusProto, PrometheusText0.0.4]
    fallback_scrape_protocol: PrometheusText0.0.4
    scrape_native_histograms: true
    always_scrape_classic_histograms: true
    honor_labels: true
    honor_timestamps: false
    track_timestamps_staleness: true
    metrics_path: /m
    scheme: https
    params: { a: [b, c] }
    enable_compression: false
    basic_auth: { username: me, password_file: pw.txt }
    tls_config: { ca_file: /etc/ca.pem, cert_file: c.pem, key_file: k.pem, server_name: s, insecure_skip_verify: true, min_version: TLS12 }
    follow_redirects: false
    enable_http2: false
    http_headers: { X-Scope: { values: [a], secrets: [{ secret: s }], files: [h.txt] } }
    metric_name_validation_scheme: legacy
    extra_scrape_metrics: true
    static_configs: [{ targets: ["a:1"], labels: { x: 1 } }]
    file_sd_configs: [{ files: [targets/*.json, /abs/t.yml], refresh_interval: 1m }]
    http_sd_configs: [{ url: "http://sd/x", authorization: { credentials: { secret: sd } } }]
    relabel_configs: [{ action: Replace, source_labels: [a, b], regex: 5, target_label: "\${1}_x" }]
    metric_relabel_configs: [{ action: labeldrop, regex: "x.*" }]
    body_size_limit: 10MiB
    sample_limit: 1
    label_limit: 2
    label_name_length_limit: 3
    label_value_length_limit: 4
    target_limit: 5
    keep_dropped_targets: 6
`);
  assert.deepEqual(job, {
    name: 'all',
    interval: 20 * SECOND,
    timeout: 5 * SECOND,
    metricsPath: '/m',
    scheme: 'https',
    params: { a: ['b', 'c'] },
    honorLabels: true,
    honorTimestamps: false,
    trackTimestampsStaleness: true,
    protocols: ['PrometheusProto', 'PrometheusText0.0.4'],
    histograms: 'both',
    fallbackProtocol: 'PrometheusText0.0.4',
    isCompressionAsked: false,
    names: 'legacy',
    escaping: 'underscores',
    isReportingMore: true,
    limits: { samples: 1, labels: 2, labelNameLength: 3, labelValueLength: 4, targets: 5, bodyBytes: 10_485_760, keepDroppedTargets: 6 },
    relabel: [
      { action: 'replace', sourceLabels: ['a', 'b'], separator: ';', regex: '5', targetLabel: '${1}_x', replacement: '$1', modulus: 0 },
    ],
    metricRelabel: [
      { action: 'labeldrop', sourceLabels: [], separator: ';', regex: 'x.*', targetLabel: '', replacement: '$1', modulus: 0 },
    ],
    groups: [{ targets: ['a:1'], labels: { x: '1' } }],
    files: [{ patterns: ['conf/targets/*.json', '/abs/t.yml'], refresh: MINUTE }],
    http: [
      {
        url: 'http://sd/x',
        refresh: MINUTE,
        access: {
          authorization: { kind: 'credentials', type: 'Bearer', credentials: { kind: 'secret', name: 'sd' } },
          tls: null,
          headers: [],
          followRedirects: true,
        },
      },
    ],
    access: {
      authorization: { kind: 'basic', user: { kind: 'literal', value: 'me' }, password: { kind: 'file', name: 'conf/pw.txt' } },
      tls: {
        ca: { kind: 'file', name: '/etc/ca.pem' },
        cert: { kind: 'file', name: 'conf/c.pem' },
        key: { kind: 'file', name: 'conf/k.pem' },
        serverName: 's',
        isInsecure: true,
        minVersion: 'TLSv1.2',
        maxVersion: null,
      },
      headers: [
        [
          'X-Scope',
          [
            { kind: 'literal', value: 'a' },
            { kind: 'secret', name: 's' },
            { kind: 'file', name: 'conf/h.txt' },
          ],
        ],
      ],
      followRedirects: false,
    },
    source: { file: 'conf/tocsin.yml', line: 4 },
  });
});

test('defaults are those of Prometheus', () => {
  const [job] = jobs('scrape_configs: [{ job_name: j }]');
  assert.deepEqual([job?.interval, job?.timeout, job?.metricsPath, job?.scheme], [MINUTE, 10 * SECOND, '/metrics', 'http']);
  assert.deepEqual([job?.honorLabels, job?.honorTimestamps, job?.protocols.length], [false, true, 4]);
  const [quick] = jobs('scrape_configs: [{ job_name: j, scrape_interval: 5s }]');
  assert.equal(quick?.timeout, 5 * SECOND);
  assert.deepEqual(jobs('scrape_configs:'), []);
});

test('what is said of all jobs holds for those that say nothing else', () => {
  const [one, two] = jobs(`
global:
  scrape_protocols: [PrometheusText0.0.4]
  sample_limit: 5
  body_size_limit: 1MiB
  extra_scrape_metrics: true
  metric_name_escaping_scheme: dots
scrape_configs:
  - { job_name: one }
  - { job_name: two, sample_limit: 0, extra_scrape_metrics: false, scrape_native_histograms: true, scrape_classic_histograms: true }
`);
  assert.deepEqual([one?.protocols, one?.limits.samples, one?.limits.bodyBytes], [['PrometheusText0.0.4'], 5, 1 << 20]);
  assert.deepEqual([one?.isReportingMore, one?.names, one?.escaping, one?.histograms], [true, 'utf8', 'dots', 'classic']);
  assert.deepEqual([two?.limits.samples, two?.isReportingMore, two?.histograms], [0, false, 'both']);
});

test('names beyond ASCII may stand in labels and in relabelling', () => {
  const [job] = jobs(`
scrape_configs:
  - job_name: j
    static_configs: [{ targets: ["a:1"], labels: { "the.rack": r1 } }]
    relabel_configs: [{ source_labels: ["the.rack"], target_label: "rack-\${1}" }, { action: labelmap, regex: 'the[.](.*)', replacement: "our.$1" }]
`);
  assert.deepEqual(job?.groups[0]?.labels, { 'the.rack': 'r1' });
  assert.deepEqual(
    job?.relabel.map(({ targetLabel, replacement }) => [targetLabel, replacement]),
    [
      ['rack-${1}', '$1'],
      ['', 'our.$1'],
    ],
  );
});

const one = (rest: string): string => `scrape_configs: [{ job_name: j, ${rest} }]`;

test('what is wrong is told with its place', () => {
  assert.deepEqual(problems('scrape_configs: [{ job_nam: x }]'), [
    '1:18: scrape_configs[0]: job_name is missing',
    '1:20: scrape_configs[0].job_nam: unknown key "job_nam", did you mean "job_name"?',
  ]);
  assert.match(problems(one('kubernetes_sd_configs: []'))[0] ?? '', /kubernetes_sd_configs is not supported by this version/);
  assert.match(problems(one('oauth2: {}'))[0] ?? '', /oauth2 is not supported by this version/);
  assert.match(problems(one('scrape_interval: 5s, scrape_timeout: 6s'))[0] ?? '', /the timeout is longer than the interval/);
  assert.match(problems(one('bearer_token: a, basic_auth: { username: b }'))[0] ?? '', /give one of basic_auth/);
  assert.match(problems(one('authorization: { type: Basic, credentials: x }'))[0] ?? '', /written as basic_auth/);
  assert.match(problems(one('tls_config: { cert_file: x.pem }'))[0] ?? '', /belong together/);
  assert.match(problems(one('file_sd_configs: [{ files: ["*/a.json"] }]'))[0] ?? '', /not in its folders/);
  assert.match(problems(one('convert_classic_histograms_to_nhcb: true'))[0] ?? '', /not supported by this version/);
  assert.match(problems(one('http_headers: { Authorization: { values: [x] } }'))[0] ?? '', /the header Authorization is set by Tocsin/);
  assert.match(problems(one('scrape_protocols: [Text]'))[0] ?? '', /expected OpenMetricsText1.0.0/);
  assert.match(problems('scrape_configs: { job_name: x }')[0] ?? '', /expected a list/);
  assert.match(problems('global: { evaluation_interval: 1m }')[0] ?? '', /not supported by this version/);
  assert.match(
    problems('scrape_configs: [{ job_name: j }]', '\nscrape_configs: [{ job_name: j }]')[0] ?? '',
    /^f1:2:30: .*the job j is already defined in line 1/,
  );
});

test('relabelling rules that cannot work are refused', () => {
  const rule = (text: string): string => problems(one(`relabel_configs: [{ ${text} }]`))[0] ?? '';
  assert.match(rule('action: replac'), /expected replace, keep, .* did you mean "replace"/);
  assert.match(rule('source_labels: [a]'), /replace needs target_label/);
  assert.match(rule('target_label: "a$-b"'), /"a\$-b" is no label name/);
  assert.match(rule('action: lowercase, target_label: "${1}-x"'), /is no label name/);
  assert.match(rule('action: hashmod, target_label: a'), /hashmod needs modulus/);
  assert.match(rule('action: labelmap, replacement: "$"'), /makes no label name/);
  assert.match(rule('action: keep, regex: "("'), /not an RE2 expression/);
  assert.match(rule('action: labeldrop, regex: a, source_labels: [b]'), /labeldrop has no source_labels/);
  assert.match(rule('action: keepequal, target_label: a, regex: b'), /keepequal has no regex/);
});

test('who wants native histograms asks for protobuf first', () => {
  const [plain, native] = jobs(`
scrape_configs:
  - { job_name: plain }
  - { job_name: native, scrape_native_histograms: true }
`);
  assert.deepEqual([plain?.histograms, plain?.protocols.includes('PrometheusProto')], ['classic', false]);
  assert.deepEqual([native?.histograms, native?.protocols[0]], ['native', 'PrometheusProto']);
});
