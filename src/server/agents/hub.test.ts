import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Hello } from '../../contract/agent.ts';
import type { Order } from '../../core/actions/order.ts';
import { Hub, type OrderSink } from './hub.ts';

const HELLO: Hello = { host: 'box', os: '', version: '', local: false, labels: {}, allowedActions: null, runs: [] };
const CANCEL: Order = { type: 'cancel', run: 'r1' };

function openHub() {
  const told: string[] = [];
  const hub = new Hub({
    log: { info: () => {}, warn: () => {}, error: () => {} },
    onHello: async (host) => void told.push(`hello ${host}`),
    onGone: async (host) => void told.push(`gone ${host}`),
  });
  return { hub, told };
}

interface Sink extends OrderSink {
  readonly lines: string[];
  isClosed: boolean;
}

function sink(takes = true): Sink {
  const made: Sink = {
    lines: [],
    isClosed: false,
    send: (line) => {
      if (takes) made.lines.push(line);
      return takes;
    },
    close: () => {
      made.isClosed = true;
    },
  };
  return made;
}

test('orders reach an agent once it listens, and the engine hears of it only then', async () => {
  const { hub, told } = openHub();
  assert.equal(await hub.deliver('box', CANCEL), 'away');
  hub.greet('s1', HELLO);
  assert.deepEqual([hub.isConnected('box'), told.length], [false, 0]);
  const orders = sink();
  hub.attach('box', 's1', orders);
  assert.deepEqual(told, ['hello box']);
  assert.equal(await hub.deliver('box', CANCEL), 'delivered');
  assert.deepEqual(orders.lines, ['{"type":"cancel","run":"r1"}\n']);
  hub.detach('box', 's1');
  assert.deepEqual(told, ['hello box', 'gone box']);
  assert.equal(await hub.deliver('box', CANCEL), 'away');
});

test('the newest connection wins, and the end of the older one is not the end of the agent', async () => {
  const { hub, told } = openHub();
  const [older, newer] = [sink(), sink()];
  hub.greet('s1', HELLO);
  hub.attach('box', 's1', older);
  hub.greet('s2', HELLO);
  assert.equal(hub.knows('box', 's1'), false);
  assert.equal(await hub.deliver('box', CANCEL), 'delivered');
  assert.equal(older.lines.length, 1);
  hub.attach('box', 's2', newer);
  assert.equal(older.isClosed, true);
  hub.detach('box', 's1');
  assert.equal(await hub.deliver('box', CANCEL), 'delivered');
  assert.equal(newer.lines.length, 1);
  assert.deepEqual(told, ['hello box', 'hello box']);
});

test('an agent that takes no more is disconnected, and a closed hub takes nobody', async () => {
  const { hub } = openHub();
  const full = sink(false);
  hub.greet('s1', HELLO);
  hub.attach('box', 's1', full);
  assert.equal(await hub.deliver('box', CANCEL), 'away');
  assert.equal(full.isClosed, true);
  hub.close();
  hub.greet('s2', HELLO);
  assert.equal(hub.knows('box', 's2'), false);
});
