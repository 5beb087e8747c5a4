import { SegmentedControl } from '@mantine/core';
import { useMemo, useState } from 'react';
import { serverNow } from '../../data/server-time.ts';
import type { SeriesBlock } from '../../data/types.ts';
import { formatBytes, formatLength, formatMoment, formatSi, plural } from '../../parts/format.ts';
import { type Bar, type BlockLook, layOut, lengthsFor, lookOf, ticksOf } from './block-layout.ts';
import styles from './storage.module.css';

const LOOKS: readonly (readonly [BlockLook, string])[] = [
  ['whole', 'at hand'],
  ['cold', 'cold'],
  ['damaged', 'damaged'],
];
const LANE = 22;
const MOST_LISTED = 50;

/** Every block as a bar over time, a row for each resolution; the arrow keys go from one to the next. */
export function BlocksPicture({ blocks }: { readonly blocks: readonly SeriesBlock[] }) {
  const now = serverNow();
  const names = blocks
    .map(({ name, damagedChunks, problem, cold, keptUntil }) => `${name}${damagedChunks}${problem}${cold}${keptUntil}`)
    .join();
  const [length, setLength] = useState(Number.POSITIVE_INFINITY);
  const picture = useMemo(() => layOut(blocks, serverNow(), length), [names, length]);
  const lengths = lengthsFor(blocks, now);
  const [chosen, setChosen] = useState<string | null>(null);
  const all = picture.rows.flatMap(({ bars }) => bars);
  const shown = all.find(({ block }) => block.name === chosen)?.block ?? null;
  const move = (event: React.KeyboardEvent, by: number): void => {
    const next = all[Math.min(all.length - 1, Math.max(0, all.findIndex(({ block }) => block.name === chosen) + by))];
    if (next === undefined) return;
    event.preventDefault();
    setChosen(next.block.name);
    event.currentTarget.querySelector<HTMLElement>(`[data-name="${CSS.escape(next.block.name)}"]`)?.focus();
  };
  return (
    <>
      <div className={styles['keyRow']}>
        <ul className={styles['key']} aria-label="What the bars mean">
          {LOOKS.map(([look, word]) => {
            const count = blocks.filter((block) => lookOf(block) === look).length;
            return (
              <li key={look} data-none={count === 0}>
                <span className={styles['swatch']} data-look={look} aria-hidden />
                {word} <b>{count}</b>
              </li>
            );
          })}
        </ul>
        {lengths.length > 0 && (
          <SegmentedControl
            size="xs"
            aria-label="Part of time"
            data={[...lengths.map(({ name }) => name), 'all']}
            value={lengths.find((one) => one.length === length)?.name ?? 'all'}
            onChange={(chosenName) => setLength(lengths.find(({ name }) => name === chosenName)?.length ?? Number.POSITIVE_INFINITY)}
          />
        )}
      </div>
      <div
        className={styles['picture']}
        role="group"
        aria-label={`${plural(blocks.length, 'block')} over time; arrow keys go from one to the next`}
        onKeyDown={(event) => {
          if (event.key === 'ArrowRight' || event.key === 'ArrowDown') move(event, 1);
          else if (event.key === 'ArrowLeft' || event.key === 'ArrowUp') move(event, -1);
        }}
      >
        {picture.rows.map(({ tier, lanes, bars }) => (
          <div key={tier} className={styles['tier']}>
            <div className={styles['tierName']}>{tier}</div>
            <div className={styles['lanes']} style={{ height: lanes * LANE }}>
              {bars.map((bar) => (
                <BarButton
                  key={bar.block.name}
                  bar={bar}
                  isCurrent={bar.block.name === (chosen ?? all[0]?.block.name)}
                  now={now}
                  onChoose={() => setChosen(bar.block.name)}
                />
              ))}
            </div>
          </div>
        ))}
        <div className={styles['tier']} aria-hidden>
          <div />
          <div className={styles['ticks']}>
            {ticksOf(picture).map(({ at, left }) => (
              <span key={at} style={{ left: `${left * 100}%` }}>
                {formatTick(at, picture.to - picture.from)}
              </span>
            ))}
          </div>
        </div>
      </div>
      <div className={styles['chosen']} role="status">
        {shown === null ? 'Choose a block to read what it holds.' : <About block={shown} now={now} />}
      </div>
      <BlockList blocks={blocks} now={now} />
    </>
  );
}

interface BarProps {
  readonly bar: Bar;
  readonly isCurrent: boolean;
  readonly now: number;
  readonly onChoose: () => void;
}

function BarButton({ bar: { block, look, left, width, lane }, isCurrent, now, onChoose }: BarProps) {
  const words = `${block.tier}, ${formatMoment(block.from, now)} to ${formatMoment(block.to, now)}, ${formatBytes(block.bytes)}${look === 'whole' ? '' : `, ${look}`}`;
  return (
    <button
      type="button"
      className={styles['bar']}
      data-look={look}
      data-name={block.name}
      tabIndex={isCurrent ? 0 : -1}
      aria-label={`Block ${words}`}
      title={words}
      style={{ left: `${left * 100}%`, width: `max(3px, calc(${width * 100}% - 1px))`, top: lane * LANE }}
      onClick={onChoose}
      onFocus={onChoose}
    >
      {width > 0.09 && look !== 'whole' && <span>{look}</span>}
    </button>
  );
}

function About({ block, now }: { readonly block: SeriesBlock; readonly now: number }) {
  return (
    <>
      <b>{formatMoment(block.from, now)}</b> to <b>{formatMoment(block.to, now)}</b> ({formatLength(block.to - block.from)}), {block.tier}:{' '}
      {plural(block.series, 'series', 'series')}, {formatSi(block.samples)} samples, {formatBytes(block.bytes)}
      {block.cold && ', cold'}
      {block.keptUntil !== null && `, back from the cold folder until ${formatMoment(block.keptUntil, now)}`}
      {block.damagedChunks > 0 && `, ${plural(block.damagedChunks, 'damaged chunk')}: what they held is missing from answers`}
      {block.problem !== null && `; cannot be served: ${block.problem}`} <code>{block.name}</code>
    </>
  );
}

/** The same as a list, for those who rather read. */
function BlockList({ blocks, now }: { readonly blocks: readonly SeriesBlock[]; readonly now: number }) {
  return (
    <details className={styles['details']}>
      <summary>As a list</summary>
      <div className={styles['scroll']} tabIndex={0} role="region" aria-label="List of blocks">
        <table className={styles['table']}>
          <thead>
            <tr>
              {['From', 'To', 'Resolution', 'Series', 'Samples', 'Size', 'State'].map((name) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {blocks.slice(0, MOST_LISTED).map((block) => (
              <tr key={block.name}>
                <td>{block.from === 0 ? '–' : formatMoment(block.from, now)}</td>
                <td>{block.to === 0 ? '–' : formatMoment(block.to, now)}</td>
                <td>{block.tier}</td>
                <td>{formatSi(block.series)}</td>
                <td>{formatSi(block.samples)}</td>
                <td>{formatBytes(block.bytes)}</td>
                <td>
                  {block.problem ?? LOOKS.find(([look]) => look === lookOf(block))?.[1] ?? ''}
                  {block.keptUntil !== null && ` until ${formatMoment(block.keptUntil, now)}`}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {blocks.length > MOST_LISTED && (
        <p className={styles['hint']}>
          The newest {MOST_LISTED} of {blocks.length}.
        </p>
      )}
    </details>
  );
}

const DAY_MS = 86_400_000;
const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const DATE = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const MONTH = new Intl.DateTimeFormat(undefined, { month: 'short', year: 'numeric' });

function formatTick(at: number, length: number): string {
  if (length > 400 * DAY_MS) return MONTH.format(at);
  return length > 2 * DAY_MS ? DATE.format(at) : CLOCK.format(at);
}
