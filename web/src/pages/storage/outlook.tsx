import { useMemo } from 'react';
import { serverNow } from '../../data/server-time.ts';
import type { SeriesStatus } from '../../data/types.ts';
import { Callout } from '../../parts/callout.tsx';
import { formatAgo, formatBytes, formatWhen } from '../../parts/format.ts';
import { Card } from '../../parts/page.tsx';
import { Chart } from '../../plots/chart.tsx';
import { outlookOf } from './forecast-model.ts';
import styles from './storage.module.css';

const SOON = 14 * 86_400_000;

/** How much room there is, how fast it goes, and the day on which it is gone. */
export function Outlook({ status }: { readonly status: SeriesStatus }) {
  const { forecast, disk } = status;
  // A new point an hour: what changes every few seconds is no news for this picture.
  const key = `${Math.floor(status.at / 60_000)} ${status.growth.length}`;
  const outlook = useMemo(() => outlookOf(status), [key]);
  return (
    <Card title="Room on the disk" aside={<Growth status={status} />}>
      <div className={styles['room']}>
        {disk?.full != null && (
          <Callout tone="critical" title="The disk is full: samples are refused." urgent>
            {disk.full}. Make room, or let less be kept; it goes on by itself then.
          </Callout>
        )}
        {disk !== null && disk.freeBytes !== null && disk.totalBytes !== null && (
          <DiskBar free={disk.freeBytes} total={disk.totalBytes} floor={disk.floorBytes} ours={forecast.bytesToday} />
        )}
        <Ends status={status} />
        {outlook === null ? (
          <p className={styles['hint']}>Too early for a forecast: it needs some hours of samples.</p>
        ) : (
          <Chart
            title="Stored bytes, so far and expected"
            model={outlook.model}
            from={outlook.from / 1000}
            to={outlook.to / 1000}
            height={220}
          />
        )}
      </div>
    </Card>
  );
}

function Growth({ status: { forecast } }: { readonly status: SeriesStatus }) {
  if (forecast.bytesPerDay === null) return null;
  return <>{formatBytes(forecast.bytesPerDay)} a day</>;
}

interface DiskProps {
  readonly free: number;
  readonly total: number;
  readonly floor: number;
  readonly ours: number;
}

function DiskBar({ free, total, floor, ours }: DiskProps) {
  const share = (bytes: number): string => `${Math.min(100, Math.max(0, (100 * bytes) / total))}%`;
  return (
    <div>
      <div className={styles['disk']} aria-hidden>
        <span data-part="ours" style={{ width: `max(3px, ${share(ours)})` }} />
        <span data-part="others" style={{ width: share(total - free - ours) }} />
        <i style={{ right: share(floor) }} />
      </div>
      <div className={styles['diskWords']}>
        <span>
          <span className={styles['dot']} data-part="ours" aria-hidden /> Series {formatBytes(ours)}
        </span>
        <span>
          <span className={styles['dot']} data-part="others" aria-hidden /> Others {formatBytes(Math.max(0, total - free - ours))}
        </span>
        <span>
          {formatBytes(free)} free of {formatBytes(total)}; below {formatBytes(floor)} samples are refused
        </span>
      </div>
    </div>
  );
}

/** What ends when, if it goes on like this. */
function Ends({ status: { forecast } }: { readonly status: SeriesStatus }) {
  const now = serverNow();
  const { diskFullAt, limitAt, seriesLimitAt, steadyBytes, bytesPerDay } = forecast;
  const day = (at: number): string => `${DAY.format(at)} (${formatAgo(at, now)})`;
  const ends = [
    { at: diskFullAt, text: 'The disk is full', bad: true },
    { at: limitAt, text: 'The limit of bytes begins to delete', bad: false },
    { at: seriesLimitAt, text: 'The limit of series is reached', bad: true },
  ].flatMap(({ at, ...rest }) => (at === null ? [] : [{ at, ...rest }]));
  return (
    <ul className={styles['ends']}>
      {ends.map(({ at, text, bad }) => (
        <li key={text} data-bad={bad && at - now < SOON} title={formatWhen(at)}>
          {text} on <b>{day(at)}</b>.
        </li>
      ))}
      {bytesPerDay !== null && diskFullAt === null && <li>The disk does not get full within ten years.</li>}
      {steadyBytes !== null && <li>Once as much is deleted as comes in, {formatBytes(steadyBytes)} will be stored.</li>}
    </ul>
  );
}

const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: 'long' });
