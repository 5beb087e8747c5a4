import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from '../base/problem.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { parseConfig } from '../config/parse-config.ts';
import { expandTargets, nextScrape, scrapeOffset, type Targets } from './expand-targets.ts';
import { compileRelabelling } from './relabel.ts';
import type { ScrapeJob } from './scrape-job.ts';

function job(yaml: string): ScrapeJob {
  const { value, problems } = parseConfig([{ path: 'f', text: `scrape_configs: [{ job_name: node, ${yaml} }]` }], { builtIn: null });
  assert.deepEqual(problems.map(formatProblem), []);
  const [only] = value?.scrapeJobs ?? [];
  assert.ok(only !== undefined);
  return only;
}

function expand(yaml: string): Targets {
  const one = job(yaml);
  return expandTargets(one, compileRelabelling(one.relabel), one.groups);
}

test('an address becomes a target with job, instance and an address to ask', () => {
  const { active, dropped } = expand('static_configs: [{ targets: ["a:1", "[::1]:2"], labels: { env: prod } }]');
  assert.deepEqual(
    active.map(({ url, labels, interval, timeout }) => ({ url, labels, interval, timeout })),
    [
      { url: 'http://a:1/metrics', labels: { env: 'prod', instance: 'a:1', job: 'node' }, interval: MINUTE, timeout: 10 * SECOND },
      { url: 'http://[::1]:2/metrics', labels: { env: 'prod', instance: '[::1]:2', job: 'node' }, interval: MINUTE, timeout: 10 * SECOND },
    ],
  );
  assert.deepEqual(active[0]?.discovered, {
    __address__: 'a:1',
    __metrics_path__: '/metrics',
    __scheme__: 'http',
    __scrape_interval__: '1m',
    __scrape_timeout__: '10s',
    env: 'prod',
    job: 'node',
  });
  assert.deepEqual(dropped, []);
});

test('as one asks a blackbox exporter: parameters and addresses by relabelling', () => {
  const { active } = expand(`
    metrics_path: /probe, scheme: https, params: { module: [http_2xx, other] }, scrape_interval: 30s,
    static_configs: [{ targets: ["https://example.com/x?y"] }],
    relabel_configs: [
      { source_labels: [__address__], target_label: __param_target },
      { source_labels: [__param_target], target_label: instance },
      { target_label: __address__, replacement: "blackbox:9115" },
      { target_label: __scrape_interval__, replacement: 10s },
      { target_label: __tmp, replacement: x },
    ]`);
  assert.deepEqual(
    active.map(({ url, labels, interval }) => ({ url, labels, interval })),
    [
      {
        url: 'https://blackbox:9115/probe?module=http_2xx&module=other&target=https%3A%2F%2Fexample.com%2Fx%3Fy',
        labels: { instance: 'https://example.com/x?y', job: 'node' },
        interval: 10 * SECOND,
      },
    ],
  );
});

test('targets are dropped by relabelling, equal ones are one, and nonsense is told', () => {
  const { active, dropped, droppedCount, problems } = expand(
    `
    keep_dropped_targets: 1,
    static_configs: [{ targets: ["a:1", "a:1", "b:1", "c:1", "d:1/path", ""], labels: {} }],
    relabel_configs: [{ source_labels: [__address__], regex: "[bc].*", action: drop }]`.replace(', ""', ''),
  );
  assert.deepEqual(
    active.map(({ url }) => url),
    ['http://a:1/metrics'],
  );
  assert.deepEqual([dropped.map((labels) => labels['__address__']), droppedCount], [['b:1'], 2]);
  assert.deepEqual(problems, ['"d:1/path" is no address: HOST:PORT is expected']);
  const late = expand(`static_configs: [{ targets: ["a:1"] }], relabel_configs: [{ target_label: __scrape_timeout__, replacement: 2m }]`);
  assert.deepEqual(late.problems, ['a:1: the scrape timeout is longer than the interval']);
});

test('moments are equally far apart, the same after a restart, and spread', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2e12 }), fc.integer({ min: 1, max: 1e7 }), fc.nat(), (now, interval, seed) => {
      const offset = seed % interval;
      const next = nextScrape(now, interval, offset);
      assert.ok(next >= now && next < now + interval);
      assert.equal((next - offset) % interval, 0);
      assert.equal(nextScrape(next + 1, interval, offset), next + interval);
    }),
  );
  const offsets = new Set(Array.from({ length: 100 }, (_, index) => scrapeOffset({ key: `t${index}`, interval: 15_000 }, 'host')));
  assert.ok(offsets.size > 90 && Math.max(...offsets) > 12_000 && Math.min(...offsets) < 3_000);
  assert.notEqual(scrapeOffset({ key: 't', interval: 15_000 }, 'a'), scrapeOffset({ key: 't', interval: 15_000 }, 'b'));
});
