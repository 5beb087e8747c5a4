// One target, the same scrape_configs: Prometheus and the program keep the same series with the same values, and say the same of the scrapes.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatLabels, type Labels } from '../../src/core/base/labels.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'scrape-rules-'));
const TEXT = `# HELP shop_orders_total All orders.
# TYPE shop_orders_total counter
shop_orders_total{kind="a",job="inner",zone="North"} 7
shop_orders_total{kind="b\\"q\\\\",zone="South"} 1.5e+06
shop_orders_total{kind="c",zone="south"} -0.25
# TYPE shop_wait_seconds histogram
shop_wait_seconds_bucket{le="0.1"} 3
shop_wait_seconds_bucket{le="2.5"} 4
shop_wait_seconds_bucket{le="+Inf"} 5
shop_wait_seconds_sum 2.75
shop_wait_seconds_count 5
# TYPE shop_size summary
shop_size{quantile="0.5"} 12
shop_size{quantile="0.99"} NaN
shop_size_sum 400
shop_size_count 30
# TYPE shop_temperature gauge
shop_temperature{room="1",left="x",right="x"} 21.000000000000004
shop_temperature{room="2",left="x",right="y"} +Inf
shop_temperature{room="3"} 1.7976931348623157e+308
odd_name:sum{a="",b="1"} 0
odd_twice 1
odd_twice 2
`;
const JOBS: Readonly<Record<string, object>> = {
  plain: {},
  honoring: { honor_labels: true },
  every_action: {
    metric_relabel_configs: [
      { action: 'keepequal', source_labels: ['left'], target_label: 'left' },
      { action: 'dropequal', source_labels: ['left'], target_label: 'right', regex: undefined },
    ],
  },
  replacing: {
    metric_relabel_configs: [
      { source_labels: ['kind', 'zone'], separator: '-', regex: '(.)-(N|S)(.*)', target_label: 'made_$2', replacement: '${1}/$3' },
      { source_labels: ['zone'], target_label: 'lower', action: 'lowercase' },
      { source_labels: ['zone'], target_label: 'upper', action: 'uppercase' },
      { source_labels: ['__name__', 'kind'], modulus: 13, target_label: 'shard', action: 'hashmod' },
      { regex: '(ki)(nd)', replacement: '${2}_$1', action: 'labelmap' },
      { regex: 'zone', action: 'labeldrop' },
      { source_labels: ['__name__'], regex: 'odd_name:sum', target_label: '__name__', replacement: 'even' },
    ],
  },
  keeping: {
    metric_relabel_configs: [
      { source_labels: ['__name__'], regex: 'shop_.*', action: 'keep' },
      { source_labels: ['zone'], regex: 'South|', action: 'drop' },
      { regex: '__name__|kind|job|instance|zone', action: 'labelkeep' },
    ],
  },
  exactly: { sample_limit: 17 },
  too_many: { sample_limit: 16 },
  too_many_labels: { label_limit: 4 },
  long_name: { label_name_length_limit: 7 },
  long_value: { label_value_length_limit: 12 },
  too_long: { body_size_limit: '100B' },
  not_found: { metrics_path: '/nothing' },
};
const REPORTS = [
  'up',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_timeout_seconds',
  'scrape_sample_limit',
  'scrape_body_size_bytes',
];

let isWhole = true;
const target = createServer((request, response) => {
  if (request.url === '/nothing') return void response.writeHead(404).end();
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
  response.end(
    isWhole
      ? TEXT
      : TEXT.split('\n')
          .filter((line) => !line.includes('"a"') && !line.includes('quantile'))
          .join('\n'),
  );
});
let program: Program;
let prometheus: ChildProcess;
let theirs = '';

before(async () => {
  await new Promise<void>((done) => void target.listen(0, '127.0.0.1', done));
  const address = target.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const config = (more: object): string =>
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', ...more },
      scrape_configs: Object.entries(JOBS).map(([job_name, rest]) => ({
        job_name,
        static_configs: [{ targets: [`127.0.0.1:${port}`], labels: { zone: 'from-config', env: 'x' } }],
        ...rest,
      })),
    });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config({}));
  program = await Program.start({ config: config({ extra_scrape_metrics: true }), localAgent: false });
  prometheus = spawn(
    '/usr/bin/prometheus',
    [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--enable-feature=extra-scrape-metrics',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let log = '';
  prometheus.stderr?.on('data', (chunk) => (log = (log + String(chunk)).slice(-20_000)));
  theirs = await until('Prometheus listens', async () => /Listening on" address=(127\.0\.0\.1:\d+)/.exec(log)?.[1] ?? null);
});

after(async () => {
  await program.close();
  if (prometheus.exitCode === null && prometheus.signalCode === null) {
    const ended = once(prometheus, 'exit');
    prometheus.kill('SIGKILL');
    await ended;
  }
  target.closeAllConnections();
  target.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Found {
  readonly metric: Labels;
  readonly value: readonly [number, string];
}

/** The series of both with their values, in order. */
async function both(expr: string): Promise<{ readonly ours: string[]; readonly theirs: string[] }> {
  const path = `/api/v1/query?query=${encodeURIComponent(expr)}`;
  const write = (text: string): string[] =>
    (JSON.parse(text) as { data: { result: readonly Found[] } }).data.result
      .map(({ metric, value }) => `${formatLabels(metric)} ${value[1]}`)
      .sort();
  const { text } = await program.admin.send('GET', path);
  return { ours: write(text), theirs: write(await (await fetch(`http://${theirs}${path}`)).text()) };
}

async function scrapedTwice(after = 0): Promise<void> {
  const expr = `count(timestamp(up) > ${after}) == ${Object.keys(JOBS).length} and count(count_over_time(up[1m]) >= 2) == ${Object.keys(JOBS).length}`;
  await until('both have scraped every job', async () => {
    const counts = await both(expr);
    return counts.ours.length > 0 && counts.theirs.length > 0;
  });
}

test('every job keeps the same series with the same values', async () => {
  await scrapedTwice();
  for (const job of Object.keys(JOBS)) {
    const found = await both(`{instance=~".+",job=~"${job}|inner",__name__!~"scrape_.*"} or {exported_job="inner",job="${job}"}`);
    assert.deepEqual(found.ours, found.theirs, job);
  }
});

test('both report the same on the scrapes', async () => {
  for (const name of REPORTS) {
    const found = await both(name);
    assert.equal(found.ours.length, Object.keys(JOBS).length, name);
    assert.deepEqual(found.ours, found.theirs, name);
  }
  const added = await both('max_over_time(scrape_series_added[1m])');
  assert.deepEqual(added.ours, added.theirs);
});

test('series that vanish end on both, and the others stay', async () => {
  isWhole = false;
  await scrapedTwice(Date.now() / 1_000 + 1);
  const found = await both('{__name__=~"shop_.*|odd.*|even"}');
  assert.ok(found.ours.length > 20 && !found.ours.some((series) => series.includes('quantile')));
  assert.deepEqual(found.ours, found.theirs);
});
