import { SECOND } from '../../../core/base/time.ts';
import type { FileSystemSpace } from '../../../io/files.ts';
import { type Collector, type Metric, metric, readOptional, readSource, type Sources } from '../collector.ts';

const EXCLUDED_MOUNTS = /^\/(?:dev|proc|run\/credentials\/.+|sys|var\/lib\/docker\/.+|var\/lib\/containers\/storage\/.+)(?:$|\/)/;
const EXCLUDED_TYPES =
  /^(?:autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|erofs|fusectl|hugetlbfs|iso9660|mqueue|nsfs|overlay|proc|procfs|pstore|rpc_pipefs|securityfs|selinuxfs|squashfs|sysfs|tracefs)$/;
/** File systems that ask somebody who may not answer. */
const REMOTE_TYPES = /^(?:nfs\d?|cifs|smb\d?|smbfs|9p|ceph|glusterfs|lustre|afs|ncpfs|fuse(?:\..+)?)$/;

export interface Mount {
  readonly device: string;
  readonly mountpoint: string;
  readonly fstype: string;
  readonly readonly: boolean;
}

/** /proc/PID/mounts without pseudo file systems. The root is always kept: inside a container it is an overlay, and the one that fills up. */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [device, mountpoint, fstype, options] = line.split(' ').map(unescape);
    if (device === undefined || mountpoint === undefined || fstype === undefined || options === undefined) continue;
    if (mountpoint !== '/' && (EXCLUDED_MOUNTS.test(mountpoint) || EXCLUDED_TYPES.test(fstype))) continue;
    if (fstype === 'rootfs') continue;
    mounts.set(`${device} ${mountpoint} ${fstype}`, { device, mountpoint, fstype, readonly: options.split(',').includes('ro') });
  }
  return [...mounts.values()];
}

/** Spaces, tabs, line ends and backslashes are written as three octal digits (proc_pid_mounts(5)). */
function unescape(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/**
 * A call to a file system that does not answer holds a thread of the runtime's four until it does. So no mount is asked again while it
 * has not answered, and the calls that hang may hold so many threads in all; one thread is left to the rest of the agent.
 */
const MOST_HANGING = 3;
/** Of which remote ones, so that dead servers never hide the local disks. */
const MOST_HANGING_REMOTE = 2;
const PATIENCE = SECOND;

export function openFilesystem(): Collector {
  const hanging = new Set<string>();

  async function ask(from: Sources, mount: Mount): Promise<FileSystemSpace | null> {
    const { mountpoint } = mount;
    const most = REMOTE_TYPES.test(mount.fstype) ? MOST_HANGING_REMOTE : MOST_HANGING;
    if (hanging.has(mountpoint) || hanging.size >= most) return null;
    hanging.add(mountpoint);
    const patience = new AbortController();
    const answer = from.files
      .space(`${from.root}${mountpoint}`)
      .catch(() => null)
      .finally(() => {
        hanging.delete(mountpoint);
        patience.abort();
      });
    return Promise.race([answer, from.clock.wait(PATIENCE, patience.signal).then(() => (hanging.has(mountpoint) ? null : answer))]);
  }

  return {
    name: 'filesystem',
    collect: async (from) => {
      const text = (await readOptional(from, `${from.proc}/1/mounts`)) ?? (await readSource(from, `${from.proc}/self/mounts`));
      const metrics: Metric[] = [];
      const localFirst = parseMounts(text).sort((a, b) => Number(REMOTE_TYPES.test(a.fstype)) - Number(REMOTE_TYPES.test(b.fstype)));
      for (const mount of localFirst) metrics.push(...mountMetrics(mount, await ask(from, mount)));
      return metrics;
    },
  };
}

function mountMetrics(mount: Mount, space: FileSystemSpace | null): Metric[] {
  const labels = { device: mount.device, mountpoint: mount.mountpoint, fstype: mount.fstype };
  const metrics = [
    metric('node_filesystem_device_error', space === null ? 1 : 0, labels),
    metric('node_filesystem_readonly', mount.readonly ? 1 : 0, labels),
  ];
  if (space === null) return metrics;
  return [
    ...metrics,
    metric('node_filesystem_size_bytes', space.sizeBytes, labels),
    metric('node_filesystem_free_bytes', space.freeBytes, labels),
    metric('node_filesystem_avail_bytes', space.availableBytes, labels),
    metric('node_filesystem_files', space.files, labels),
    metric('node_filesystem_files_free', space.filesFree, labels),
  ];
}
