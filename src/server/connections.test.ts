import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { countOf } from '../core/base/counters.ts';
import { until } from '../../test/e2e/until.ts';
import { METRICS } from './metrics.ts';
import { settingsOf, startTestServer } from './test-server.test.ts';

test('connections beyond the limit are closed at once and counted; a changed limit counts from then on', async () => {
  let limit = 10;
  const running = await startTestServer('', { settings: () => settingsOf(`server: { max_connections: ${limit} }`) });
  await running.server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = running.server.server.address() as AddressInfo;
  const sockets: Socket[] = [];
  const open = async (): Promise<'open' | 'closed'> => {
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'connect');
    // Who is let in gets an answer to nonsense; who is not, the end.
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    const [bytes] = (await Promise.race([once(socket, 'data'), once(socket, 'close')])) as [unknown];
    return Buffer.isBuffer(bytes) ? 'open' : 'closed';
  };
  for (let i = 0; i < limit; i += 1) assert.equal(await open(), 'open');
  assert.equal(countOf(running.counters, METRICS.connections), 10);
  assert.equal(await open(), 'closed');
  assert.equal(countOf(running.counters, METRICS.connectionsRefused), 1);

  limit = 11;
  sockets[0]?.destroy();
  await until('the end of a connection is noticed', () => countOf(running.counters, METRICS.connections) === 9);
  assert.equal(await open(), 'open');
  assert.equal(await open(), 'open');
  for (const socket of sockets) socket.destroy();
  await running.close();
});
