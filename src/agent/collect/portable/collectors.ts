import * as os from 'node:os';
import { type Collector, type Metric, metric } from '../collector.ts';

type Unsure = number | null | undefined;

/** What is used of the library, as far as it can be relied on: it answers null and the like for what it cannot tell. */
export interface Library {
  mem(): Promise<Readonly<Partial<Record<'total' | 'free' | 'available' | 'active' | 'swaptotal' | 'swapfree', Unsure>>>>;
  fsSize(): Promise<readonly { fs: string; mount: string; type: string; size?: Unsure; available?: Unsure; rw?: boolean | null }[]>;
  networkStats(which: string): Promise<readonly NetworkStats[]>;
  disksIO(): Promise<Readonly<Partial<Record<'rIO' | 'wIO', Unsure>>> | null>;
}

interface NetworkStats extends Readonly<Partial<Record<`${'rx' | 'tx'}_${'bytes' | 'errors' | 'dropped'}`, Unsure>>> {
  readonly iface: string;
  readonly operstate?: string | null;
}

export type LoadLibrary = () => Promise<Library>;

/** It takes megabytes, so it is loaded at the first measurement. */
const loadLibrary: LoadLibrary = async () => {
  const library = await import('systeminformation');
  return library.default;
};

/** What macOS and Windows tell, under the names that Linux machines use, so that one dashboard and one rule serve all. */
export function portableCollectors(platform: string, load: LoadLibrary = loadLibrary): readonly Collector[] {
  const collectors = [cpu, memory(load), filesystem(load), network(load), uname, time];
  return platform === 'win32' ? collectors : [...collectors, loadavg, disk(load)];
}

const cpu: Collector = {
  name: 'cpu',
  collect: async () =>
    os.cpus().flatMap(({ times }, index) => {
      const modes = { user: times.user, nice: times.nice, system: times.sys, idle: times.idle, irq: times.irq };
      return Object.entries(modes).map(([mode, ms]) => metric('node_cpu_seconds_total', ms / 1_000, { cpu: String(index), mode }));
    }),
};

const loadavg: Collector = {
  name: 'loadavg',
  collect: async () => {
    const [one, five, fifteen] = os.loadavg();
    return [metric('node_load1', one ?? 0), metric('node_load5', five ?? 0), metric('node_load15', fifteen ?? 0)];
  },
};

const uname: Collector = {
  name: 'uname',
  collect: async () => [
    metric('node_uname_info', 1, {
      sysname: os.type(),
      release: os.release(),
      version: os.version(),
      machine: os.machine(),
      nodename: os.hostname(),
    }),
  ],
};

const time: Collector = {
  name: 'time',
  collect: async (from) => {
    const now = from.clock.now() / 1_000;
    // Rounded, for the difference of two clocks trembles, and a boot time that changes looks like a reboot.
    return [metric('node_time_seconds', now), metric('node_boot_time_seconds', Math.round((now - os.uptime()) / 10) * 10)];
  },
};

function memory(load: LoadLibrary): Collector {
  return {
    name: 'meminfo',
    collect: async () => {
      const mem = await (await load()).mem();
      return measured([
        ['node_memory_MemTotal_bytes', mem.total],
        ['node_memory_MemFree_bytes', mem.free],
        ['node_memory_MemAvailable_bytes', mem.available],
        ['node_memory_Active_bytes', mem.active],
        ['node_memory_SwapTotal_bytes', mem.swaptotal],
        ['node_memory_SwapFree_bytes', mem.swapfree],
      ]);
    },
  };
}

function filesystem(load: LoadLibrary): Collector {
  return {
    name: 'filesystem',
    collect: async () =>
      (await (await load()).fsSize()).flatMap(({ fs, mount, type, size, available, rw }) =>
        measured(
          [
            ['node_filesystem_size_bytes', size],
            ['node_filesystem_avail_bytes', available],
            ['node_filesystem_free_bytes', available],
            ['node_filesystem_readonly', rw === false ? 1 : 0],
            ['node_filesystem_device_error', 0],
          ],
          { device: fs, mountpoint: mount, fstype: type },
        ),
      ),
  };
}

function network(load: LoadLibrary): Collector {
  return {
    name: 'netdev',
    collect: async () =>
      (await (await load()).networkStats('*')).flatMap((one) =>
        measured(
          [
            ['node_network_receive_bytes_total', one.rx_bytes],
            ['node_network_receive_errs_total', one.rx_errors],
            ['node_network_receive_drop_total', one.rx_dropped],
            ['node_network_transmit_bytes_total', one.tx_bytes],
            ['node_network_transmit_errs_total', one.tx_errors],
            ['node_network_transmit_drop_total', one.tx_dropped],
            ['node_network_up', one.operstate === 'up' ? 1 : 0],
          ],
          { device: one.iface },
        ),
      ),
  };
}

/** The library sums over all disks. */
function disk(load: LoadLibrary): Collector {
  return {
    name: 'diskstats',
    collect: async () => {
      const io = await (await load()).disksIO();
      return measured(
        [
          ['node_disk_reads_completed_total', io?.rIO],
          ['node_disk_writes_completed_total', io?.wIO],
        ],
        { device: 'all' },
      );
    },
  };
}

function measured(values: readonly (readonly [name: string, value: Unsure])[], labels?: Record<string, string>): Metric[] {
  return values.flatMap(([name, value]) => (typeof value === 'number' && Number.isFinite(value) ? [metric(name, value, labels)] : []));
}
