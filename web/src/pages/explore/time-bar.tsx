import { ActionIcon, Button, NativeSelect, SegmentedControl, TextInput } from '@mantine/core';
import { IconCalendar, IconChevronLeft, IconChevronRight, IconRefresh, IconZoomOut } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { formatDuration } from '../../../../src/core/base/time.ts';
import type { ExploreSearch } from '../../app/explore-search.ts';
import styles from './explore.module.css';
import { autoStep, formatLocal, leastStep, moved, parseLength, parseLocal, QUICK, REFRESH, USUAL } from './time-range.ts';

interface Props {
  readonly search: ExploreSearch;
  readonly grid: { readonly start: number; readonly end: number; readonly step: number };
  readonly canGoBack: boolean;
  readonly onChange: (change: Partial<ExploreSearch>) => void;
  readonly onBack: () => void;
}

/** Which part of time is shown, how finely, and whether it is renewed by itself. */
export function TimeBar({ search, grid, canGoBack, onChange, onBack }: Props) {
  const isFixed = search.from !== undefined;
  const [opened, setOpened] = useState(false);
  const bounds = { from: search.from ?? grid.start, to: search.to ?? grid.end };
  const fix = (next: { readonly from: number; readonly to: number }): void => onChange({ ...next, range: undefined, refresh: undefined });
  return (
    <div className={styles['timeBar']} role="group" aria-label="Time">
      <div className={styles['quick']}>
        <SegmentedControl
          aria-label="The last"
          size="xs"
          data={[...QUICK]}
          value={isFixed ? '' : (QUICK.find((name) => name === (search.range ?? USUAL)) ?? '')}
          onChange={(range) => {
            setOpened(false);
            onChange({ range, from: undefined, to: undefined });
          }}
        />
      </div>
      <div className={styles['shift']}>
        <ActionIcon variant="default" size={30} aria-label="Earlier" title="Earlier" onClick={() => fix(moved(bounds, -1))}>
          <IconChevronLeft size={16} aria-hidden />
        </ActionIcon>
        <Button
          variant={isFixed ? 'light' : 'default'}
          size="xs"
          leftSection={<IconCalendar size={15} aria-hidden />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          From – to
        </Button>
        <ActionIcon variant="default" size={30} aria-label="Later" title="Later" onClick={() => fix(moved(bounds, 1))}>
          <IconChevronRight size={16} aria-hidden />
        </ActionIcon>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconZoomOut size={15} aria-hidden />}
          disabled={!canGoBack && !isFixed}
          onClick={onBack}
        >
          Back
        </Button>
      </div>
      <StepField chosen={search.step} grid={grid} onChoose={(step) => onChange({ step })} />
      <NativeSelect
        size="xs"
        aria-label="Renew by itself"
        leftSection={<IconRefresh size={14} aria-hidden />}
        disabled={isFixed}
        value={isFixed ? '' : (search.refresh ?? '')}
        data={[{ value: '', label: 'by hand' }, ...REFRESH.map((value) => ({ value, label: `every ${value}` }))]}
        onChange={(event) => onChange({ refresh: event.currentTarget.value || undefined })}
      />
      {opened && <FromTo key={`${bounds.from} ${bounds.to}`} {...bounds} onApply={fix} />}
    </div>
  );
}

interface StepProps {
  readonly chosen: string | undefined;
  readonly grid: Props['grid'];
  readonly onChoose: (step: string | undefined) => void;
}

function StepField({ chosen, grid, onChoose }: StepProps) {
  const [text, setText] = useState(chosen ?? '');
  useEffect(() => setText(chosen ?? ''), [chosen]);
  const length = grid.end - grid.start;
  const wish = parseLength(text);
  const isWrong = text.trim() !== '' && wish === null;
  const isFine = wish !== null && wish < leastStep(length);
  const apply = (): void => {
    if (!isWrong && !isFine) onChoose(text.trim() || undefined);
  };
  return (
    <TextInput
      size="xs"
      className={styles['step'] ?? ''}
      aria-label="Step"
      leftSection="Step"
      leftSectionWidth={42}
      placeholder={`auto (${formatDuration(autoStep(length))})`}
      title="The time between two values of a line, for instance 30s. Empty: chosen by the length of the range."
      value={text}
      error={isWrong ? 'for instance 30s' : isFine ? `at least ${formatDuration(leastStep(length))}` : undefined}
      maxLength={12}
      onChange={(event) => setText(event.currentTarget.value)}
      onBlur={apply}
      onKeyDown={(event) => {
        if (event.key === 'Enter') apply();
      }}
    />
  );
}

function FromTo({
  from,
  to,
  onApply,
}: {
  readonly from: number;
  readonly to: number;
  readonly onApply: (next: { from: number; to: number }) => void;
}) {
  const [texts, setTexts] = useState({ from: formatLocal(from), to: formatLocal(to) });
  const next = { from: parseLocal(texts.from), to: parseLocal(texts.to) };
  const problem =
    next.from === null || next.to === null ? 'Both times are needed' : next.to <= next.from ? 'The end must be after the begin' : null;
  return (
    <form
      className={styles['fromTo']}
      aria-label="From and to"
      onSubmit={(event) => {
        event.preventDefault();
        if (problem === null && next.from !== null && next.to !== null) onApply({ from: next.from, to: next.to });
      }}
    >
      <TextInput
        label="From"
        size="xs"
        type="datetime-local"
        step={1}
        value={texts.from}
        onChange={(event) => setTexts({ ...texts, from: event.currentTarget.value })}
      />
      <TextInput
        label="To"
        size="xs"
        type="datetime-local"
        step={1}
        value={texts.to}
        error={problem}
        onChange={(event) => setTexts({ ...texts, to: event.currentTarget.value })}
      />
      <Button type="submit" size="xs" disabled={problem !== null}>
        Show
      </Button>
    </form>
  );
}
