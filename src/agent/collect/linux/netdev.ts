import { type Collector, fields, type Metric, metric, readOptional, readSource } from '../collector.ts';

/** The columns of /proc/net/dev. */
const COLUMNS = [
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'frame', 'compressed', 'multicast'].map((name) => `node_network_receive_${name}_total`),
  ...['bytes', 'packets', 'errs', 'drop', 'fifo', 'colls', 'carrier', 'compressed'].map((name) => `node_network_transmit_${name}_total`),
];
/** Beyond this many devices the counter that has a file of its own per device is left out. */
const DEVICES_READ_SINGLY = 64;

export interface NetDevice {
  readonly device: string;
  readonly metrics: readonly Metric[];
}

function parseNetDev(text: string): NetDevice[] {
  const devices: NetDevice[] = [];
  for (const line of text.split('\n')) {
    const colon = line.lastIndexOf(':');
    if (colon < 0) continue;
    const device = line.slice(0, colon).trim();
    const columns = fields(line.slice(colon + 1));
    devices.push({
      device,
      metrics: columns.slice(0, COLUMNS.length).map((value, i) => metric(COLUMNS[i] ?? '', Number(value), { device })),
    });
  }
  return devices;
}

export const netdev: Collector = {
  name: 'netdev',
  collect: async (from) => {
    const devices = parseNetDev(await readSource(from, `${from.proc}/net/dev`));
    const metrics = devices.flatMap((one) => one.metrics);
    if (devices.length > DEVICES_READ_SINGLY) return metrics;
    for (const { device } of devices) {
      const text = await readOptional(from, `${from.sys}/class/net/${device}/statistics/rx_nohandler`);
      if (text !== null) metrics.push(metric('node_network_receive_nohandler_total', Number(text), { device }));
    }
    return metrics;
  },
};
