import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiFixture, NOW, openApi } from './api-fixture.test.ts';

/** What Grafana's Prometheus data source asks when it is saved, opened and edited: its requests as they are sent, and what it needs to hear. */
const at = NOW / 1000;
let api: ApiFixture;

before(async () => {
  const sample = { at: NOW - 10_000, value: 1 };
  api = await openApi([
    { labels: { __name__: 'up', job: 'node', instance: 'a:9100' }, samples: [sample] },
    { labels: { __name__: 'node_load1', job: 'node', instance: 'a:9100' }, samples: [sample] },
    { labels: { __name__: 'my.metric', 'http.status': '200', job: 'otel' }, samples: [sample] },
  ]);
});
after(() => api.close());

const RECORDED: readonly (readonly [what: string, url: string, form: Readonly<Record<string, string>> | null, data: unknown])[] = [
  [
    'save and test: an expression without series, at the fourth second of 1970',
    '/api/v1/query',
    { query: '1+1', time: '4' },
    { resultType: 'scalar', result: [4, '2'] },
  ],
  [
    'label names for the builder',
    '/api/v1/labels',
    { start: `${at - 3600}`, end: `${at}` },
    ['__name__', 'http.status', 'instance', 'job'],
  ],
  [
    'label names of a metric',
    '/api/v1/labels',
    { 'match[]': '{__name__="up"}', start: `${at - 3600}`, end: `${at}`, limit: '40000' },
    ['__name__', 'instance', 'job'],
  ],
  ['names of metrics', `/api/v1/label/__name__/values?start=${at - 3600}&end=${at}&limit=40000`, null, ['my.metric', 'node_load1', 'up']],
  [
    'values of a label of a metric',
    `/api/v1/label/instance/values?start=${at - 3600}&end=${at}&match[]=${encodeURIComponent('{__name__="up"}')}`,
    null,
    ['a:9100'],
  ],
  ['values of a label that needs quotes', '/api/v1/label/U__http_2e_status/values', null, ['200']],
  [
    'series of a variable',
    `/api/v1/series?match[]=${encodeURIComponent('up{job="node"}')}&start=${at - 3600}&end=${at}`,
    null,
    [{ __name__: 'up', job: 'node', instance: 'a:9100' }],
  ],
  ['metadata for hints', '/api/v1/metadata?limit=40000', null, {}],
  ['exemplars at start, to see whether there are any', '/api/v1/query_exemplars', { query: 'up', start: `${at - 60}`, end: `${at}` }, []],
  ['the formatted expression', '/api/v1/format_query', { query: 'sum(up)by(job)' }, 'sum by (job) (up)'],
];

for (const [what, url, form, data] of RECORDED) {
  test(`Grafana: ${what}`, async () => {
    const answer = form === null ? await api.get(url) : await api.post(url, form);
    assert.equal(answer.statusCode, 200, answer.body);
    assert.match(String(answer.headers['content-type']), /^application\/json/);
    assert.deepEqual(answer.json(), { status: 'success', data });
  });
}

test('Grafana takes the abilities of a Prometheus 3 from the version', async () => {
  const { data } = (await api.get('/api/v1/status/buildinfo')).json();
  assert.deepEqual(Object.keys(data).sort(), ['branch', 'buildDate', 'buildUser', 'goVersion', 'revision', 'version']);
  assert.match(data.version, /^3\.\d+\.\d+$/);
});

test('a panel asks for a range in a form, with headers that say where it stands', async () => {
  const answer = await api.post('/api/v1/query_range', { query: 'up', start: `${at - 30}`, end: `${at}`, step: '15' });
  assert.deepEqual(answer.json().data.result, [
    {
      metric: { __name__: 'up', instance: 'a:9100', job: 'node' },
      values: [[at, '1']],
    },
  ]);
});

test('what is not there is a 404 that Grafana can read: rules come with alerting, it goes on without', async () => {
  for (const url of ['/api/v1/rules', '/api/v1/alerts', '/api/v1/nothing']) {
    const answer = await api.get(url);
    assert.equal(answer.statusCode, 404);
    assert.deepEqual(Object.keys(answer.json()), ['status', 'errorType', 'error']);
    assert.deepEqual([answer.json().status, answer.json().errorType], ['error', 'not_found']);
  }
});
