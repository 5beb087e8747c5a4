import { Button, NativeSelect, SegmentedControl, Skeleton, Switch } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMemo } from 'react';
import type { ExploreSearch } from '../../app/explore-search.ts';
import { formatMoment } from '../../parts/format.ts';
import { serverNow } from '../../data/server-time.ts';
import { COMPARISONS, comparisonOf } from './comparing.ts';
import { saveShown } from './download.ts';
import styles from './explore.module.css';
import { Graph } from './graph.tsx';
import { UNITS, unitOf } from './units.ts';
import type { Answers, Got } from './use-answers.ts';
import { ValueTable } from './value-table.tsx';

interface Props {
  readonly search: ExploreSearch;
  readonly answers: Answers;
  readonly onChange: (change: Partial<ExploreSearch>) => void;
  readonly onZoom: (from: number, to: number) => void;
  readonly onBack: () => void;
  readonly onNarrow: (letter: string, expr: string) => void;
}

const HEIGHT = 390;

/** What came back, as a graph or as tables, and what can be done with it. */
export function Results({ search, answers, onChange, onZoom, onBack, onNarrow }: Props) {
  const isTable = search.view === 'table';
  const got = useMemo(
    () => answers.list.flatMap(({ got: one }) => (one !== undefined && (one.rows !== null) === isTable ? [one] : [])),
    [answers.list, isTable],
  );
  const unit = unitOf(
    search.unit,
    got.map(({ expr }) => expr),
    got.some(({ range }) => range?.tracks.some(({ histograms }) => histograms !== null)),
  );
  const isWaiting = got.length === 0 && answers.isRunning;
  const guessed = UNITS.find(([name]) => name === unit)?.[1] ?? '';
  return (
    <section className={styles['results']} aria-label="Results">
      <div className={styles['resultHead']}>
        <SegmentedControl
          size="xs"
          aria-label="Show as"
          data={[
            { value: 'graph', label: 'Graph' },
            { value: 'table', label: 'Table' },
          ]}
          value={isTable ? 'table' : 'graph'}
          onChange={(view) => onChange({ view: view === 'table' ? 'table' : undefined })}
        />
        {isTable && <span className={styles['moment']}>at {formatMoment(answers.grid.end, serverNow())}</span>}
        <div className={styles['resultDeeds']}>
          {!isTable && (
            <Switch
              size="sm"
              label="Stacked"
              checked={search.stacked === true && comparisonOf(search.compare) === null}
              disabled={comparisonOf(search.compare) !== null}
              onChange={(event) => onChange({ stacked: event.currentTarget.checked || undefined })}
            />
          )}
          <NativeSelect
            size="xs"
            aria-label="Compare with"
            value={COMPARISONS.some(([length]) => length === search.compare) ? search.compare : ''}
            data={[{ value: '', label: 'Compare with …' }, ...COMPARISONS.map(([value, label]) => ({ value, label: `With ${label}` }))]}
            onChange={(event) => onChange({ compare: event.currentTarget.value || undefined })}
          />
          <NativeSelect
            size="xs"
            aria-label="Unit"
            value={search.unit ?? ''}
            data={[
              { value: '', label: search.unit === undefined ? `Unit: auto (${guessed.toLowerCase()})` : 'Unit: auto' },
              ...UNITS.map(([value, label]) => ({ value, label })),
            ]}
            onChange={(event) => onChange({ unit: event.currentTarget.value || undefined })}
          />
          {(['csv', 'json'] as const).map((kind) => (
            <Button
              key={kind}
              size="xs"
              variant="default"
              leftSection={<IconDownload size={14} aria-hidden />}
              aria-label={`Download as ${kind.toUpperCase()}`}
              disabled={got.length === 0}
              onClick={() => saveShown(got, kind)}
            >
              {kind.toUpperCase()}
            </Button>
          ))}
        </div>
      </div>
      <div
        className={styles['resultBody']}
        data-old={answers.list.some(({ isOld, isRunning }) => isOld && isRunning)}
        aria-busy={answers.isRunning}
      >
        {isWaiting && <Skeleton height={HEIGHT} radius="md" />}
        {!isWaiting && got.length === 0 && <p className={styles['none']}>There is no answer to show.</p>}
        {got.length > 0 && !isTable && (
          <Graph
            got={got}
            grid={answers.grid}
            unit={unit}
            stacked={search.stacked === true && comparisonOf(search.compare) === null}
            onZoom={onZoom}
            onReset={onBack}
            onNarrow={onNarrow}
            onTable={() => onChange({ view: 'table' })}
          />
        )}
        {isTable &&
          got.map((one: Got) => <ValueTable key={one.letter} got={one} unit={unit} titled={got.length > 1} time={timeOf(search)} />)}
      </div>
    </section>
  );
}

function timeOf({ range, from, to }: ExploreSearch): Pick<ExploreSearch, 'range' | 'from' | 'to'> {
  return from !== undefined && to !== undefined ? { from, to } : range === undefined ? {} : { range };
}
