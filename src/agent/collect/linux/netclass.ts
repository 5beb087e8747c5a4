import { MINUTE, type Millis } from '../../../core/base/time.ts';
import { type Collector, type Metric, metric, readOptional, type Sources, toNumber } from '../collector.ts';

/** Files of /sys/class/net/DEVICE that are one number, decimal or hexadecimal. */
const NUMBERS: readonly (readonly [file: string, name: string])[] = [
  ['addr_assign_type', 'node_network_address_assign_type'],
  ['carrier', 'node_network_carrier'],
  ['carrier_changes', 'node_network_carrier_changes_total'],
  ['carrier_down_count', 'node_network_carrier_down_changes_total'],
  ['carrier_up_count', 'node_network_carrier_up_changes_total'],
  ['dev_id', 'node_network_device_id'],
  ['dormant', 'node_network_dormant'],
  ['flags', 'node_network_flags'],
  ['ifindex', 'node_network_iface_id'],
  ['iflink', 'node_network_iface_link'],
  ['link_mode', 'node_network_iface_link_mode'],
  ['mtu', 'node_network_mtu_bytes'],
  ['name_assign_type', 'node_network_name_assign_type'],
  ['netdev_group', 'node_network_net_dev_group'],
  ['speed', 'node_network_speed_bytes'],
  ['tx_queue_len', 'node_network_transmit_queue_length'],
  ['type', 'node_network_protocol_type'],
];
const TEXTS = ['address', 'broadcast', 'duplex', 'ifalias', 'operstate'] as const;
const BYTES_PER_MEGABIT = 125_000;
/** Twenty files a device are read again when its link changed, and at least this often. */
const REREAD: Millis = MINUTE;
const MOST_DEVICES = 512;

/** The metrics of one device from the content of its files, without line ends. A speed below zero means that it is not known. */
function parseNetClass(device: string, files: ReadonlyMap<string, string>): Metric[] {
  const metrics: Metric[] = [];
  for (const [file, name] of NUMBERS) {
    const value = toNumber(files.get(file));
    if (Number.isNaN(value) || (file === 'speed' && value < 0)) continue;
    metrics.push(metric(name, file === 'speed' ? value * BYTES_PER_MEGABIT : value, { device }));
  }
  const texts = Object.fromEntries(TEXTS.map((name) => [name, files.get(name) ?? '']));
  metrics.push(metric('node_network_up', files.get('operstate') === 'up' ? 1 : 0, { device }));
  metrics.push(metric('node_network_info', 1, { device, ...texts }));
  return metrics;
}

interface Kept {
  readonly link: string;
  readonly readAt: Millis;
  readonly metrics: readonly Metric[];
}

export function openNetClass(): Collector {
  let kept = new Map<string, Kept>();
  return {
    name: 'netclass',
    collect: async (from) => {
      const next = new Map<string, Kept>();
      const devices = (await from.files.list(`${from.sys}/class/net`)).filter((entry) => entry.kind !== 'file').slice(0, MOST_DEVICES);
      for (const { name } of devices) next.set(name, await readDevice(from, name, kept.get(name)));
      kept = next;
      return [...kept.values()].flatMap((one) => one.metrics);
    },
  };
}

async function readDevice(from: Sources, device: string, before: Kept | undefined): Promise<Kept> {
  const folder = `${from.sys}/class/net/${device}`;
  const operstate = await readOptional(from, `${folder}/operstate`);
  const link = `${operstate} ${await readOptional(from, `${folder}/carrier_changes`)}`;
  const now = from.clock.now();
  if (before !== undefined && before.link === link && Math.abs(now - before.readAt) < REREAD) return before;
  const files = new Map<string, string>();
  for (const file of [...NUMBERS.map(([name]) => name), ...TEXTS]) {
    const text = await readOptional(from, `${folder}/${file}`);
    if (text !== null) files.set(file, text.trim());
  }
  return { link, readAt: now, metrics: parseNetClass(device, files) };
}
