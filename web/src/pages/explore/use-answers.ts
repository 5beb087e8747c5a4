import { keepPreviousData, type UseQueryResult, useQueries, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { askedQueries, type ExploreSearch, letterOf } from '../../app/explore-search.ts';
import { alignedRange } from '../../data/columns.ts';
import { ApiError } from '../../data/error.ts';
import { keys } from '../../data/keys.ts';
import { serverNow } from '../../data/server-time.ts';
import { lengthOf } from '../../plots/ranges.ts';
import type { RangeAnswer, Row } from './answer.ts';
import { askInstant, askRange, countSeries, type Told } from './ask.ts';
import { comparisonOf } from './comparing.ts';
import { parseLength, rangeOfSearch, stepOf } from './time-range.ts';

/** What came back for one query. Either a picture over time or the lines of a table. */
export interface Got extends Told {
  readonly letter: string;
  readonly expr: string;
  readonly range: RangeAnswer | null;
  readonly rows: readonly Row[] | null;
  /** The same some time before, when that is asked for. */
  readonly before: { readonly name: string; readonly range: RangeAnswer | null; readonly rows: readonly Row[] | null } | null;
  /** How many series there are, where not all came; null: not known. */
  readonly total: number | null;
}

/** How one query of the address is doing. */
export interface Answered {
  readonly letter: string;
  readonly expr: string;
  /** The last answer; it may still be that of the question before. */
  readonly got: Got | undefined;
  readonly isOld: boolean;
  readonly isRunning: boolean;
  /** It was stopped before there was an answer. */
  readonly isStopped: boolean;
  readonly error: unknown;
}

export interface Answers {
  readonly list: readonly Answered[];
  readonly isRunning: boolean;
  /** What the x axis shows, in milliseconds, and the step. */
  readonly grid: { readonly start: number; readonly end: number; readonly step: number };
  readonly again: () => void;
  readonly stop: () => void;
}

const KEEP_MS = 60_000;

/** Asks every query of the address that is switched on, all for the same moments. */
export function useAnswers(search: ExploreSearch): Answers {
  const queries = useQueryClient();
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((before) => before + 1), []);
  const { from, to, range, step: chosen, view, compare } = search;
  const grid = useMemo(
    () => gridOf({ ...(from !== undefined && to !== undefined && { from, to }), range, step: chosen } as ExploreSearch),
    // Another question is asked about now, too.
    [from, to, range, chosen, round, search.q, view],
  );
  const asked = useMemo(
    () => askedQueries(search).flatMap(({ expr, off }, index) => (off ? [] : [{ expr, letter: letterOf(index) }])),
    [search.q, search.off],
  );
  // The same function for the same questions: then the same answers are the same objects, and nothing is drawn again while somebody types.
  const combine = useCallback(
    (results: readonly UseQueryResult<Got>[]) => results.map((one, index) => answeredOf(one, asked[index])),
    [asked],
  );
  const list = useQueries({
    queries: asked.map(({ expr, letter }) => question(expr, letter, { grid, isTable: view === 'table', round, compare })),
    combine,
  });
  const isRunning = list.some((one) => one.isRunning);
  const every = from === undefined ? parseLength(search.refresh) : null;
  useEffect(() => {
    if (every === null) return;
    const timer = setInterval(() => {
      if (!document.hidden && queries.isFetching({ queryKey: keys.explore }) === 0) again();
    }, every);
    return () => clearInterval(timer);
  }, [every, again, queries]);
  const stop = useCallback(() => void queries.cancelQueries({ queryKey: keys.explore }), [queries]);
  return { list, isRunning, grid, again, stop };
}

function answeredOf(one: UseQueryResult<Got>, asked = { expr: '', letter: '' }): Answered {
  return {
    ...asked,
    got: one.data,
    isOld: one.isPlaceholderData,
    isRunning: one.isFetching,
    isStopped: one.fetchStatus === 'idle' && one.error === null && (one.data === undefined || one.isPlaceholderData),
    error: one.error,
  };
}

function gridOf(search: ExploreSearch): Answers['grid'] {
  const range = rangeOfSearch(search);
  const length = lengthOf(range);
  const step = stepOf(length, search.step);
  return range.kind === 'last' ? alignedRange(serverNow(), length, step) : alignedRange(range.to, length, step);
}

interface How {
  readonly grid: Answers['grid'];
  readonly isTable: boolean;
  readonly round: number;
  readonly compare: string | undefined;
}

function question(expr: string, letter: string, { grid, isTable, round, compare }: How) {
  return {
    queryKey: [...keys.explore, isTable, expr, letter, isTable ? grid.end : grid, round, compare],
    queryFn: async ({ signal }: { readonly signal: AbortSignal }): Promise<Got> => {
      const answer = isTable
        ? { range: null, ...(await askInstant(expr, grid.end, signal)) }
        : { rows: null, ...rangeNamed(await askRange(expr, grid, signal)) };
      const total = answer.isCut ? await countSeries(expr, grid.end, signal).catch(() => null) : null;
      const { before, warning } = await earlier(expr, { grid, isTable, compare }, signal);
      return { ...answer, warnings: [...answer.warnings, ...warning], letter, expr, total, before };
    },
    placeholderData: keepPreviousData,
    // A refusal stays one, and what took too long would only take as long again.
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEEP_MS,
    refetchInterval: false as const,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  };
}

/** The same question, so much earlier. Where it has no answer, the one of now is shown all the same. */
async function earlier(expr: string, { grid, isTable, compare }: Omit<How, 'round'>, signal: AbortSignal): Promise<Earlier> {
  const comparison = comparisonOf(compare);
  if (comparison === null) return { before: null, warning: [] };
  const { by, name } = comparison;
  const moved = { start: grid.start - by, end: grid.end - by, step: grid.step };
  try {
    if (isTable) return { before: { name, range: null, rows: (await askInstant(expr, moved.end, signal)).rows }, warning: [] };
    const { answer } = await askRange(expr, moved, signal);
    return { before: { name, range: { ...answer, at: answer.at.map((at) => at + by / 1000) }, rows: null }, warning: [] };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { before: null, warning: [`${name} cannot be shown: ${error.message}`] };
  }
}

interface Earlier {
  readonly before: Got['before'];
  readonly warning: readonly string[];
}

function rangeNamed({ answer, ...told }: Told & { readonly answer: RangeAnswer }) {
  return { ...told, range: answer };
}
