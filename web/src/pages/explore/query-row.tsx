import { ActionIcon } from '@mantine/core';
import { IconEye, IconEyeOff, IconTrash } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type RefObject, useCallback, useMemo } from 'react';
import { metricsQuery } from '../../data/metrics.ts';
import { messageOf } from '../../data/error.ts';
import { formatBytes, formatLength, formatSi, plural } from '../../parts/format.ts';
import { explainError, offsetOf } from './explain-error.ts';
import styles from './explore.module.css';
import { QueryProblem } from './query-problem.tsx';
import type { FieldHandle, Mistake } from './field-props.ts';
import { QueryField } from './query-field.tsx';
import { Remarks } from './remarks.tsx';
import type { Answered, Got } from './use-answers.ts';
import type { Draft } from './use-drafts.ts';

interface Props {
  readonly draft: Draft;
  readonly letter: string;
  readonly answered: Answered | undefined;
  readonly isOnly: boolean;
  readonly handle: RefObject<FieldHandle | null>;
  readonly onWrite: (expr: string) => void;
  readonly onRun: () => void;
  readonly onToggle: () => void;
  readonly onRemove: () => void;
  readonly onFocus: () => void;
}

const HINT = 'A PromQL expression, for instance up';

/** One query: its field, what came of it, and what is wrong with it. */
export function QueryRow({ draft, letter, answered, isOnly, handle, onWrite, onRun, onToggle, onRemove, onFocus }: Props) {
  const isOff = draft.off === true;
  const isAsked = !isOff && answered?.expr === draft.expr.trim();
  const error = isAsked ? answered.error : null;
  const mistake = useMemo(() => mistakeOf(error, draft.expr), [error, draft.expr]);
  const describe = useDescribe();
  return (
    <section className={styles['query']} data-off={isOff} aria-label={`Query ${letter}`}>
      <button
        type="button"
        className={styles['letter']}
        aria-pressed={!isOff}
        aria-label={`Ask query ${letter}`}
        title={isOff ? 'Switched off: click to ask it again' : 'Click to leave it out'}
        onClick={onToggle}
      >
        {letter}
        {isOff ? <IconEyeOff size={13} aria-hidden /> : <IconEye size={13} aria-hidden />}
      </button>
      <div className={styles['queryMain']}>
        <QueryField
          label={`Query ${letter}`}
          value={draft.expr}
          hint={HINT}
          mistake={mistake}
          handle={handle}
          describe={describe}
          onChange={onWrite}
          onRun={onRun}
          onFocus={onFocus}
        />
        {error !== null && error !== undefined ? (
          <QueryProblem expr={draft.expr} error={error} onRetry={onRun} />
        ) : (
          <div className={styles['cost']} role="status" aria-label={`Result of query ${letter}`}>
            <CostLine isOff={isOff} isAsked={isAsked} answered={answered} isEmpty={draft.expr.trim() === ''} />
          </div>
        )}
        {isAsked && answered.got !== undefined && !answered.isOld && <Remarks got={answered.got} />}
      </div>
      <ActionIcon variant="subtle" color="gray" size={36} aria-label={`${isOnly ? 'Clear' : 'Remove'} query ${letter}`} onClick={onRemove}>
        <IconTrash size={17} aria-hidden />
      </ActionIcon>
    </section>
  );
}

interface CostProps {
  readonly isOff: boolean;
  readonly isAsked: boolean;
  readonly isEmpty: boolean;
  readonly answered: Answered | undefined;
}

function CostLine({ isOff, isAsked, isEmpty, answered }: CostProps) {
  if (isOff) return <>switched off</>;
  if (isEmpty) return <>{'\u00a0'}</>;
  if (!isAsked) return <>changed: Ctrl+Enter or Shift+Enter runs it</>;
  if (answered?.isStopped) return <>stopped</>;
  if (answered?.got === undefined || answered.isOld) return <>asking …</>;
  return <Cost got={answered.got} />;
}

function Cost({ got }: { readonly got: Got }) {
  const { serverMs, totalMs, samples, bytes, tier } = got.cost;
  const count = got.total ?? got.range?.tracks.length ?? got.rows?.length ?? 0;
  return (
    <>
      <span>
        {got.isCut && got.total === null && 'more than '}
        {plural(count, 'series', 'series')}
      </span>
      {serverMs !== null && <span title="Time on the server">{formatFine(serverMs)}</span>}
      <span title="Until the answer was here">{formatFine(totalMs)} in all</span>
      {samples !== null && <span title="Samples that were read">{formatSi(samples)} samples</span>}
      <span title="Size of the answer">{formatBytes(bytes)}</span>
      {tier !== null && <span title="Which stored samples answered">from {tier}</span>}
    </>
  );
}

function formatFine(ms: number): string {
  return ms < 10 ? `${Number(ms.toFixed(1))} ms` : formatLength(ms);
}

function mistakeOf(error: unknown, expr: string): Mistake | null {
  if (error === null || error === undefined) return null;
  const { place, what } = explainError(messageOf(error));
  if (place === null) return null;
  const from = offsetOf(expr, place);
  return { from, to: from + (/^[\w:.]+/.exec(expr.slice(from))?.[0].length ?? 1), message: what };
}

function useDescribe() {
  const queries = useQueryClient();
  return useCallback(
    async (word: string) => {
      const metrics = await queries.ensureQueryData(metricsQuery).catch(() => []);
      const metric = metrics.find(({ name }) => name === word);
      if (metric === undefined) return null;
      const series = metric.series === null ? '' : plural(metric.series, 'series', 'series');
      return { title: metric.name, text: [metric.type, series, metric.help].filter((part) => part !== '').join(' · ') };
    },
    [queries],
  );
}
