// One token cannot take the room of the others: what is new of it is refused, what is known goes on, and everybody else is not concerned.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Program } from './program.ts';
import { remoteWrite, sampleNow } from './samples.ts';

const program = new Program({
  config: { built_in: { rules: false, demo: false }, storage: { series: { max_series: 40, max_series_per_source: 3 } } },
  localAgent: false,
});
after(() => program.close());

const jobs = (...names: readonly string[]) => names.map((job) => sampleNow('jobs', 1, { job }));

test('a token has so many series and no more; known ones and other tokens go on', async () => {
  await program.start();
  const [greedy, other] = [await program.token('greedy', 'ingest'), await program.token('other', 'ingest')];
  assert.equal((await remoteWrite(greedy, jobs('a', 'b', 'c'))).status, 204);
  const refused = await remoteWrite(greedy, jobs('a', 'd', 'e'));
  assert.equal(refused.status, 400);
  assert.match(refused.text, /series-limit-of-source/);
  assert.equal((await remoteWrite(greedy, jobs('a', 'b', 'c'))).status, 204);
  assert.equal((await remoteWrite(other, jobs('x', 'y', 'z'))).status, 204);
  const { text } = await program.admin.send('GET', '/api/v1/query?query=count(jobs)');
  assert.match(text, /"6"/);
  const { text: metrics } = await program.admin.send('GET', '/metrics');
  assert.match(metrics, /tocsin_series_samples_refused_total\{reason="series-limit-of-source"\} 2/);
});

test('a token that sends by OTLP is told how many points were one series too many', async () => {
  const token = await program.token('collector', 'ingest');
  const dataPoints = ['a', 'b', 'c', 'd', 'e'].map((stringValue) => ({ asInt: 1, attributes: [{ key: 'kind', value: { stringValue } }] }));
  const metrics = [{ name: 'parts', gauge: { dataPoints } }];
  const { status, text } = await token.json('POST', '/v1/metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  const partialSuccess = { rejectedDataPoints: '2', errorMessage: '2: series-limit-of-source' };
  assert.deepEqual([status, JSON.parse(text)], [200, { partialSuccess }]);
});
