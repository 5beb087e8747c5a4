import { IconPlugConnectedX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Columns, lastValue, sinceBegin } from '../../data/columns.ts';
import { liveSeriesQuery } from '../../data/series.ts';
import type { Host } from '../../data/types.ts';
import { Badge } from '../../parts/badge.tsx';
import { formatValue, plural } from '../../parts/format.ts';
import { SeverityMark, severityOf, severityWord } from '../../parts/severity.tsx';
import { Ago } from '../../parts/time.tsx';
import { toneClass } from '../../parts/tone.ts';
import { Sparkline } from '../../plots/sparkline.tsx';
import { TILE_CPU, TILE_DISK, TILE_LENGTH, TILE_MEMORY, TILE_STEP } from './host-queries.ts';
import styles from './host-tiles.module.css';

const LEAST_POINTS = 18;
const RANGE = { kind: 'last', length: TILE_LENGTH } as const;

/** One tile a host: how it is, and where processor, memory and the fullest disk are going. Three questions serve all tiles. */
export function HostTiles({ hosts }: { readonly hosts: readonly Host[] }) {
  const cpu = useQuery(liveSeriesQuery(TILE_CPU, RANGE, TILE_STEP));
  const memory = useQuery(liveSeriesQuery(TILE_MEMORY, RANGE, TILE_STEP));
  const disk = useQuery(liveSeriesQuery(TILE_DISK, RANGE, TILE_STEP));
  return (
    <ul className={styles['tiles']}>
      {hosts.map((host) => (
        <li key={host.name}>
          <Tile host={host}>
            <Measure name="CPU" values={valuesOf(cpu.data, host.name)} warnAt={80} />
            <Measure name="Memory" values={valuesOf(memory.data, host.name)} warnAt={90} />
            <Measure name="Disk" values={valuesOf(disk.data, host.name)} warnAt={85} />
          </Tile>
        </li>
      ))}
    </ul>
  );
}

function Tile({ host, children }: { readonly host: Host; readonly children: React.ReactNode }) {
  const severity = severityOf(host.severity);
  return (
    <Link to="/hosts/$name" params={{ name: host.name }} className={styles['tile']} data-connected={host.connected}>
      <div className={styles['head']}>
        <SeverityMark severity={severity} label={severityWord(severity)} />
        <span className={styles['name']}>{host.name}</span>
        {host.connected ? (
          <span className={styles['seen']}>{host.firing > 0 ? plural(host.firing, 'alert') : host.local ? 'this machine' : ''}</span>
        ) : (
          <Badge tone="error" mark={<IconPlugConnectedX size={14} aria-hidden />}>
            <Ago at={host.lastSeenAt} />
          </Badge>
        )}
      </div>
      <dl className={styles['measures']}>{children}</dl>
    </Link>
  );
}

function Measure({
  name,
  values,
  warnAt,
}: {
  readonly name: string;
  readonly values: readonly (number | null)[];
  readonly warnAt: number;
}) {
  const last = lastValue(values.slice(-6));
  const tone = last !== null && last >= warnAt ? toneClass(last >= 95 ? 'critical' : 'warning') : '';
  return (
    <div className={`${styles['measure']} ${tone}`}>
      <dt>{name}</dt>
      <dd>
        <Sparkline values={sinceBegin(values, LEAST_POINTS)} />
      </dd>
      <dd className={styles['value']}>{formatValue(last, 'percent')}</dd>
    </div>
  );
}

function valuesOf(columns: Columns | undefined, host: string): readonly (number | null)[] {
  const wanted = (instance: string | undefined): boolean => instance === host || instance?.replace(/:\d+$/, '') === host;
  return columns?.series.find(({ labels }) => wanted(labels['instance']))?.values ?? [];
}
