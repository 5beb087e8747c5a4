// The disk of the series gets full, really: a small file system of its own. State, rules, alerts and messages are on another one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openSmallDisk, type SmallDisk } from '../doors/small-disk.ts';
import type { Answered } from './api.ts';
import { Program } from './program.ts';
import { openHook } from './receivers.ts';
import { remoteWrite } from './samples.ts';
import { until } from './until.ts';

const hook = await openHook();
const A_REQUEST = 4_000;
const ROUNDS_LIMIT = 400;

function config(minFree: string, rules: object) {
  return {
    storage: { series: { min_free: minFree } },
    channels: { hook: { type: 'webhook', url: hook.url } },
    route: { channel: 'hook', group_by: ['...'], group_wait: '100ms', group_interval: '300ms' },
    rules,
    built_in: { rules: false, demo: false },
  };
}

const program = new Program({ config: config('1MiB', {}), localAgent: false });
const folder = join(program.data, 'series');
const disk: SmallDisk | null = openSmallDisk(folder, '6m');
const skip = disk === null ? 'a file system can be mounted by root only' : false;
let written = 0;

before(async () => {
  if (disk !== null) await program.start();
});

after(async () => {
  await program.stop();
  disk?.close();
  await program.close();
  await hook.close();
});

/** Samples that nothing compresses, each request a series of its own, each a second after the one before. */
function write(): Promise<Answered> {
  const end = Date.now();
  const noise = new Float64Array(new Uint8Array(randomBytes(A_REQUEST * 8)).buffer).map((value) => (Number.isFinite(value) ? value : 1));
  const samples = Array.from(noise, (value, i) => ({ at: end - (A_REQUEST - i) * 10, value }));
  return remoteWrite(program.admin, [{ labels: { __name__: 'kept', n: String(written) }, samples }]);
}

/** Writes until it is refused; the refusal. */
async function fill(): Promise<Answered> {
  for (let round = 0; round < ROUNDS_LIMIT; round += 1) {
    const answer = await write();
    if (answer.status !== 204) return answer;
    written += 1;
  }
  throw new Error('the disk did not get full');
}

async function assertAllThere(): Promise<void> {
  const query = new URLSearchParams({ query: 'count(count_over_time(kept[1h]))' });
  const sum = new URLSearchParams({ query: 'sum(count_over_time(kept[1h]))' });
  const [series, samples] = await Promise.all([query, sum].map((one) => program.admin.send('GET', `/api/v1/query?${one}`)));
  assert.match(series?.text ?? '', new RegExp(`"value":\\[[^,]*,"${written}"\\]`));
  assert.match(samples?.text ?? '', new RegExp(`"value":\\[[^,]*,"${written * A_REQUEST}"\\]`));
}

function told(alertname: string, status: string): boolean {
  return hook.got.some(({ body }) => body.alerts.some((alert) => alert.labels['alertname'] === alertname && alert.status === status));
}

test('below the floor writes are to be repeated later, everything else goes on, and it is told', { skip }, async () => {
  const refused = await fill();
  assert.equal(refused.status, 503, refused.text);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.match(refused.text, /are free on the disk of the series/);
  assert.ok(written > 10);
  await until('the alert is told', () => told('SeriesStoreFull', 'firing'));
  program.configure(config('1MiB', { Judged: { expr: 'count(kept) > 0 or vector(1)', error: {} } }));
  assert.equal((await program.admin.send('POST', '/-/reload')).status, 200);
  await until('a rule that is judged meanwhile is told', () => told('Judged', 'firing'));
  const json = await program.admin.json('POST', '/v1/metrics', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'x', gauge: { dataPoints: [{ asDouble: 1 }] } }] }] }],
  });
  assert.deepEqual([json.status, json.headers.has('retry-after')], [503, true]);
  await assertAllThere();
});

test('a server that is killed and started on a full disk has everything, and refuses as before', { skip }, async () => {
  await program.kill();
  await program.start();
  await assertAllThere();
  assert.equal((await write()).status, 503);
});

test('when there is space again it goes on by itself, and that is told', { skip }, async () => {
  disk?.resize('12m');
  await until('a write is taken', async () => (await write()).status === 204);
  written += 1;
  await until('the end of the alert is told', () => told('SeriesStoreFull', 'resolved'));
  await assertAllThere();
});

test('without a floor the last byte is written, nothing is torn, and nothing that was answered is lost', { skip }, async () => {
  await program.stop();
  program.configure(config('0', {}));
  writeFileSync(join(folder, 'ballast'), new Uint8Array(2 << 20));
  await program.start();
  const refused = await fill();
  assert.deepEqual([refused.status, refused.headers.has('retry-after')], [503, true]);
  assert.match(refused.text, /the journal cannot be written/);
  for (let again = 0; again < 20; again += 1) assert.equal((await write()).status, 503);
  await assertAllThere();
  await program.kill();
  await program.start();
  await assertAllThere();
  assert.equal((await write()).status, 503);
  rmSync(join(folder, 'ballast'));
  await until('a write is taken', async () => (await write()).status === 204);
  written += 1;
  await program.kill();
  const journal = readdirSync(join(folder, 'journal'));
  assert.ok(journal.length < 8, `${journal.length} segments are left`);
  await program.start();
  await assertAllThere();
  const { text } = await program.admin.send('GET', '/api/v1/status/runtimeinfo');
  assert.match(text, /"corruptionCount":0/);
});
