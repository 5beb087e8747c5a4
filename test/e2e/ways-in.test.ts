// Samples come in by scraping, OTLP, JSON lines and the command line, and every one of them is found again.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { double, fixed64, inner, message, text } from '../doors/proto.ts';
import type { Api } from './api.ts';
import { command } from '../cli/command.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

const target = createServer((_request, response) => {
  response
    .writeHead(200, { 'content-type': 'text/plain; version=0.0.4' })
    .end('# TYPE shop_orders_total counter\nshop_orders_total{kind="a"} 7\n');
});
target.listen(0, '127.0.0.1');
await once(target, 'listening');
const address = target.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

const config = (jobs: readonly string[]): object => ({
  built_in: { rules: false, demo: false },
  scrape_configs: jobs.map((name) => ({
    job_name: name,
    scrape_interval: '300ms',
    scrape_timeout: '300ms',
    static_configs: [{ targets: [`127.0.0.1:${port}`] }],
  })),
});
const program = new Program({ config: config(['shop']), localAgent: false });
let sender: Api;
let secret = '';

before(async () => {
  await program.start();
  sender = await program.token('sender', 'ingest');
  secret = (sender.headers['authorization'] ?? '').replace('Bearer ', '');
});

after(async () => {
  await program.close();
  target.closeAllConnections();
  target.close();
});

interface Found {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}

async function query(expr: string, time?: number): Promise<readonly Found[]> {
  const at = time === undefined ? '' : `&time=${time}`;
  const { text: answer } = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent(expr)}${at}`);
  return (JSON.parse(answer) as { data: { result: readonly Found[] } }).data.result;
}

test('what is scraped follows the configuration', async () => {
  const [found] = await until('the target is scraped', async () => {
    const result = await query('shop_orders_total');
    return result.length > 0 && result;
  });
  assert.deepEqual(found?.metric, { __name__: 'shop_orders_total', instance: `127.0.0.1:${port}`, job: 'shop', kind: 'a' });
  const { text: seen } = await program.admin.send('GET', '/api/v1/targets');
  const { activeTargets, droppedTargets } = (JSON.parse(seen) as { data: { activeTargets: readonly object[]; droppedTargets: unknown } })
    .data;
  assert.deepEqual(droppedTargets, []);
  assert.deepEqual(activeTargets.length, 1);
  const { discoveredLabels, lastScrape, lastScrapeDuration, ...target } = activeTargets[0] as Record<string, unknown>;
  assert.ok(
    discoveredLabels !== undefined && typeof lastScrapeDuration === 'number' && Date.now() - Date.parse(String(lastScrape)) < 60_000,
  );
  assert.deepEqual(target, {
    labels: { instance: `127.0.0.1:${port}`, job: 'shop' },
    scrapePool: 'shop',
    scrapeUrl: `http://127.0.0.1:${port}/metrics`,
    globalUrl: `http://127.0.0.1:${port}/metrics`,
    lastError: '',
    health: 'up',
    scrapeInterval: '300ms',
    scrapeTimeout: '300ms',
  });
  const { text: about } = await program.admin.send(
    'GET',
    '/api/v1/targets/metadata?metric=shop_orders_total&match_target=%7Bjob%3D%22shop%22%7D',
  );
  assert.deepEqual(
    (JSON.parse(about) as { data: readonly { type: string }[] }).data.map(({ type }) => type),
    ['counter'],
  );
  program.configure(config(['other']));
  program.signal('SIGHUP');
  await until('the other job has taken its place', async () => {
    const up = await query('up');
    return up.length === 1 && up[0]?.metric['job'] === 'other';
  });
  const { text: pools } = await program.admin.send('GET', '/api/v1/scrape_pools');
  assert.deepEqual(JSON.parse(pools), { status: 'success', data: { scrapePools: ['other'] } });
});

test('OTLP comes as protobuf and as JSON, and what is refused is said', async () => {
  const now = BigInt(Date.now()) * 1_000_000n;
  const attribute = (key: string, value: string): Uint8Array => inner(1, message(text(1, key), inner(2, text(1, value))));
  const gauge = message(text(1, 'room.temperature'), text(3, 'Cel'), inner(5, inner(1, message(fixed64(3, now), double(4, 21.5)))));
  const body = inner(1, message(inner(1, attribute('service.name', 'house')), inner(2, inner(2, gauge))));
  const protobuf = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const taken = await sender.send('POST', '/v1/metrics', { body: gzipSync(body), headers: protobuf });
  assert.deepEqual([taken.status, taken.text, taken.headers.get('content-type')], [200, '', 'application/x-protobuf']);
  const [found] = await query('room_temperature_celsius');
  assert.deepEqual([found?.metric, found?.value[1]], [{ __name__: 'room_temperature_celsius', job: 'house' }, '21.5']);

  const metrics = [{ name: 'odd', sum: { dataPoints: [{ asInt: 1 }] } }];
  const json = await sender.json('POST', '/api/v1/otlp/v1/metrics', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
  assert.deepEqual(
    [json.status, JSON.parse(json.text)],
    [200, { partialSuccess: { rejectedDataPoints: '1', errorMessage: '1: the aggregation temporality is not given' } }],
  );
  assert.equal((await sender.send('POST', '/v1/metrics', { body: '{', headers: { 'content-type': 'application/json' } })).status, 400);
  assert.equal((await sender.send('POST', '/v1/metrics', { body: 'x', headers: { 'content-type': 'text/plain' } })).status, 415);
  const bomb = { body: gzipSync(Buffer.alloc(40 << 20)), headers: protobuf };
  assert.equal((await sender.send('POST', '/v1/metrics', bomb)).status, 413);
  assert.equal(
    (await sender.send('POST', '/v1/metrics', { body: Buffer.alloc(17 << 20), headers: { 'content-type': 'application/x-protobuf' } }))
      .status,
    413,
  );
  const brotli = { 'content-type': 'application/x-protobuf', 'content-encoding': 'br' };
  assert.equal((await sender.send('POST', '/api/v1/otlp/v1/metrics', { body: gzipSync(body), headers: brotli })).status, 415);
  const zstd = { 'content-type': 'application/x-protobuf', 'content-encoding': 'zstd' };
  assert.equal((await sender.send('POST', '/api/v1/otlp/v1/metrics', { body: zstdCompressSync(body), headers: zstd })).status, 200);
  const viewer = await program.token('viewer', 'viewer');
  assert.equal((await viewer.json('POST', '/v1/metrics', {})).status, 403);
});

test('JSON lines bring what was long ago', async () => {
  const start = Date.now() - 24 * 3_600_000;
  const timestamps = Array.from({ length: 100 }, (_, index) => start + index * 60_000);
  const line = JSON.stringify({ metric: { __name__: 'history', from: 'import' }, values: timestamps.map((_, index) => index), timestamps });
  const answer = await sender.send('POST', '/api/v1/import', { body: `${line}\n` });
  assert.deepEqual([answer.status, JSON.parse(answer.text)], [200, { lines: 1, samples: 100, refused: {}, badLines: 0, problems: [] }]);
  const [found] = await query('count_over_time(history[2h])', (start + 7_200_000 - 1) / 1000);
  assert.equal(found?.value[1], '100');
  const bad = await sender.send('POST', '/api/v1/import', { body: `${line}\nnonsense\n` });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /line 2: expected a JSON object/);
});

test('tocsin send writes one sample', async () => {
  const env = { TOCSIN_TOKEN: secret, TOCSIN_SERVER: program.url };
  const sent = await command(['send', 'backup_size_bytes', '-5.5', '--label', 'job=backup', '--label', 'what=a=b'], { env });
  assert.deepEqual(sent, { code: 0, stdout: '', stderr: '' });
  const [found] = await query('backup_size_bytes');
  assert.deepEqual([found?.metric, found?.value[1]], [{ __name__: 'backup_size_bytes', job: 'backup', what: 'a=b' }, '-5.5']);
  assert.equal((await command(['send', 'x', 'y'], { env })).code, 2);
  const late = await command(['send', 'backup_size_bytes', '1', '--label', 'job=backup', '--label', 'what=a=b', '--time', '2h'], { env });
  assert.equal(late.code, 1);
  assert.match(late.stderr, /not taken: sample-too-old/);
});

test('tocsin import stores a file, and names the lines that it cannot read', async () => {
  const env = { TOCSIN_TOKEN: secret, TOCSIN_SERVER: program.url };
  const start = Date.now() - 12 * 3_600_000;
  const lines = Array.from({ length: 60_000 }, (_, index) =>
    index === 54_320
      ? '{"metric":'
      : JSON.stringify({
          metric: { __name__: 'imported_rows', row: `number ${index % 50}` },
          values: [index],
          timestamps: [start + index],
        }),
  );
  const file = join(program.root, 'history.jsonl');
  writeFileSync(file, lines.join('\n'));
  const ended = await command(['import', file, '--quiet'], { env });
  assert.equal(ended.stdout, '59999 samples of 59999 lines are stored.\n');
  assert.equal(ended.stderr, `${file}: line 54321: expected a JSON object\n1 lines cannot be read.\n`);
  assert.equal(ended.code, 1);
  const [found] = await query('sum(count_over_time(imported_rows[2m]))', (start + 60_000) / 1_000);
  assert.equal(found?.value[1], '59999');
  writeFileSync(file, `${lines[0]}\n${lines[1]}\n`);
  assert.deepEqual(await command(['import', file], { env }), { code: 0, stdout: '2 samples of 2 lines are stored.\n', stderr: '' });
  assert.match((await command(['import', join(program.root, 'none')], { env })).stderr, /none cannot be read: there is no such file/);
});

test('what a target said of its metrics outlives the target and a restart', async () => {
  program.configure(config([]));
  program.signal('SIGHUP');
  await until(
    'no target is left',
    async () =>
      (
        JSON.parse((await program.admin.send('GET', '/api/v1/targets')).text) as {
          data: { activeTargets: readonly unknown[] };
        }
      ).data.activeTargets.length === 0,
  );
  const said = async (): Promise<unknown> =>
    (JSON.parse((await program.admin.send('GET', '/api/v1/metadata?metric=shop_orders_total')).text) as { data: unknown }).data;
  const expected = { shop_orders_total: [{ type: 'counter', help: '', unit: '' }] };
  assert.deepEqual(await said(), expected);
  await program.kill();
  await program.start();
  assert.deepEqual(await said(), expected);
});
