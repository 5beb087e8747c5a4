import { type Collector, fields, type Metric, metric, readOptional, readSource } from '../collector.ts';

const EXCLUDED = /^(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+$/;
const SECTOR = 512;
const MS = 1 / 1_000;

/** The columns of /proc/diskstats after the device's name (kernel iostats.rst); older kernels have fewer. */
const COLUMNS: readonly (readonly [name: string, factor: number])[] = [
  ['node_disk_reads_completed_total', 1],
  ['node_disk_reads_merged_total', 1],
  ['node_disk_read_bytes_total', SECTOR],
  ['node_disk_read_time_seconds_total', MS],
  ['node_disk_writes_completed_total', 1],
  ['node_disk_writes_merged_total', 1],
  ['node_disk_written_bytes_total', SECTOR],
  ['node_disk_write_time_seconds_total', MS],
  ['node_disk_io_now', 1],
  ['node_disk_io_time_seconds_total', MS],
  ['node_disk_io_time_weighted_seconds_total', MS],
  ['node_disk_discards_completed_total', 1],
  ['node_disk_discards_merged_total', 1],
  ['node_disk_discarded_sectors_total', 1],
  ['node_disk_discard_time_seconds_total', MS],
  ['node_disk_flush_requests_total', 1],
  ['node_disk_flush_requests_time_seconds_total', MS],
];

export interface Disk {
  readonly device: string;
  readonly major: string;
  readonly minor: string;
  readonly metrics: readonly Metric[];
}

/** Whole disks and logical volumes; partitions, RAM disks and loops are left out as node_exporter leaves them out. */
function parseDiskstats(text: string): Disk[] {
  const disks: Disk[] = [];
  for (const line of text.split('\n')) {
    const [major, minor, device, ...columns] = fields(line);
    if (major === undefined || minor === undefined || device === undefined || EXCLUDED.test(device)) continue;
    const metrics = COLUMNS.slice(0, columns.length).map(([name, factor], i) =>
      metric(name, scale(Number(columns[i]), factor), { device }),
    );
    disks.push({ device, major, minor, metrics });
  }
  return disks;
}

/** Dividing by 1000 is exact to the last digit where multiplying by 0.001 is not. */
function scale(value: number, factor: number): number {
  return factor === MS ? value / 1_000 : value * factor;
}

/** What udev knows about a block device (/run/udev/data/b8:0): lines `E:ID_MODEL=...`. */
function parseUdev(text: string): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, name, value] = /^E:([^=]+)=(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) known.set(name, value);
  }
  return known;
}

export const diskstats: Collector = {
  name: 'diskstats',
  collect: async (from) => {
    const metrics: Metric[] = [];
    for (const disk of parseDiskstats(await readSource(from, `${from.proc}/diskstats`))) {
      const udev = parseUdev((await readOptional(from, `${from.root}/run/udev/data/b${disk.major}:${disk.minor}`)) ?? '');
      metrics.push(diskInfo(disk, udev), ...disk.metrics);
    }
    return metrics;
  },
};

function diskInfo({ device, major, minor }: Disk, udev: ReadonlyMap<string, string>): Metric {
  const first = (...names: string[]): string => names.map((name) => udev.get(name)).find((value) => value !== undefined) ?? '';
  return metric('node_disk_info', 1, {
    device,
    major,
    minor,
    model: first('ID_MODEL'),
    path: first('ID_PATH'),
    revision: first('ID_REVISION'),
    serial: first('SCSI_IDENT_SERIAL', 'ID_SERIAL_SHORT', 'ID_SERIAL'),
    wwn: first('DM_UUID', 'ID_WWN'),
  });
}
