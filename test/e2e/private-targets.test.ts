// A server that may not reach into its own network through channels: nothing is sent there until the configuration allows it.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { alerts } from '../../src/contract/api/alerts.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

let got = 0;
const receiver = createServer((_request, response) => {
  got += 1;
  response.end();
});
await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
const { port } = receiver.address() as AddressInfo;

/** By number and by a name that leads to the same place. */
const configuration = (allowed: boolean) => ({
  server: { allow_private_targets: allowed },
  built_in: { rules: false, demo: false },
  channels: {
    number: { type: 'webhook', url: `http://127.0.0.1:${port}/hook` },
    name: { type: 'webhook', url: `http://localhost:${port}/hook` },
    mail: { type: 'email', to: ['ops@example.com'], smtp: { host: 'localhost', port, security: 'none' } },
  },
  route: {
    channel: 'number',
    group_wait: '0s',
    routes: [{ channel: 'number', continue: true }, { channel: 'name', continue: true }, { channel: 'mail' }],
  },
});
const program = new Program({ config: configuration(false), localAgent: false });
after(async () => {
  receiver.close();
  await program.close();
});

test('channels do not reach private addresses when they may not, and say so', async () => {
  await program.start();
  const sent = await program.admin.send('POST', '/api/v2/alerts', {
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify([{ labels: { alertname: 'Inside', instance: 'web-1' } }]),
  });
  assert.equal(sent.status, 200);
  const told = await until('all three were tried', async () => {
    const [alert] = (await program.admin.ask(alerts.list, { query: { filter: 'alertname="Inside"' } })).items;
    if (alert === undefined) return null;
    const { messages } = await program.admin.ask(alerts.get, { params: { id: alert.id } });
    return messages.length === 3 && messages.every(({ error }) => error !== null) ? messages : null;
  });
  for (const { channel, error } of told) assert.match(error ?? '', /not permitted|no permitted address/, channel);
  assert.equal(got, 0);

  program.configure(configuration(true));
  assert.equal((await program.admin.send('POST', '/-/reload')).status, 200);
  await until('the message is delivered when it is tried again', () => got > 0, 60_000);
});
