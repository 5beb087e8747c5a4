// Debian's vmagent scrapes the program and an exporter and writes to the program; what it kept through an outage comes later.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort, Program } from './program.ts';
import { until } from './until.ts';

const PATIENCE = 60_000;
const program = new Program({ config: { built_in: { rules: false, demo: false } }, localAgent: false, keepsPort: true });
let value = 0;
const target = createServer((_request, response) => {
  value += 1;
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(`# TYPE jobs_total counter\njobs_total{queue="mails \\"a\\""} ${value}\n`);
});
let vmagent: ChildProcess | undefined;

before(async () => {
  await program.start();
  const token = await program.token('vmagent', 'ingest');
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const tokenFile = join(program.root, 'token');
  writeFileSync(tokenFile, (token.headers['authorization'] ?? '').replace('Bearer ', ''), { mode: 0o600 });
  const config = join(program.root, 'vmagent.yml');
  const targets = [`127.0.0.1:${(target.address() as AddressInfo).port}`];
  writeFileSync(
    config,
    JSON.stringify({ global: { scrape_interval: '1s' }, scrape_configs: [{ job_name: 'jobs', static_configs: [{ targets }] }] }),
  );
  vmagent = spawn(
    '/usr/bin/vmagent',
    [
      `-promscrape.config=${config}`,
      `-remoteWrite.url=${program.url}/api/v1/write`,
      `-remoteWrite.bearerTokenFile=${tokenFile}`,
      `-remoteWrite.tmpDataPath=${join(program.root, 'vmagent')}`,
      `-httpListenAddr=127.0.0.1:${await freePort()}`,
    ],
    { stdio: 'ignore' },
  );
});

after(async () => {
  if (vmagent !== undefined && vmagent.exitCode === null) {
    vmagent.kill('SIGKILL');
    await once(vmagent, 'exit');
  }
  target.close();
  await program.close();
});

async function numberOf(expression: string): Promise<number> {
  const { text } = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent(expression)}`);
  const answer = JSON.parse(text) as { readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] } };
  return Number(answer.data.result[0]?.value[1] ?? 'NaN');
}

test('what vmagent scrapes can be asked for, its own series about the scrape among it', async () => {
  await until('samples arrive', async () => (await numberOf('jobs_total{queue="mails \\"a\\"",job="jobs"}')) > 2, PATIENCE);
  assert.equal(await numberOf('up{job="jobs"}'), 1);
  assert.equal(await numberOf('scrape_samples_scraped{job="jobs"}'), 1);
  const { text: metrics } = await program.admin.send('GET', '/metrics');
  assert.match(metrics, /tocsin_remote_write_requests_total\{outcome="ok"\} [1-9]/);
  assert.doesNotMatch(metrics, /tocsin_remote_write_requests_total\{outcome="(bad|partly refused|unsupported|too-large)"\} [1-9]/);
});

test('what it scraped while the program was away is here afterwards, each scrape at its own time', async () => {
  const before = value;
  await program.kill();
  await until('it scraped meanwhile', () => value >= before + 5, PATIENCE);
  const reached = value;
  await program.start();
  await until('the newest sample is here', async () => (await numberOf('jobs_total')) > reached, PATIENCE);
  // Every scrape adds one, so each missing one would be a change less.
  const gap = 'max_over_time(jobs_total[5m]) - min_over_time(jobs_total[5m]) - changes(jobs_total[5m])';
  await until('the ones in between are here, too', async () => (await numberOf(gap)) === 0, PATIENCE);
  assert.equal(await numberOf('resets(jobs_total[5m])'), 0);
});
