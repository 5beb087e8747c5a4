import { Button } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ExploreSearch } from '../../app/explore-search.ts';
import { formatNumber, formatValue, plural, type Unit } from '../../parts/format.ts';
import { LabelChips } from '../../parts/facts.tsx';
import type { Row } from './answer.ts';
import { changeOf, earlierValues } from './comparing.ts';
import styles from './explore.module.css';
import { type Histogram, quantileOf } from './histogram.ts';
import { seriesName } from '../../parts/series-name.ts';
import { type Order, sortRows, tableOf, USUAL_ORDER } from './table-rows.ts';
import type { Got } from './use-answers.ts';

const PAGE = 100;

interface Props {
  readonly got: Got;
  readonly unit: Unit;
  readonly titled: boolean;
  /** The part of time that a link from here keeps. */
  readonly time: Pick<ExploreSearch, 'range' | 'from' | 'to'>;
}

/** The answer at one moment: a line a series, a column a label. */
export function ValueTable({ got, unit, titled, time }: Props) {
  const [order, setOrder] = useState<Order>(USUAL_ORDER);
  const [shown, setShown] = useState(PAGE);
  const table = useMemo(() => tableOf(got.rows ?? []), [got.rows]);
  const rows = useMemo(() => sortRows(table.rows, order), [table.rows, order]);
  const sortBy = (by: string | null): void => setOrder((before) => ({ by, down: before.by === by ? !before.down : by === null }));
  const heads = [...table.columns.map((name) => ({ by: name, text: name === '__name__' ? 'metric' : name })), { by: null, text: 'Value' }];
  const earlier = useMemo(() => (got.before?.rows == null ? null : earlierValues(got.before.rows)), [got.before]);
  return (
    <section className={styles['tableOf']} aria-label={`Values of query ${got.letter}`}>
      {titled && (
        <h3 className={styles['tableTitle']}>
          <span className={styles['letterMark']}>{got.letter}</span> <code>{got.expr}</code>
        </h3>
      )}
      {Object.keys(table.shared).length > 0 && (
        <div className={styles['shared']}>
          <span>The same everywhere:</span> <LabelChips labels={named(table.shared)} />
        </div>
      )}
      {rows.length === 0 ? (
        <p className={styles['none']}>No series has a value at this moment.</p>
      ) : (
        <div className={styles['scroll']} tabIndex={0} role="region" aria-label={`Table of query ${got.letter}`}>
          <table className={styles['table']}>
            <thead>
              <tr>
                {heads.map(({ by, text }) => (
                  <th
                    key={by ?? ''}
                    scope="col"
                    aria-sort={order.by === by ? (order.down ? 'descending' : 'ascending') : 'none'}
                    data-value={by === null}
                  >
                    <button type="button" onClick={() => sortBy(by)}>
                      {text}
                      <SortMark order={order} by={by} />
                    </button>
                  </th>
                ))}
                {earlier !== null &&
                  [got.before?.name ?? '', 'change'].map((text) => (
                    <th key={text} scope="col" data-plain>
                      {text}
                    </th>
                  ))}
              </tr>
            </thead>
            <tbody>
              {rows.slice(0, shown).map((row) => (
                <tr key={seriesName(row.labels)}>
                  {table.columns.map((name) => (
                    <td key={name}>
                      {name === '__name__' && row.labels[name] !== undefined ? (
                        <MetricLink labels={{ ...table.shared, __name__: row.labels[name] }} time={time} />
                      ) : (
                        row.labels[name]
                      )}
                    </td>
                  ))}
                  <td data-value>
                    <Value row={row} unit={unit} />
                  </td>
                  {earlier !== null && <Earlier row={row} before={earlier.get(seriesName(row.labels))} unit={unit} />}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length > shown && (
        <div className={styles['more']}>
          <Button variant="default" size="xs" onClick={() => setShown(shown + 5 * PAGE)}>
            Show more of {formatNumber(rows.length)}
          </Button>
        </div>
      )}
      {got.isCut && (
        <p className={styles['none']}>
          {got.total === null ? 'There are more series' : `There are ${plural(got.total, 'series', 'series')}`}; the first{' '}
          {formatNumber(rows.length)} were fetched. Narrow the selector to see the others.
        </p>
      )}
    </section>
  );
}

/** What it was some time before, and by how much it changed since. */
function Earlier({ row, before, unit }: { readonly row: Row; readonly before: number | undefined; readonly unit: Unit }) {
  return (
    <>
      <td data-value>{before === undefined ? '–' : formatCell(before, unit)}</td>
      <td data-value>{row.histogram === null ? changeOf(row.value, before) : ''}</td>
    </>
  );
}

/** Leads to the graph of that metric, with the labels that all lines here share. */
function MetricLink({ labels, time }: { readonly labels: Readonly<Record<string, string>>; readonly time: Props['time'] }) {
  return (
    <Link to="/explore" search={{ ...time, q: [seriesName(labels)] }} className={styles['metric']}>
      {labels['__name__']}
    </Link>
  );
}

function named(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const { __name__: metric, ...rest } = labels;
  return metric === undefined ? rest : { metric, ...rest };
}

function SortMark({ order, by }: { readonly order: Order; readonly by: string | null }) {
  const Icon = order.down ? IconArrowDown : IconArrowUp;
  return (
    <span className={styles['sortMark']} data-on={order.by === by} aria-hidden>
      <Icon size={13} />
    </span>
  );
}

function Value({ row: { value, text, histogram }, unit }: { readonly row: Row; readonly unit: Unit }) {
  if (histogram !== null) return <HistogramText histogram={histogram} unit={unit} />;
  if (value === null || text.includes('\n') || text.includes('@')) return <span className={styles['text']}>{text}</span>;
  return <span title={text}>{Number.isFinite(value) ? formatCell(value, unit) : text}</span>;
}

/** In a table there is room for more digits than on an axis. */
function formatCell(value: number, unit: Unit): string {
  const size = Math.abs(value);
  if (unit !== 'si' || (size !== 0 && size < 0.0001) || size >= 1e15) return formatValue(value, unit);
  return value
    .toLocaleString('en', { maximumSignificantDigits: size >= 1e6 ? 15 : 6 })
    .replaceAll(',', '\u202f')
    .replace('-', '−');
}

function HistogramText({ histogram, unit }: { readonly histogram: Histogram; readonly unit: Unit }) {
  const most = Math.max(...histogram.buckets.map(({ count }) => count));
  const quantiles = [0.5, 0.9, 0.99].map((share) => `p${Math.round(share * 100)} ${formatValue(quantileOf(histogram, share), unit)}`);
  return (
    <span className={styles['histogram']}>
      <span className={styles['bars']} aria-hidden>
        {histogram.buckets.slice(0, 40).map(({ lower, upper, count }) => (
          <span key={`${lower} ${upper}`} style={{ height: `${Math.max(6, (100 * count) / most)}%` }} />
        ))}
      </span>
      <span>
        {quantiles.join(' · ')}
        <br />
        {formatNumber(histogram.count)} observations, sum {formatValue(histogram.sum, unit)}
      </span>
    </span>
  );
}
