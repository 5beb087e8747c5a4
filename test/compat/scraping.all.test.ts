// The same scrape_configs, the same exporter: a real Prometheus and the program end up with the same series.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { formatLabels, type Labels } from '../../src/core/base/labels.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'scraping-'));
const children: ChildProcess[] = [];
let exporter: ChildProcess;
let program: Program;
let prometheus = '';

/** Starts a program that chooses a free port and says which in its log. */
function start(
  command: string,
  args: readonly string[],
  said: RegExp,
): Promise<{ readonly child: ChildProcess; readonly address: string }> {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let log = '';
  return new Promise((resolve, reject) => {
    child.stderr.on('data', (chunk) => {
      log += String(chunk);
      const address = said.exec(log)?.[1];
      if (address !== undefined) resolve({ child, address });
    });
    child.on('exit', () => reject(new Error(`${command} ended: ${log}`)));
    child.on('error', reject);
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

before(async () => {
  const started = await start(
    '/usr/bin/prometheus-node-exporter',
    ['--web.listen-address=127.0.0.1:0'],
    /Listening on.*?address=(127\.0\.0\.1:\d+)/,
  );
  exporter = started.child;
  const config = JSON.stringify({
    global: { scrape_interval: '1s', scrape_timeout: '1s' },
    scrape_configs: [
      {
        job_name: 'node',
        static_configs: [{ targets: [started.address], labels: { env: 'prod', device: 'ours' } }],
        params: { 'collect[]': ['cpu', 'loadavg', 'meminfo', 'netdev', 'filesystem', 'diskstats', 'uname'] },
        relabel_configs: [
          { source_labels: ['__address__'], regex: '([^:]+):.*', target_label: 'host' },
          { source_labels: ['__address__'], modulus: 7, target_label: 'shard', action: 'hashmod' },
          { source_labels: ['env'], target_label: 'ENV', action: 'uppercase' },
        ],
        metric_relabel_configs: [
          { source_labels: ['__name__'], regex: 'go_.*|process_.*|promhttp_.*', action: 'drop' },
          {
            source_labels: ['__name__', 'mode'],
            separator: '/',
            regex: 'node_cpu_seconds_total/(i.*)',
            target_label: 'kind',
            replacement: 'x_$1',
          },
          { regex: 'fs(.*)', replacement: 'filesystem_$1', action: 'labelmap' },
          { regex: 'fstype', action: 'labeldrop' },
        ],
      },
      { job_name: 'gone', static_configs: [{ targets: ['127.0.0.1:1'] }] },
    ],
  });
  const file = join(folder, 'prometheus.yml');
  writeFileSync(file, config);
  program = await Program.start({ config, localAgent: false });
  const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0'];
  prometheus = (await start('/usr/bin/prometheus', args, /Listening on" address=(127\.0\.0\.1:\d+)/)).address;
});

after(async () => {
  await program.close();
  for (const child of children) await end(child);
  rmSync(folder, { recursive: true, force: true });
});

async function ask(path: string): Promise<{ readonly ours: unknown; readonly theirs: unknown }> {
  const { text } = await program.admin.send('GET', path);
  const answer = await fetch(`http://${prometheus}${path}`);
  return { ours: (JSON.parse(text) as { data: unknown }).data, theirs: ((await answer.json()) as { data: unknown }).data };
}

const instant = (query: string) => ask(`/api/v1/query?query=${encodeURIComponent(query)}`);

/** The series of a vector, as text, in order. */
function seriesOf(found: unknown): string[] {
  const { result } = found as { result: readonly { metric: Labels }[] };
  return result.map(({ metric }) => formatLabels(metric)).sort();
}

test('both have the same series of the exporter, and the same reports on the scrapes', async () => {
  const all = '{job=~"node|gone"}';
  const { ours, theirs } = await until('both have scraped twice', async () => {
    const counts = await instant('count_over_time(up{job="node"}[1m]) >= 2');
    if (seriesOf(counts.ours).length === 0 || seriesOf(counts.theirs).length === 0) return null;
    return instant(all);
  });
  assert.ok(seriesOf(ours).length > 100, `${seriesOf(ours).length} series`);
  assert.deepEqual(seriesOf(ours), seriesOf(theirs));
  const up = await instant('up');
  for (const found of [up.ours, up.theirs]) {
    const values = (found as { result: readonly { metric: Labels; value: readonly [number, string] }[] }).result;
    assert.deepEqual(values.map(({ metric, value }) => `${metric['job']} ${value[1]}`).sort(), ['gone 0', 'node 1']);
  }
});

test('both describe their targets alike', async () => {
  const { ours, theirs } = await ask('/api/v1/targets?state=active');
  const describe = (found: unknown): unknown =>
    (found as { activeTargets: readonly Record<string, unknown>[] }).activeTargets
      .map(({ lastScrape, lastScrapeDuration, lastError, globalUrl, ...target }) => {
        assert.ok(typeof lastScrape === 'string' && typeof lastScrapeDuration === 'number' && typeof globalUrl === 'string');
        return { pool: String(target['scrapePool']), ...target, failed: lastError !== '' };
      })
      .sort((a, b) => (a.pool < b.pool ? -1 : 1));
  assert.deepEqual(describe(ours), describe(theirs));
});

test('when the exporter goes its series end at once on both', async () => {
  await end(exporter);
  await until('both know that it is down', async () => {
    const { ours, theirs } = await instant('up{job="node"} == 0');
    return seriesOf(ours).length === 1 && seriesOf(theirs).length === 1;
  });
  const { ours, theirs } = await instant('node_load1');
  assert.deepEqual([seriesOf(ours), seriesOf(theirs)], [[], []]);
});
