// Debian's Prometheus with Tocsin as its Alertmanager and its remote storage, Debian's Alertmanager with Tocsin as its receiver, and promtool as a client.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { alerts } from '../../src/contract/api/alerts.ts';
import { freePort, Program } from './program.ts';
import { until } from './until.ts';

const PATIENCE = 60_000;
const run = promisify(execFile);
const program = new Program({ config: { built_in: { rules: false, demo: false } }, localAgent: false });
const children: ChildProcess[] = [];
let value = 1;
const target = createServer((_request, response) => {
  response.setHeader('content-type', 'text/plain; version=0.0.4');
  response.end(`# TYPE shop_queue_length gauge\nshop_queue_length{queue="mails \\"a\\""} ${value}\n`);
});
let secret = '';

before(async () => {
  await program.start();
  const api = await program.token('prometheus', 'admin');
  secret = (api.headers['authorization'] ?? '').replace('Bearer ', '');
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
});

after(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  target.close();
  await program.close();
});

/** Starts a Debian program; what it says is shown when it ends by itself. */
function start(command: string, args: readonly string[]): void {
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: program.root });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)));
  child.on('exit', (code) => code !== null && code !== 0 && console.error(`${command} ended with ${code}:\n${said}`));
  children.push(child);
}

function write(name: string, content: object): string {
  const path = join(program.root, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

async function alertOf(name: string) {
  const { items } = await program.admin.ask(alerts.list, { query: { filter: `alertname="${name}"` } });
  return items[0];
}

const query = async (expression: string): Promise<string> =>
  (await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent(expression)}`)).text;

test('Prometheus writes its samples here and sends its alerts here: they fire and resolve', async () => {
  const { host } = new URL(program.url);
  const authorization = { type: 'Bearer', credentials: secret };
  const rules = write('rules.json', {
    groups: [
      {
        name: 'shop',
        rules: [
          { record: 'shop:queue:max', expr: 'max(shop_queue_length)' },
          {
            alert: 'QueueLong',
            expr: 'shop_queue_length > 5',
            labels: { severity: 'error' },
            annotations: { summary: 'Queue {{ $labels.queue }} has {{ $value }}' },
          },
        ],
      },
    ],
  });
  const config = write('prometheus.yml', {
    global: { scrape_interval: '1s', evaluation_interval: '1s', external_labels: { cluster: 'test' } },
    rule_files: [rules],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [host] }], authorization }] },
    remote_write: [{ url: `${program.url}/api/v1/write`, authorization, queue_config: { batch_send_deadline: '500ms' } }],
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [`127.0.0.1:${(target.address() as AddressInfo).port}`] }] }],
  });
  const storage = `--storage.tsdb.path=${join(program.root, 'prometheus')}`;
  start('/usr/bin/prometheus', [`--config.file=${config}`, storage, '--web.listen-address=127.0.0.1:0', '--rules.alert.resend-delay=1s']);

  await until('samples arrive', async () => (await query('shop_queue_length')).includes('"cluster":"test"'), PATIENCE);
  value = 17;
  const alert = await until('the alert fires', () => alertOf('QueueLong'), PATIENCE);
  assert.equal(alert.state, 'firing');
  assert.equal(alert.severity, 'error');
  assert.equal(alert.rule, null);
  assert.equal(alert.labels['queue'], 'mails "a"');
  assert.equal(alert.annotations['summary'], 'Queue mails "a" has 17');
  assert.match(alert.generatorUrl, /^http:.*\/graph\?/);
  await until('what its rule recorded arrives', async () => (await query('shop:queue:max')).includes('"17"'), PATIENCE);
  value = 2;
  await until('the alert resolves', async () => (await alertOf('QueueLong'))?.state === 'resolved', PATIENCE);
  const { items } = await program.admin.ask(alerts.list, { query: { filter: 'alertname="QueueLong"' } });
  assert.equal(items.length, 1, 'what Prometheus repeats is one alert');
  const { text: metrics } = await program.admin.send('GET', '/metrics');
  assert.doesNotMatch(metrics, /tocsin_remote_write_requests_total\{outcome="(bad|partly refused|unsupported|too-large)"\}/);
});

test('promtool asks here as it asks Prometheus', async () => {
  const server = program.url.replace('http://', `http://promtool:${secret}@`);
  const promtool = async (...args: readonly string[]): Promise<string> => (await run('/usr/bin/promtool', ['query', ...args])).stdout;
  assert.match(await promtool('instant', server, 'shop_queue_length'), /shop_queue_length\{.*queue="mails \\"a\\"".*\} => \d+ @/);
  assert.match(await promtool('instant', server, 'sum(rate(scrape_samples_scraped[30s])) >= 0'), /\{\} => /);
  const now = Math.floor(Date.now() / 1000);
  const range = await promtool('range', '--start', String(now - 10), '--end', String(now), '--step', '1s', server, 'up{job="shop"}');
  assert.match(range, /up\{.*job="shop".*\} =>\n(1 @\[\d+(\.\d+)?\]\n)+/);
  assert.match(await promtool('series', '--match', '{job="shop"}', server), /__name__="shop_queue_length"/);
  assert.match(await promtool('labels', server, 'job'), /^shop$/m);
  await assert.rejects(promtool('instant', server, 'sum(('), /bad_data|parse error/);
});

test('Alertmanager tells its alerts here over its webhook', async () => {
  const authorization = { type: 'Bearer', credentials: secret };
  const config = write('alertmanager.yml', {
    route: { receiver: 'tocsin', group_by: ['alertname'], group_wait: '0s', group_interval: '1s', repeat_interval: '1h' },
    receivers: [
      {
        name: 'tocsin',
        webhook_configs: [{ url: `${program.url}/api/hooks/alertmanager`, send_resolved: true, http_config: { authorization } }],
      },
    ],
  });
  const port = await freePort();
  start('/usr/bin/prometheus-alertmanager', [
    `--config.file=${config}`,
    `--storage.path=${join(program.root, 'alertmanager')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  const tell = (labels: object, endsAt?: string): Promise<boolean> =>
    fetch(`http://127.0.0.1:${port}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels, annotations: { summary: 'from afar' }, ...(endsAt !== undefined && { endsAt }) }]),
    }).then(
      ({ ok }) => ok,
      () => false,
    );
  const first = { alertname: 'FromAfar', instance: 'web-1:9100', severity: 'critical' };
  await until('Alertmanager takes alerts', () => tell(first), PATIENCE);
  await tell({ ...first, instance: 'web-2:9100' });
  const both = async () => (await program.admin.ask(alerts.list, { query: { filter: 'alertname="FromAfar"' } })).items;
  await until('both fire', async () => (await both()).filter(({ state }) => state === 'firing').length === 2, PATIENCE);
  assert.deepEqual((await both()).map(({ host, severity }) => `${host} ${severity}`).sort(), ['web-1 critical', 'web-2 critical']);
  await tell(first, new Date().toISOString());
  await until('one resolves', async () => (await both()).some(({ state }) => state === 'resolved'), PATIENCE);
  assert.deepEqual((await both()).map(({ host, state }) => `${host} ${state}`).sort(), ['web-1 resolved', 'web-2 firing']);
});
