import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiFixture, NOW, openApi } from './api-fixture.test.ts';

let api: ApiFixture;
before(async () => {
  const sample = [{ at: NOW - 1_000, value: 1 }];
  api = await openApi(
    [
      { labels: { __name__: 'http_requests_total', code: '200' }, samples: sample },
      { labels: { __name__: 'http_errors_total', code: '500' }, samples: sample },
      { labels: { __name__: 'node_load1', host: 'a' }, samples: sample },
    ],
    {},
    [{ name: 'http_requests_total', type: 'counter', help: 'Requests.', unit: '' }],
  );
});
after(() => api.close());

const lines = async (query: string): Promise<unknown[]> => {
  const answer = await api.get(`/api/v1/search/${query}`);
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(answer.headers['content-type'], 'application/x-ndjson; charset=utf-8');
  assert.ok(answer.body.endsWith('\n'));
  return answer.body
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
};
const DONE = { status: 'success', has_more: false };

test('metric names that fit, with what is known of them', async () => {
  assert.deepEqual(await lines('metric_names?search[]=http&include_metadata=true'), [
    { results: [{ name: 'http_errors_total' }, { name: 'http_requests_total', type: 'counter', help: 'Requests.' }] },
    DONE,
  ]);
  assert.deepEqual(await lines('metric_names?search=load&sort_by=score&include_score=1'), [
    { results: [{ name: 'node_load1', score: (16 - 5 / 10 - 1 / 20) / 16 }] },
    DONE,
  ]);
});

test('a window in which nothing was stored has no names', async () => {
  assert.deepEqual(await lines('metric_names?start=1000&end=2000'), [{ results: [] }, DONE]);
  assert.deepEqual(await lines(`label_values?label=code&start=${(NOW - 60_000) / 1000}`), [
    { results: [{ name: '200' }, { name: '500' }] },
    DONE,
  ]);
});

test('label names and values, of series that match', async () => {
  assert.deepEqual(await lines('label_names?match[]=node_load1'), [{ results: [{ name: '__name__' }, { name: 'host' }] }, DONE]);
  assert.deepEqual(await lines('label_values?label=code&search[]=5'), [{ results: [{ name: '500' }] }, DONE]);
});

test('lines hold as many as is asked for, and the last says whether there are more', async () => {
  assert.deepEqual(await lines('metric_names?limit=2&batch_size=1&sort_by=alpha&sort_dir=dsc'), [
    { results: [{ name: 'node_load1' }] },
    { results: [{ name: 'http_requests_total' }] },
    { status: 'success', has_more: true },
  ]);
});

test('what makes no sense is refused with the reason', async () => {
  for (const [query, error] of [
    ['metric_names?fuzz_threshold=101', 'invalid fuzz_threshold "101": must be 0-100'],
    ['metric_names?fuzz_alg=x', 'unsupported fuzz_alg "x": must be one of [subsequence jarowinkler]'],
    ['metric_names?case_sensitive=maybe', 'invalid case_sensitive "maybe": must be boolean'],
    ['metric_names?sort_dir=asc', 'sort_dir is only valid when sort_by is set'],
    ['metric_names?sort_by=score', 'sort_by=score requires search[] to be set'],
    ['label_names?sort_by=size', 'invalid sort_by "size" for label_names: must be "alpha" or "score"'],
    ['metric_names?limit=-1', 'invalid limit "-1": must be non-negative integer'],
    ['metric_names?limit=100000', 'limit 100000 exceeds the configured maximum (10000)'],
    ['metric_names?start=10&end=5', 'end timestamp must not be before start timestamp'],
    [`metric_names?${'search[]=x&'.repeat(33)}`, 'too many search[] terms: got 33, maximum is 32'],
    ['label_values', 'missing required parameter "label"'],
  ] as const) {
    const answer = await api.get(`/api/v1/search/${query}`);
    assert.equal(answer.statusCode, 400, query);
    assert.deepEqual(answer.json(), { status: 'error', errorType: 'bad_data', error });
  }
});
