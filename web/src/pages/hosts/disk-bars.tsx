import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { instantQuery } from '../../data/series.ts';
import { formatBytes, formatLength, formatValue, plural } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { toneClass } from '../../parts/tone.ts';
import styles from './disk-bars.module.css';

const FILES = 'fstype!~"tmpfs|ramfs|squashfs|iso9660|overlay|autofs|devtmpfs"';

const DAY = 86_400_000;
/** What is further away says more of the arithmetic than of the disk. */
const FARTHEST = 365 * DAY;
/** Sooner than this somebody should do something. */
const SOON = 7 * DAY;

/** In how many seconds nothing is left, if it goes on as in the last day; only where that day has more than a few samples. */
function timeLeft(of: string): string {
  const free = `node_filesystem_avail_bytes{${of}}`;
  return `(${free} / -(deriv(${free}[1d]) < 0)) and count_over_time(${free}[1d]) >= 180`;
}

/** How full each file system is right now, in bytes as well as in share, and when it will be full. */
export function DiskBars({ host }: { readonly host: string }) {
  const of = `instance=${JSON.stringify(host)},${FILES}`;
  const size = useQuery(instantQuery(`node_filesystem_size_bytes{${of}}`));
  const free = useQuery(instantQuery(`node_filesystem_avail_bytes{${of}}`));
  const filling = useQuery(instantQuery(timeLeft(of)));
  const leftOf = (mount: string | undefined): number | null => {
    const seconds = filling.data?.find(({ labels }) => labels['mountpoint'] === mount)?.value;
    return seconds === undefined || seconds * 1000 > FARTHEST ? null : seconds * 1000;
  };
  const disks = (size.data ?? []).flatMap(({ labels, value }) => {
    const left = free.data?.find((other) => other.labels['mountpoint'] === labels['mountpoint'])?.value;
    return left === undefined || value <= 0
      ? []
      : [{ mount: labels['mountpoint'] ?? '', size: value, left, share: 100 * (1 - left / value), full: leftOf(labels['mountpoint']) }];
  });
  if (disks.length === 0) return null;
  return (
    <Card title="File systems">
      <ul className={styles['disks']}>
        {disks
          .toSorted((a, b) => b.share - a.share)
          .map(({ mount, size: all, left, share, full }) => (
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
              {full !== null && <TimeLeft length={full} />}
            </li>
          ))}
      </ul>
    </Card>
  );
}

function TimeLeft({ length }: { readonly length: number }) {
  const when = length < DAY ? formatLength(length) : plural(Math.round(length / DAY), 'day');
  return (
    <p className={`${styles['forecast']} ${length < SOON ? toneClass('warning') : ''}`}>
      {length < SOON && <IconAlertTriangle size={15} aria-hidden />}
      Full in about {when} if it goes on as in the last day
    </p>
  );
}
