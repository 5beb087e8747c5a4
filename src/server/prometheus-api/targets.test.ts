import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import { settingsOf } from '../test-server.test.ts';
import { type ApiFixture, openApi } from './api-fixture.test.ts';

const CONFIGURATION = `
scrape_configs:
  - job_name: nodes
    scrape_interval: 20s
    sample_limit: 500
    basic_auth: { username: me, password: hunter2 }
    static_configs: [{ targets: ["a:9100", "b:9100"], labels: { env: test } }]
    http_sd_configs: [{ url: "http://me:hunter2@127.0.0.1:1/targets" }]
    relabel_configs:
      - { source_labels: [__address__], regex: "(.*):.*", target_label: host }
      - { source_labels: [host], regex: b, action: drop }
      - { target_label: seen, replacement: "yes" }
`;
let api: ApiFixture;

before(async () => {
  const jobs: readonly ScrapeJob[] = settingsOf(CONFIGURATION).scrapeJobs;
  const job = (pool: string): ScrapeJob | null => jobs.find(({ name }) => name === pool) ?? null;
  api = await openApi([], { scraping: { pools: () => jobs.map(({ name }) => name), active: () => [], dropped: () => [], job } });
});
after(() => api.close());

const steps = async (labels: object): Promise<{ rule: { action: string }; output: object; keep: boolean }[]> => {
  const asked = encodeURIComponent(JSON.stringify(labels));
  return (await api.get(`/api/v1/targets/relabel_steps?scrapePool=nodes&labels=${asked}`)).json().data.steps;
};

test('what each relabelling rule makes of a target, up to the one that drops it', async () => {
  const kept = await steps({ __address__: 'a:9100' });
  assert.deepEqual(
    kept.map(({ rule, output, keep }) => [rule.action, output, keep]),
    [
      ['replace', { __address__: 'a:9100', host: 'a' }, true],
      ['drop', { __address__: 'a:9100', host: 'a' }, true],
      ['replace', { __address__: 'a:9100', host: 'a', seen: 'yes' }, true],
    ],
  );
  assert.deepEqual((await steps({ __address__: 'b:9100' })).at(-1), {
    rule: { source_labels: ['host'], separator: ';', regex: 'b', action: 'drop' },
    output: {},
    keep: false,
  });
});

test('the configuration of a pool, without its secrets', async () => {
  const { yaml } = (await api.get('/api/v1/scrape_pools/config?scrapePool=nodes')).json().data;
  assert.match(yaml, /^job_name: nodes\nscrape_interval: 20s\n/);
  assert.match(yaml, /sample_limit: 500\n/);
  assert.match(yaml, /password: <secret>\n/);
  assert.doesNotMatch(yaml, /hunter2/);
  const [again] = settingsOf(`scrape_configs:\n${yaml.replaceAll(/^/gm, '    ').replace('    ', '  - ').trimEnd()}`).scrapeJobs;
  assert.deepEqual(
    [again?.name, again?.interval, again?.relabel.length, again?.groups.length],
    ['nodes', 20_000, 3, 1],
    'it can be read again',
  );
});

test('questions that cannot be answered', async () => {
  for (const [query, status, error] of [
    ['scrape_pools/config', 400, 'no scrapePool parameter provided'],
    ['scrape_pools/config?scrapePool=x', 404, 'unknown scrape pool "x"'],
    ['targets/relabel_steps?scrapePool=x', 404, 'unknown scrape pool "x"'],
    [
      'targets/relabel_steps?scrapePool=nodes&labels=[1]',
      400,
      'invalid parameter "labels": it must be a JSON object of texts, such as {"__address__":"host:9100"}',
    ],
  ] as const) {
    const answer = await api.get(`/api/v1/${query}`);
    assert.deepEqual([answer.statusCode, answer.json().error], [status, error], query);
  }
});
