import { Button } from '@mantine/core';
import { useMemo } from 'react';
import type { Unit } from '../../parts/format.ts';
import { formatNumber, plural } from '../../parts/format.ts';
import { Callout } from '../../parts/callout.tsx';
import { Chart } from '../../plots/chart.tsx';
import { MOST_LINES } from './ask.ts';
import { HeatStrip } from './heat-strip.tsx';
import { countLines, graphModel } from './graph-model.ts';
import { seriesName } from '../../parts/series-name.ts';
import type { Got } from './use-answers.ts';

interface Props {
  readonly got: readonly Got[];
  readonly grid: { readonly start: number; readonly end: number };
  readonly unit: Unit;
  readonly stacked: boolean;
  readonly onZoom: (fromMs: number, toMs: number) => void;
  readonly onReset: () => void;
  /** Puts another query in the place of this one. */
  readonly onNarrow: (letter: string, expr: string) => void;
  readonly onTable: () => void;
}

const HEIGHT = 340;
const MOST_STRIPS = 4;

/** All answers over time in one picture. */
export function Graph({ got, grid, unit, stacked, onZoom, onReset, onNarrow, onTable }: Props) {
  const answers = useMemo(
    () =>
      got.flatMap(({ letter, expr, range, before }) => (range === null ? [] : [{ letter, expr, answer: range, before: beforeOf(before) }])),
    [got],
  );
  const model = useMemo(() => graphModel(answers, { unit, stacked, most: MOST_LINES }), [answers, unit, stacked]);
  const lines = countLines(answers);
  const cut = got.filter(({ isCut }) => isCut);
  const strips = answers.flatMap(({ letter, answer }) =>
    answer.tracks.flatMap((track) =>
      track.histograms === null ? [] : [{ name: `${letter} ${seriesName(track.labels)}`, ...track, at: answer.at }],
    ),
  );
  return (
    <>
      {cut.map(({ letter, expr, total }) => (
        <TooMany key={letter} letter={letter} expr={expr} total={total} onNarrow={onNarrow} onTable={onTable} />
      ))}
      {cut.length === 0 && lines > MOST_LINES && (
        <Callout tone="notice">
          {formatNumber(lines)} lines: the graph shows the first {MOST_LINES}. Switch a query off, or narrow one.
        </Callout>
      )}
      <Chart
        title={`Graph of ${plural(model.lines.length, 'line')}`}
        model={model}
        from={grid.start / 1000}
        to={grid.end / 1000}
        height={HEIGHT}
        onName="isolate"
        onZoom={onZoom}
        onReset={onReset}
      />
      {strips.slice(0, MOST_STRIPS).map(({ name, histograms, at }) => (
        <HeatStrip key={name} name={name} at={at} histograms={histograms ?? []} unit={unit} />
      ))}
    </>
  );
}

function beforeOf(before: Got['before']) {
  return before === null || before.range === null ? null : { name: before.name, answer: before.range };
}

interface TooManyProps extends Pick<Props, 'onNarrow' | 'onTable'> {
  readonly letter: string;
  readonly expr: string;
  readonly total: number | null;
}

/** More series than a graph can show, and the ways out. */
function TooMany({ letter, expr, total, onNarrow, onTable }: TooManyProps) {
  return (
    <Callout
      tone="notice"
      title={`${letter}: ${total === null ? `more than ${MOST_LINES}` : formatNumber(total)} series.`}
      action={
        <span style={{ display: 'flex', flexWrap: 'wrap', gap: 8 }}>
          <Button size="compact-sm" variant="default" onClick={() => onNarrow(letter, `topk(10, ${expr})`)}>
            The 10 largest
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => onNarrow(letter, `sum(${expr})`)}>
            Their sum
          </Button>
          <Button size="compact-sm" variant="default" onClick={onTable}>
            As a table
          </Button>
        </span>
      }
    >
      The graph shows the first {MOST_LINES}. Narrow it: add labels to the selector, or take
    </Callout>
  );
}
