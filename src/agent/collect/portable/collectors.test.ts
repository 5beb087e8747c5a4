import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../../io/clock.ts';
import { systemFiles } from '../../../io/files.ts';
import { openCollectors } from '../collectors.ts';
import { portableCollectors } from './collectors.ts';

const from = { files: systemFiles, clock: systemClock, proc: '', sys: '', root: '' };

async function measure(platform: string): Promise<Map<string, number>> {
  const values = new Map<string, number>();
  for (const collector of await openCollectors(platform)) {
    for (const { labels, value } of await collector.collect(from)) values.set(labels['__name__'] ?? '', value);
  }
  return values;
}

test('macOS and Windows measure under the names of Linux', async () => {
  const values = await measure('darwin');
  for (const name of ['node_cpu_seconds_total', 'node_memory_MemTotal_bytes', 'node_load1', 'node_uname_info', 'node_boot_time_seconds']) {
    assert.ok(values.has(name), name);
  }
  const total = values.get('node_memory_MemTotal_bytes') ?? 0;
  const available = values.get('node_memory_MemAvailable_bytes') ?? 0;
  assert.ok(total > 100e6 && available > 0 && available <= total);
  assert.ok([...values.values()].every(Number.isFinite));
});

test('Windows has no load average; what the library does not know is left out', async () => {
  const unknown = { rx_bytes: null, operstate: 'down', iface: 'eth0' };
  const load = async () => ({
    mem: async () => ({ total: 10, free: null }),
    fsSize: async () => [{ fs: 'C:', mount: 'C:', type: 'NTFS', size: 100, available: 40, rw: true }],
    networkStats: async () => [unknown],
    disksIO: async () => null,
  });
  const collectors = portableCollectors('win32', load);
  const metrics = (await Promise.all(collectors.map((collector) => collector.collect(from)))).flat();
  const of = (name: string): (number | string)[][] =>
    metrics
      .filter(({ labels }) => labels['__name__'] === name)
      .map(({ labels, value }) => [labels['mountpoint'] ?? labels['device'] ?? '', value]);
  assert.deepEqual(of('node_load1'), []);
  assert.deepEqual(of('node_memory_MemTotal_bytes'), [['', 10]]);
  assert.deepEqual(of('node_memory_MemFree_bytes'), []);
  assert.deepEqual(of('node_filesystem_avail_bytes'), [['C:', 40]]);
  assert.deepEqual(of('node_network_receive_bytes_total'), []);
  assert.deepEqual(of('node_network_up'), [['eth0', 0]]);
});
