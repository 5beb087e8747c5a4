// The real program with its series kept by Debian's Prometheus: what is written to Tocsin can be asked of it, and its rules judge it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { alerts } from '../../../src/contract/api/alerts.ts';
import { system } from '../../../src/contract/api/system.ts';
import { Program } from '../../e2e/program.ts';
import { remoteWrite, sampleNow } from '../../e2e/samples.ts';
import { until } from '../../e2e/until.ts';
import { type RealStore, startEmptyPrometheus } from './real-stores.ts';

let prometheus: RealStore;
let program: Program;

before(async () => {
  prometheus = await startEmptyPrometheus();
  program = await Program.start({
    config: {
      built_in: { rules: false, demo: false },
      storage: { series: { kind: 'remote', write: prometheus.write, query: prometheus.url } },
      rules: { QueueLong: { expr: 'queue_length > 5', error: {} } },
    },
    localAgent: false,
  });
});
after(async () => {
  await program?.close();
  await prometheus?.stop();
});

async function partOf(name: string) {
  const { parts } = await program.admin.ask(system.status);
  return parts.find((part) => part.name === name);
}

test('samples go through to the other server, can be asked for, and make alerts', async () => {
  assert.equal((await remoteWrite(program.admin, [sampleNow('queue_length', 9, { queue: 'mails' })])).status, 204);
  await until('the sample can be asked for', async () => {
    const { text } = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent('sum(queue_length)')}`);
    return text.includes('"9"');
  });
  const there = await fetch(`${prometheus.url}/api/v1/query?query=queue_length`);
  assert.match(await there.text(), /"queue":"mails"/);
  const fired = await until('the alert fires', async () => {
    const { items } = await program.admin.ask(alerts.list, { query: { filter: 'alertname="QueueLong"' } });
    return items[0]?.state === 'firing';
  });
  assert.equal(fired, true);
  assert.equal((await partOf('series'))?.state, 'ok');
});

test('while the other server is away samples wait, and the status says so', async () => {
  await prometheus.stop();
  assert.equal((await remoteWrite(program.admin, [sampleNow('queue_length', 1, { queue: 'mails' })])).status, 204);
  await until('the status says that samples wait', async () => (await partOf('series'))?.state === 'degraded');
  const asked = await program.admin.send('GET', '/api/v1/query?query=queue_length');
  assert.equal(asked.status, 500);
  assert.match(asked.text, /"errorType":"unavailable","error":"the series store does not answer/);
});
