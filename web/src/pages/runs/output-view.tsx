import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { outputUrl } from '../../data/runs.ts';
import type { Run } from '../../data/types.ts';
import { Callout } from '../../parts/callout.tsx';
import { formatBytes, formatNumber, plural } from '../../parts/format.ts';
import { findLines } from './find.ts';
import { LineText } from './output-lines.tsx';
import { OutputToolbar } from './output-toolbar.tsx';
import styles from './output-view.module.css';
import { type Output, useOutput } from './use-output.ts';

const LINE = 20;
const SHORT = 24;
const NEAR_END = 40;

/** The output of a run, live: every line since the first byte, with its colours, searchable, and following its end while one wants that. */
export function OutputView({ run }: { readonly run: Run }) {
  const output = useOutput(run.id, run.final);
  const { log, version } = output;
  const [wrap, setWrap] = useState(true);
  const [follow, setFollow] = useState(!run.final);
  const [words, setWords] = useState('');
  const [match, setMatch] = useState(0);
  const terminal = useRef<HTMLDivElement>(null);
  const count = log.lines.length;
  const found = useMemo(() => findLines(log.lines, words), [log, version, words]);
  const current = found[match];

  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => terminal.current,
    estimateSize: () => LINE,
    overscan: 20,
    getItemKey: (index) => log.lines[index]?.number ?? index,
  });

  useEffect(() => {
    if (follow && count > 0) virtualizer.scrollToIndex(count - 1, { align: 'end' });
  }, [follow, count, version, virtualizer]);
  useEffect(() => virtualizer.measure(), [wrap, virtualizer]);
  useEffect(() => {
    if (current !== undefined) virtualizer.scrollToIndex(current, { align: 'center' });
  }, [current, virtualizer]);

  const search = useCallback((next: string) => {
    setWords(next);
    setMatch(0);
    if (next !== '') setFollow(false);
  }, []);
  const step = (by: number): void => setMatch((before) => (found.length === 0 ? 0 : (before + by + found.length) % found.length));
  const onScroll = (): void => {
    const element = terminal.current;
    if (element === null) return;
    const end = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_END;
    if (!end && follow && element.dataset['user'] === 'true') setFollow(false);
  };
  const byUser = (): void => {
    if (terminal.current !== null) terminal.current.dataset['user'] = 'true';
  };
  useOutputKeys(
    () => setFollow((before) => !before),
    () => setWrap((before) => !before),
  );

  return (
    <section className={styles['frame']} aria-label="Output">
      <OutputToolbar
        state={<State output={output} run={run} />}
        words={words}
        onSearch={search}
        matches={words === '' ? null : found.length === 0 ? 'No match' : `${match + 1} of ${formatNumber(found.length)}`}
        onStep={step}
        follow={follow}
        onFollow={setFollow}
        wrap={wrap}
        onWrap={setWrap}
        live={!run.final}
        download={count > 0 ? outputUrl(run.id) : null}
        fileName={`${run.action}-${run.id}.log`}
      />
      <Remarks output={output} run={run} />
      <div
        ref={terminal}
        className={styles['terminal']}
        {...(wrap && { 'data-wrap': '' })}
        {...(count <= SHORT && run.final && { 'data-short': '' })}
        onScroll={onScroll}
        onWheel={byUser}
        onTouchMove={byUser}
        onPointerDown={byUser}
        onKeyDown={byUser}
        tabIndex={0}
        role="log"
        aria-live={follow && !run.final ? 'polite' : 'off'}
        aria-label="Output of the run"
      >
        {count === 0 && <div className={styles['nothing']}>{nothing(run, output)}</div>}
        <div className={styles['canvas']} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = log.lines[item.index];
            return (
              line !== undefined && (
                <div
                  key={item.key}
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  className={styles['line']}
                  data-stream={line.stream}
                  {...(item.index === current && { 'data-current': '' })}
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  <LineText line={line} words={words} />
                </div>
              )
            );
          })}
        </div>
        {!follow && !run.final && count > 0 && (
          <button type="button" className={styles['newer']} onClick={() => setFollow(true)}>
            Follow the end
          </button>
        )}
      </div>
    </section>
  );
}

function State({ output: { state, log }, run }: { readonly output: Output; readonly run: Run }) {
  if (state.kind === 'connecting') return 'Loading';
  if (state.kind === 'lost') return 'Connection lost, trying again';
  const size = `${plural(log.dropped + log.lines.length, 'line')}, ${formatBytes(log.bytes)}`;
  return run.final || state.kind === 'complete' ? size : `Live, ${size}`;
}

function Remarks({ output: { state, log }, run }: { readonly output: Output; readonly run: Run }) {
  return (
    <>
      {state.kind === 'lost' && (
        <Callout tone="error" urgent>
          {state.error.message}
        </Callout>
      )}
      {run.outputTruncated && (
        <Callout tone="warning">The output was longer than its limit: what came after {formatBytes(run.outputBytes)} was not kept.</Callout>
      )}
      {log.dropped > 0 && (
        <Callout tone="notice">The first {plural(log.dropped, 'line')} are not shown here. The download has them.</Callout>
      )}
    </>
  );
}

function nothing(run: Run, { state }: Output): string {
  if (state.kind === 'connecting') return '';
  if (run.final) return run.startedAt === null ? 'It never started: there is no output.' : 'It wrote nothing.';
  return run.startedAt === null ? 'The output appears here as soon as it runs.' : 'Nothing written yet.';
}

/** `f` and `w`, outside of fields. */
function useOutputKeys(onFollow: () => void, onWrap: () => void): void {
  const deeds = useRef({ onFollow, onWrap });
  useEffect(() => {
    deeds.current = { onFollow, onWrap };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target;
      if (
        event.ctrlKey ||
        event.metaKey ||
        event.altKey ||
        (target instanceof HTMLElement && target.closest('input, textarea, select, [role="dialog"]'))
      )
        return;
      if (event.key === 'f') deeds.current.onFollow();
      else if (event.key === 'w') deeds.current.onWrap();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
}
