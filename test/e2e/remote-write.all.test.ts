// The real program sends what it stores to Debian's Prometheus as well: relabelled, with credentials, through outages of either side.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { alerts } from '../../src/contract/api/alerts.ts';
import { type RealStore, startEmptyPrometheus } from '../compat/series/real-stores.ts';
import { Program } from './program.ts';
import { remoteWrite, sampleNow } from './samples.ts';
import { until } from './until.ts';

let prometheus: RealStore;
let program: Program;
let isAway = false;
const seen: IncomingMessage['headers'][] = [];

/** Stands before Prometheus, to be away, and to see who comes. */
const gate = createServer((request, response) => {
  seen.push(request.headers);
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (isAway) return void response.writeHead(503).end('away');
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy' };
    fetch(prometheus.write, { method: 'POST', headers, body: Buffer.concat(chunks) }).then(
      (answer) => response.writeHead(answer.status).end(),
      () => response.writeHead(502).end(),
    );
  });
});

before(async () => {
  prometheus = await startEmptyPrometheus();
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  program = await Program.start({
    config: {
      built_in: { rules: false, demo: false },
      remote_write: [
        {
          name: 'central',
          url: `http://127.0.0.1:${(gate.address() as AddressInfo).port}/api/v1/write`,
          headers: { 'X-Scope-OrgID': 'shop' },
          authorization: { credentials: 'not-for-logs' },
          write_relabel_configs: [
            { source_labels: ['__name__'], regex: 'sent_.*', action: 'keep' },
            { target_label: 'site', replacement: 'paris' },
          ],
        },
      ],
    },
    localAgent: false,
  });
});
after(async () => {
  await program?.close();
  await prometheus?.stop();
  gate.close();
});

async function there(expression: string): Promise<number> {
  const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { data } = (await response.json()) as {
    readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
  };
  return Number(data.result[0]?.value[1] ?? 'NaN');
}

test('what is written here is there as well, under the labels that relabelling gives, and nothing else', async () => {
  const samples = [sampleNow('sent_jobs', 7, { queue: 'é' }), sampleNow('kept_here', 1, {})];
  assert.equal((await remoteWrite(program.admin, samples)).status, 204);
  await until('it is there', async () => (await there('sent_jobs{site="paris",queue="é"}')) === 7);
  assert.ok(Number.isNaN(await there('{__name__=~"kept.*"}')));
  const [headers] = seen;
  assert.equal(headers?.['x-scope-orgid'], 'shop');
  assert.equal(headers?.authorization, 'Bearer not-for-logs');
  assert.ok(!program.said.includes('not-for-logs'));
});

test('while the other server is away its samples wait, over a kill of this one, and nothing else does', async () => {
  isAway = true;
  assert.equal((await remoteWrite(program.admin, [sampleNow('sent_jobs', 8, { queue: 'a' })])).status, 204);
  await until('it was tried', () => seen.length >= 3);
  await program.kill();
  await program.start();
  const waiting = /tocsin_remote_write_waiting_bytes\{remote="central"\} (\d+)/;
  const { text } = await program.admin.send('GET', '/metrics');
  assert.ok(Number(waiting.exec(text)?.[1]) > 0, 'it still waits');
  const here = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent('sent_jobs{queue="a"}')}`);
  assert.match(here.text, /"8"/);
  isAway = false;
  await until('it is there', async () => (await there('sent_jobs{queue="a"}')) === 8, 60_000);
  const { items } = await program.admin.ask(alerts.list, { query: { filter: 'alertname="RemoteWriteFailing"' } });
  assert.deepEqual(items, [], 'an outage of less than a minute is no alert');
});
