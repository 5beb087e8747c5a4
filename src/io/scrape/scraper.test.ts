import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { openManualClock, settle, type ManualClock } from '../../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../../test/doors/memory-files.ts';
import { readWriteRequest, type WrittenSample } from '../../../test/doors/write-request.ts';
import type { Counters } from '../../core/base/counters.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { parseConfig } from '../../core/config/parse-config.ts';
import type { ScrapeJob } from '../../core/scrape/scrape-job.ts';
import { IntakeDesk } from '../intake/intake-desk.ts';
import { Scraper } from './scraper.ts';

const START = 1_700_000_000_000;
const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/** A target, and how often it was asked. */
async function openTarget(answer: RequestListener): Promise<{ readonly address: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    void answer(request, response);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { address: `127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, asked };
}

function say(response: ServerResponse, text: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4', ...headers }).end(text);
}

function jobs(yaml: string): readonly ScrapeJob[] {
  const { value, problems } = parseConfig([{ path: '/conf/t.yml', text: `scrape_configs:\n${yaml}` }], { builtIn: null });
  assert.deepEqual(problems.map(formatProblem), []);
  return value?.scrapeJobs ?? [];
}

class Bench {
  readonly clock: ManualClock = openManualClock(START);
  readonly files = openMemoryFiles({ '/conf/pw': 'secret\n' });
  readonly written: WrittenSample[] = [];
  readonly counters: Counters = new Map();
  readonly warnings: unknown[] = [];
  writes = 0;
  readonly scraper = new Scraper({
    clock: this.clock,
    files: this.files,
    now: this.clock.now,
    seed: 'test',
    decoder: new IntakeDesk(),
    counters: this.counters,
    log: { warn: (message, fields) => void this.warnings.push({ message, ...fields }) },
    resolve: async (secret) => (secret.kind === 'literal' ? secret.value : this.files.readText(secret.name, 100)),
    write: async (body, encoding) => {
      const samples = readWriteRequest(Uint8Array.from(body), encoding);
      this.written.push(...samples);
      this.writes += 1;
      return { samples: samples.length, series: samples.length, refused: [] };
    },
  });

  /** Lets time pass until so many bodies more were written. */
  async until(more: number, within = 60_000): Promise<void> {
    const wanted = this.writes + more;
    for (let passed = 0; passed < within && this.writes < wanted; passed += 500) {
      await this.clock.advance(500);
      await this.idle();
    }
    for (let i = 0; i < 2_000 && this.writes < wanted; i += 1) await settle();
    assert.ok(this.writes >= wanted, `${this.writes} bodies were written, not ${wanted}`);
  }

  /** Until every scrape that has begun has ended. */
  async idle(): Promise<void> {
    for (let i = 0; i < 2_000 && this.scraper.pools.some((pool) => [...pool.loops.values()].some((loop) => loop.isBusy)); i += 1)
      await settle();
  }

  of(name: string): (number | string)[] {
    return this.written.filter(({ series }) => series.startsWith(`${name}{`)).map(({ value }) => value);
  }
}

test('a target is scraped at equal distances, with the headers of Prometheus, until it fails and comes back', async () => {
  let good = true;
  const target = await openTarget((_request, response) => {
    if (good) say(response, 'a{x="1"} 5\n');
    else response.writeHead(500).end();
  });
  const bench = new Bench();
  await bench.scraper.apply(
    jobs(
      `- { job_name: j, scrape_interval: 15s, params: { p: [q] }, bearer_token_file: pw, static_configs: [{ targets: ["${target.address}"] }] }`,
    ),
  );
  await bench.until(2);
  good = false;
  await bench.until(1);
  good = true;
  await bench.until(1);
  await bench.scraper.stop();
  assert.deepEqual(bench.of('a'), [5, 5, 'stale', 5]);
  assert.deepEqual(bench.of('up'), [1, 1, 0, 1]);
  const moments = bench.written.filter(({ series }) => series.startsWith('up{')).map(({ at }) => at);
  const [first = 0] = moments;
  assert.deepEqual(moments, [first, first + 15_000, first + 30_000, first + 45_000]);
  const { headers, url } = target.asked[0] ?? {};
  assert.equal(url, '/metrics?p=q');
  assert.equal(headers?.authorization, 'Bearer secret');
  assert.equal(headers?.['x-prometheus-scrape-timeout-seconds'], '10');
  assert.equal(
    headers?.accept,
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,' +
      'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
  );
  assert.equal(headers?.['accept-encoding'], 'gzip');
});

test('a job that goes with a reload ends its series, one that stays is not disturbed, and closing ends nothing', async () => {
  const target = await openTarget((_request, response) => say(response, 'a 1\n'));
  const bench = new Bench();
  const both = ['one', 'two'].map(
    (name) => `- { job_name: ${name}, scrape_interval: 15s, static_configs: [{ targets: ["${target.address}"] }] }\n`,
  );
  await bench.scraper.apply(jobs(both.join('')));
  await bench.until(2);
  const loop = [...(bench.scraper.pools[0]?.loops.values() ?? [])][0];
  await bench.scraper.apply(jobs(both[0] ?? ''));
  assert.equal([...(bench.scraper.pools[0]?.loops.values() ?? [])][0], loop);
  const ended = bench.written.filter(({ value }) => value === 'stale').map(({ series }) => series);
  assert.equal(ended.length, 6);
  assert.ok(ended.every((series) => series.includes('job="two"')));
  const writes = bench.writes;
  await bench.scraper.stop();
  assert.equal(bench.writes, writes);
});

const BODIES: readonly (readonly [string, RequestListener, string, RegExp])[] = [
  ['no known type', (_, response) => say(response, 'a 1\n', { 'content-type': 'text/html' }), '', /no known format/],
  ['not text', (_, response) => say(response, Buffer.from([0x61, 0xff, 0x20, 0x31, 0x0a])), '', /not UTF-8/],
  ['cut off', (_, response) => say(response, 'a 1\nb 2'), '', /line 2: no line end/],
  ['too long', (_, response) => say(response, 'a 1\n'.repeat(1_000)), 'body_size_limit: 1kB', /body_size_limit of 1024 bytes exceeded/],
  [
    'a bomb',
    (_, response) => say(response, gzipSync('a 1\n'.repeat(100_000)), { 'content-encoding': 'gzip' }),
    'body_size_limit: 10kB',
    /body_size_limit/,
  ],
  ['broken gzip', (_, response) => say(response, 'a 1\n', { 'content-encoding': 'gzip' }), '', /gzip/],
  ['silence', () => {}, 'scrape_timeout: 50ms', /no answer within 50 ms/],
  ['a circle', (_, response) => response.writeHead(302, { location: '/again' }).end(), '', /more than 10 redirects/],
  [
    'a redirect that is not followed',
    (_, response) => response.writeHead(302, { location: '/x' }).end(),
    'follow_redirects: false',
    /status 302/,
  ],
  ['too many targets', (_, response) => say(response, 'a 1\n'), 'target_limit: 1', /2 targets, target_limit is 1/],
];
for (const [name, answer, options, reason] of BODIES) {
  test(`a target is down: ${name}`, async () => {
    const target = await openTarget(answer);
    const bench = new Bench();
    const more = options.startsWith('target_limit') ? ', "127.0.0.1:1"' : '';
    const rest = options === '' ? '' : `, ${options}`;
    await bench.scraper.apply(
      jobs(`- { job_name: j, scrape_interval: 5s, static_configs: [{ targets: ["${target.address}"${more}] }]${rest} }`),
    );
    await bench.until(more === '' ? 1 : 2);
    const loop = [...(bench.scraper.pools[0]?.loops.values() ?? [])].find(({ target: { url } }) => url.includes(target.address));
    for (let i = 0; i < 2_000 && loop?.state.health === 'unknown'; i += 1) await settle();
    await bench.scraper.stop();
    assert.equal(loop?.state.health, 'down');
    assert.match(loop?.state.problem ?? '', reason);
    assert.ok(bench.of('up').every((value) => value === 0) && bench.of('a').length === 0);
  });
}

test('compressed answers, other formats and redirects are read', async () => {
  const openMetrics = '# TYPE a counter\na_total 1 # {t="x"} 1\n# EOF\n';
  const answers: readonly RequestListener[] = [
    (_, response) => say(response, gzipSync('a_total 1\n'), { 'content-encoding': 'gzip' }),
    (_, response) => say(response, zstdCompressSync('a_total 1\n'), { 'content-encoding': 'zstd' }),
    (_, response) => say(response, openMetrics, { 'content-type': 'application/openmetrics-text; version=1.0.0; charset=utf-8' }),
    (_, response) => response.writeHead(200).end('a_total 1\n'),
    (request, response) =>
      request.url === '/there' ? say(response, 'a_total 1\n') : void response.writeHead(307, { location: '/there' }).end(),
  ];
  const targets = await Promise.all(answers.map(openTarget));
  const bench = new Bench();
  const list = targets.map(({ address }) => `"${address}"`).join(', ');
  await bench.scraper.apply(
    jobs(`- { job_name: j, scrape_interval: 5s, fallback_scrape_protocol: PrometheusText0.0.4, static_configs: [{ targets: [${list}] }] }`),
  );
  await bench.until(5, 5_000);
  await bench.scraper.stop();
  assert.equal(bench.of('a_total').length, 5);
  assert.deepEqual(bench.of('up'), [1, 1, 1, 1, 1]);
});

test('targets in files follow the files; a broken one keeps the last good ones', async () => {
  const target = await openTarget((_request, response) => say(response, 'a 1\n'));
  const bench = new Bench();
  const write = async (text: string): Promise<void> => {
    bench.files.put('/conf/t/a.json', text);
    await settle();
    await bench.clock.advance(200);
    await settle();
  };
  bench.files.put('/conf/t/a.json', '[]');
  await bench.scraper.apply(jobs('- { job_name: j, scrape_interval: 5s, file_sd_configs: [{ files: ["t/*.json"] }] }'));
  await settle();
  const active = (): unknown[] =>
    [...(bench.scraper.pools[0]?.loops.values() ?? [])].map((loop) => loop.target.discovered['__meta_filepath']);
  assert.deepEqual(active(), []);
  await write(JSON.stringify([{ targets: [target.address], labels: { env: 'x' } }]));
  assert.deepEqual(active(), ['/conf/t/a.json']);
  await bench.until(1);
  await write('[{');
  assert.deepEqual(active(), ['/conf/t/a.json']);
  assert.equal(bench.warnings.length, 1);
  await write('[]');
  await settle();
  assert.deepEqual(active(), []);
  await bench.scraper.stop();
  assert.deepEqual([bench.of('a').at(0), bench.of('a').at(-1)], [1, 'stale']);
});

test('targets behind a web address', async () => {
  const target = await openTarget((_request, response) => say(response, 'a 1\n'));
  let answer = '';
  const list = await openTarget((_request, response) => response.writeHead(answer === '' ? 500 : 200).end(answer));
  const bench = new Bench();
  await bench.scraper.apply(
    jobs(`- { job_name: j, scrape_interval: 5s, http_sd_configs: [{ url: "http://${list.address}/sd", refresh_interval: 10s }] }`),
  );
  for (let i = 0; i < 2_000 && bench.warnings.length === 0; i += 1) await settle();
  answer = JSON.stringify([{ targets: [target.address], labels: { env: 'x' } }]);
  await bench.clock.advance(10_000);
  for (let i = 0; i < 2_000 && bench.scraper.pools[0]?.loops.size === 0; i += 1) await settle();
  await bench.until(1);
  assert.equal(list.asked[0]?.headers['x-prometheus-refresh-interval-seconds'], '10');
  assert.ok(bench.written.some(({ series }) => series === `a{env="x",instance="${target.address}",job="j"}`));
  await bench.scraper.stop();
});
