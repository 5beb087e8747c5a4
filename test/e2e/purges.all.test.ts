// What is deleted for its age or for want of room stands in the audit log, and what is held is not deleted.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { audit } from '../../src/contract/api/audit.ts';
import { series } from '../../src/contract/api/series.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';
import { until } from './until.ts';

const DAY = 86_400_000;
const today = Math.floor(Date.now() / DAY) * DAY;
const withSeries = (settings: object): object => ({ storage: { series: settings }, built_in: { rules: false, demo: false } });
const program = new Program({ config: withSeries({ keep: '30d', out_of_order_window: '20d' }), localAgent: false });

before(() => program.start());
after(() => program.close());

async function write(job: string, daysAgo: number): Promise<void> {
  const samples = Array.from({ length: 100 }, (_, i) => ({ at: today - daysAgo * DAY + i * 60_000, value: Math.random() }));
  assert.equal((await remoteWrite(program.admin, [{ labels: { __name__: 'm', job }, samples }])).status, 204);
}

async function jobs(): Promise<Record<string, string>> {
  const { text } = await program.admin.send('GET', `/api/v1/query?${new URLSearchParams({ query: 'count_over_time(m[25d])' })}`);
  const result: { metric: Record<string, string>; value: [number, string] }[] = JSON.parse(text).data.result;
  return Object.fromEntries(result.map(({ metric, value }) => [metric['job'] ?? '', value[1]]));
}

const purges = async () => {
  const { items } = await program.admin.ask(audit.list, { query: { limit: '100' } });
  return items.filter(({ why }) => why.startsWith('deleted ')).map(({ who, why }) => `${who}: ${why}`);
};

test('by age, by selector and by room: who, what and why is written once each; a hold keeps its samples', async () => {
  for (const [job, daysAgo] of [
    ['old', 15],
    ['held', 14],
    ['debug', 4],
    ['plain', 4],
    ['recent', 2],
  ] as const)
    await write(job, daysAgo);
  await program.admin.ask(series.snapshot, { body: { name: 'flushed' } });
  assert.deepEqual(await purges(), []);
  const rules = {
    keep: '10d',
    out_of_order_window: '20d',
    keep_matching: [{ match: '{job="debug"}', keep: '1d' }],
    holds: [{ name: 'case-1', match: '{job="held"}', reason: 'a case' }],
  };
  await program.stop();
  program.configure(withSeries(rules));
  await program.start();
  await until('old samples are gone, and it is written', async () => (await purges()).length === 2, 60_000);
  assert.deepEqual(await jobs(), { held: '100', plain: '100', recent: '100' });
  const [last = '', first = ''] = (await purges()).sort().reverse();
  assert.match(
    last,
    /^system[^ ]*: deleted \{job="debug"\} before \d{4}-\d\d-\d\dT00:00:00\.000Z because its time is over$|^system[^ ]*: deleted samples before \S+Z because its time is over$/,
  );
  assert.ok(
    [first, last].some((line) => line.includes('deleted samples before')) && [first, last].some((line) => line.includes('{job="debug"}')),
  );
  const { held } = await program.admin.ask(series.status);
  assert.deepEqual([held.holds[0]?.since, held.overdueBlocks, held.overdueBytes > 0], [null, 1, true]);
  await program.stop();
  program.configure(withSeries({ ...rules, max_bytes: '1KiB' }));
  await program.start();
  await until(
    'the limit of bytes took the rest, and it is written',
    async () => (await purges()).some((line) => line.endsWith('because all of it takes too much')),
    60_000,
  );
  assert.deepEqual(await jobs(), { held: '100' });
  const count = (await purges()).length;
  await program.kill();
  await program.start();
  await program.admin.ask(series.status);
  assert.equal((await purges()).length, count, 'nothing is written twice');
});
