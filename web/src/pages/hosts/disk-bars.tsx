import { useQuery } from '@tanstack/react-query';
import { instantQuery } from '../../data/series.ts';
import { formatBytes, formatValue } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { toneClass } from '../../parts/tone.ts';
import styles from './disk-bars.module.css';

const FILES = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay|autofs|devtmpfs"';

/** How full each file system is right now, in bytes as well as in share. */
export function DiskBars({ host }: { readonly host: string }) {
  const of = `instance=${JSON.stringify(host)},${FILES}`;
  const size = useQuery(instantQuery(`node_filesystem_size_bytes{${of}}`));
  const free = useQuery(instantQuery(`node_filesystem_avail_bytes{${of}}`));
  const disks = (size.data ?? []).flatMap(({ labels, value }) => {
    const left = free.data?.find((other) => other.labels['mountpoint'] === labels['mountpoint'])?.value;
    return left === undefined || value <= 0
      ? []
      : [{ mount: labels['mountpoint'] ?? '', size: value, left, share: 100 * (1 - left / value) }];
  });
  if (disks.length === 0) return null;
  return (
    <Card title="File systems">
      <ul className={styles['disks']}>
        {disks
          .toSorted((a, b) => b.share - a.share)
          .map(({ mount, size: all, left, share }) => (
            <li key={mount} className={toneClass(share >= 95 ? 'critical' : share >= 85 ? 'warning' : 'accent')}>
              <div className={styles['words']}>
                <span className={styles['mount']}>{mount}</span>
                <span>
                  {formatBytes(left)} free of {formatBytes(all)}
                </span>
                <span className={styles['share']}>{formatValue(share, 'percent')}</span>
              </div>
              <div className={styles['bar']} aria-hidden>
                <div style={{ width: `${Math.min(100, share)}%` }} />
              </div>
            </li>
          ))}
      </ul>
    </Card>
  );
}
