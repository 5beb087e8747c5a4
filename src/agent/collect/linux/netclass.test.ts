import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openManualClock } from '../../../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../../../test/doors/memory-files.ts';
import { openNetClass } from './netclass.ts';

test('attributes are read again when the link changed, and each minute', async () => {
  const files = openMemoryFiles({
    '/sys/class/net/eth0/operstate': 'up\n',
    '/sys/class/net/eth0/carrier_changes': '1\n',
    '/sys/class/net/eth0/mtu': '1500\n',
    '/sys/class/net/eth0/speed': '-1\n',
  });
  const clock = openManualClock(0);
  const collector = openNetClass();
  const values = async (): Promise<Record<string, number>> => {
    const metrics = await collector.collect({ files, clock, proc: '/proc', sys: '/sys', root: '' });
    return Object.fromEntries(metrics.map(({ labels, value }) => [labels['__name__'] ?? '', value]));
  };
  const first = await values();
  assert.equal(first['node_network_mtu_bytes'], 1_500);
  assert.equal(first['node_network_up'], 1);
  assert.equal('node_network_speed_bytes' in first, false);
  files.put('/sys/class/net/eth0/mtu', '9000\n');
  assert.equal((await values())['node_network_mtu_bytes'], 1_500);
  await clock.advance(60_000);
  assert.equal((await values())['node_network_mtu_bytes'], 9_000);
  files.put('/sys/class/net/eth0/mtu', '1400\n');
  files.put('/sys/class/net/eth0/operstate', 'down\n');
  const down = await values();
  assert.equal(down['node_network_up'], 0);
  assert.equal(down['node_network_mtu_bytes'], 1_400);
});
