import { rateWindow } from '../../plots/ranges.ts';

/** What the tiles show of every host at once: expressions with one series an `instance`. */
export const TILE_STEP = 10_000;
export const TILE_LENGTH = 10 * 60_000;

const REAL_FILES = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay|autofs|devtmpfs"';

const TILE_WINDOW = rateWindow(TILE_STEP);
/** A share of all time: right also for a host that has just appeared, when a rate alone is too low. */
export const TILE_CPU = `100 * (1 - sum by (instance) (rate(node_cpu_seconds_total{mode="idle"}[${TILE_WINDOW}])) / sum by (instance) (rate(node_cpu_seconds_total[${TILE_WINDOW}])))`;
export const TILE_MEMORY = '100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)';
export const TILE_DISK = `100 * max by (instance) (1 - node_filesystem_avail_bytes{${REAL_FILES}} / node_filesystem_size_bytes{${REAL_FILES}})`;
