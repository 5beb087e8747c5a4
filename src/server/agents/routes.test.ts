import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { SYSTEM } from '../../core/access/actor.ts';
import { AGENT_PATHS } from '../../contract/agent.ts';
import { createToken, revokeToken } from '../../engine/commands/tokens.ts';
import { whyExpelled } from '../gate.ts';
import { startTestServer, TestTime, type TestServer } from '../test-server.test.ts';
import { Hub } from './hub.ts';
import { agentRoutes } from './routes.ts';

const HEARTBEAT = 10_000;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

async function startWithAgents(): Promise<{ running: TestServer; hub: Hub; time: TestTime }> {
  const time = new TestTime();
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  const hub = new Hub({ log, onHello: async () => {}, onGone: async () => {} });
  const running: TestServer = await startTestServer('', {
    extensions: [
      agentRoutes({
        hub,
        log,
        random: { id: () => 'session' },
        timers: time,
        counters: new Map(),
        ordered: async () => null,
        onReport: async () => {},
        outputs: { length: async () => 0, append: async () => 0 },
        whyExpelled: (request) => whyExpelled(running.parts, request),
      }),
    ],
  });
  return { running, hub, time };
}

test('an agent whose token is revoked gets no more orders', async (t) => {
  const { running, hub, time } = await startWithAgents();
  t.after(() => running.close());
  const by = { actor: SYSTEM, role: 'admin', teams: [], actions: null } as const;
  const made = await createToken(running.parts, by, { name: 'web-1', role: 'agent', actions: null, expiresInMs: null });
  assert.ok('ok' in made);
  const headers = { authorization: `Bearer ${made.ok.secret}`, 'content-type': 'application/json' };
  await running.server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(running.server.server.address() as AddressInfo).port}`;
  const hello = { host: 'web-1', os: 'linux', version: '0', local: false, labels: {}, allowedActions: null, runs: [] };
  const greeted = await fetch(url + AGENT_PATHS.hello, { method: 'POST', headers, body: JSON.stringify(hello) });
  assert.equal(greeted.status, 200);
  const orders = await fetch(`${url}${AGENT_PATHS.orders}?host=web-1&session=session`, { headers });
  time.pass(HEARTBEAT);
  await turn();
  assert.equal(hub.isConnected('web-1'), true);
  await revokeToken(running.parts, by, made.ok.token.id);
  time.pass(HEARTBEAT);
  assert.match(await orders.text(), /^\n+$/);
  assert.equal(hub.isConnected('web-1'), false);
});
