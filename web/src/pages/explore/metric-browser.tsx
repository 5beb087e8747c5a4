import { ActionIcon, Drawer, Skeleton } from '@mantine/core';
import { IconArrowLeft, IconChevronRight, IconChartLine, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { type Metric, metricLabelsQuery, metricsQuery, MOST_NAMES } from '../../data/metrics.ts';
import { Empty } from '../../parts/empty.tsx';
import { formatNumber, plural } from '../../parts/format.ts';
import { Loaded } from '../../parts/loaded.tsx';
import { SearchField } from '../../parts/search-field.tsx';
import styles from './metric-browser.module.css';
import { metricSelector, seriesName } from '../../parts/series-name.ts';

interface Props {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onInsert: (text: string) => void;
}

const ROW = 42;

/** Every metric there is: found by its name or help, with type and number of series; a click puts it into the query. */
export function MetricBrowser({ opened, onClose, onInsert }: Props) {
  const [chosen, setChosen] = useState<Metric | null>(null);
  const [text, setText] = useState('');
  const insert = (what: string): void => {
    onClose();
    onInsert(what);
  };
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(560px, 100%)" title={chosen === null ? 'Metrics' : 'A metric'}>
      {chosen === null ? (
        <Names text={text} onText={setText} onChoose={setChosen} onInsert={insert} />
      ) : (
        <OneMetric metric={chosen} onBack={() => setChosen(null)} onInsert={insert} />
      )}
    </Drawer>
  );
}

interface NamesProps {
  readonly text: string;
  readonly onText: (text: string) => void;
  readonly onChoose: (metric: Metric) => void;
  readonly onInsert: (text: string) => void;
}

function Names({ text, onText, onChoose, onInsert }: NamesProps) {
  const query = useQuery(metricsQuery);
  const words = text.toLowerCase().split(/\s+/);
  const found = useMemo(
    () => (query.data ?? []).filter(({ name, help }) => words.every((word) => `${name} ${help}`.toLowerCase().includes(word))),
    [query.data, text],
  );
  return (
    <div className={styles['names']}>
      <SearchField label="Search metrics" value={text} onChange={onText} />
      <Loaded query={query} skeleton={<Skeleton height={400} radius="md" />}>
        {(all) => (
          <>
            <div className={styles['count']} role="status">
              {found.length !== all.length && `${formatNumber(found.length)} of `}
              {all.length >= MOST_NAMES && 'the first '}
              {plural(all.length, 'metric')}
            </div>
            {found.length === 0 ? (
              <Empty Icon={IconChartLine} title={all.length === 0 ? 'There are no metrics yet' : 'No metric is called so'}>
                {all.length === 0
                  ? 'They appear as soon as an agent, a scrape or a sender brings samples.'
                  : 'All words must stand in its name or its help.'}
              </Empty>
            ) : (
              <List metrics={found} onChoose={onChoose} onInsert={onInsert} />
            )}
          </>
        )}
      </Loaded>
    </div>
  );
}

interface ListProps extends Pick<NamesProps, 'onChoose' | 'onInsert'> {
  readonly metrics: readonly Metric[];
}

function List({ metrics, onChoose, onInsert }: ListProps) {
  const holder = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({ count: metrics.length, getScrollElement: () => holder.current, estimateSize: () => ROW, overscan: 8 });
  return (
    <div ref={holder} className={styles['list']} role="list" aria-label="Metrics">
      <div style={{ height: rows.getTotalSize(), position: 'relative' }} role="presentation">
        {rows.getVirtualItems().map(({ index, start }) => {
          const metric = metrics[index];
          if (metric === undefined) return null;
          return (
            <div
              key={metric.name}
              role="listitem"
              aria-setsize={metrics.length}
              aria-posinset={index + 1}
              className={styles['row']}
              style={{ height: ROW, transform: `translateY(${start}px)` }}
            >
              <button
                type="button"
                className={styles['name']}
                title={metric.help || metric.name}
                onClick={() => onInsert(metricSelector(metric.name))}
              >
                <IconPlus size={14} aria-hidden />
                <span>{metric.name}</span>
              </button>
              <span className={styles['type']}>{metric.type}</span>
              <span className={styles['series']} title="Series now">
                {metric.series === null ? '' : formatNumber(metric.series)}
              </span>
              <ActionIcon
                variant="subtle"
                color="gray"
                aria-label={`About ${metric.name}`}
                title="Labels and values"
                onClick={() => onChoose(metric)}
              >
                <IconChevronRight size={16} aria-hidden />
              </ActionIcon>
            </div>
          );
        })}
      </div>
    </div>
  );
}

const MOST_VALUES = 60;

function OneMetric({
  metric,
  onBack,
  onInsert,
}: {
  readonly metric: Metric;
  readonly onBack: () => void;
  readonly onInsert: (text: string) => void;
}) {
  const query = useQuery(metricLabelsQuery(metricSelector(metric.name)));
  return (
    <div className={styles['one']}>
      <button type="button" className={styles['back']} onClick={onBack}>
        <IconArrowLeft size={15} aria-hidden /> All metrics
      </button>
      <h3 className={styles['title']}>{metric.name}</h3>
      <p className={styles['about']}>
        {[metric.type, metric.series === null ? '' : plural(metric.series, 'series', 'series'), metric.help]
          .filter((part) => part !== '')
          .join(' · ')}
      </p>
      <div>
        <button type="button" className={styles['insert']} onClick={() => onInsert(metricSelector(metric.name))}>
          <IconPlus size={14} aria-hidden /> Put into the query
        </button>
      </div>
      <Loaded query={query} skeleton={<Skeleton height={200} radius="md" />}>
        {({ labels, more }) => (
          <>
            {more && <p className={styles['about']}>It has many series: these are the values of the first 5 000.</p>}
            {labels.map(({ name, values }) => (
              <details key={name} className={styles['label']} open={values.length <= 6}>
                <summary>
                  <span>{name}</span> <small>{plural(values.length, 'value')}</small>
                </summary>
                <ul>
                  {values.slice(0, MOST_VALUES).map((value) => (
                    <li key={value}>
                      <button type="button" onClick={() => onInsert(seriesName({ __name__: metric.name, [name]: value }))}>
                        {value === '' ? '(empty)' : value}
                      </button>
                    </li>
                  ))}
                  {values.length > MOST_VALUES && <li>and {formatNumber(values.length - MOST_VALUES)} more</li>}
                </ul>
              </details>
            ))}
          </>
        )}
      </Loaded>
    </div>
  );
}
