import type { Labels } from '../core/base/labels.ts';
import type { Millis } from '../core/base/time.ts';
import { typeOf } from '../core/promql/check-expr.ts';
import { compareLabels } from '../core/promql/column.ts';
import { parseExpr } from '../core/promql/parse-expr.ts';
import type { Listing } from '../io/series/messages.ts';
import { DEFAULT_QUERY_LIMITS, type QueryAnswer as StoreAnswer } from '../io/series/query-answer.ts';
import type { QuerySettings, SeriesStore, Vector } from '../io/series/store.ts';
import { NO_NUMBERS } from '../io/series/vectors.ts';
import type {
  LookupAnswer,
  QueryAnswer,
  QueryError,
  QueryErrorType,
  QueryOptions,
  SeriesPart,
  SeriesQuestion,
} from '../server/prometheus-api/series-part.ts';
import type { InstantAnswer, SeriesReader } from '../world.ts';

/** The series store as the HTTP API asks it. */
export function seriesPart(store: SeriesStore): SeriesPart {
  return {
    write: async ({ body, encoding, source, protocol }) => {
      const outcome = await store.write(body, encoding, source, protocol);
      return outcome;
    },
    instant: async (expr, at, options) => toAnswer(await store.instant(expr, at, settingsOf(options)), { start: at, isRange: false }),
    range: async (expr, window, options) => {
      const refused = whyNoRange(expr);
      if (refused !== null) return refused;
      return toAnswer(await store.range(expr, window, settingsOf(options)), { start: window.start, isRange: true });
    },
    series: (question) => look<Labels>(question, async (listing) => [...(await store.series(listing))].sort(compareLabels)),
    labelNames: (question) => look(question, (listing) => store.labelNames(listing)),
    labelValues: (name, question) => look(question, (listing) => store.labelValues(name, listing)),
    exemplars: ({ selectors, start, end }) =>
      answered(async () =>
        [...(await store.exemplars({ selectors, from: start, to: end }))].sort((a, b) => compareLabels(a.labels, b.labels)),
      ),
    metadata: () => answered(() => store.metadata()),
    stored: async ({ selectors, start, end, which, sampleLimit }) => {
      const stored = await store.samples({ selectors, from: start, to: end, which, sampleLimit });
      if (!('error' in stored)) return stored;
      return { errorType: stored.error === 'unavailable' ? 'unavailable' : 'execution', error: stored.message };
    },
    limits: DEFAULT_QUERY_LIMITS,
    status: async (limit) => {
      const status = await store.status(limit);
      return {
        numSeries: status.series,
        numLabelPairs: status.labelPairs,
        chunkCount: status.chunks,
        minTime: status.oldestSample ?? 0,
        maxTime: status.newestSample ?? 0,
        seriesCountByMetricName: status.topNames,
        labelValueCountByLabelName: status.topLabels,
        memoryInBytesByLabelName: status.topLabelBytes,
        seriesCountByLabelValuePair: status.topPairs,
        journalSegments: status.journalSegments,
        blocks: status.blockList.filter(({ problem }) => problem === null),
        damaged: status.replay.corrupt + status.damagedChunks,
      };
    },
  };
}

/** The series store as the engine asks it. */
export function seriesReader(store: SeriesStore): SeriesReader {
  return {
    instant: async (expr, at) => {
      const answer = await store.instant(expr, at);
      if (answer.result === 'error') return { error: answer.message };
      if (answer.result === 'string') return { error: NO_NUMBERS };
      const { labels, values, ends, histograms } = answer.series;
      const valueAt = (place: number): number => (histograms?.has(place) === true ? Number.NaN : (values[place] ?? Number.NaN));
      return { samples: labels.map((set, index) => ({ labels: set, value: valueAt((ends[index] ?? 1) - 1) })) };
    },
    instants: async (questions, at) => {
      if (store.local === null) return questions.map(() => 'slow');
      const read = await store.local.vectors(questions, at);
      return read.map((one) => (one === 'slow' || 'error' in one ? one : toSamples(one)));
    },
  };
}

const NOTHING: InstantAnswer = { samples: [] };

function toSamples({ labels, values }: Vector): InstantAnswer {
  if (labels.length === 0) return NOTHING;
  return { samples: labels.map((set, index) => ({ labels: set, value: values[index] ?? Number.NaN })) };
}

function settingsOf({ timeout, lookback, signal }: QueryOptions): QuerySettings {
  return { signal, ...(timeout !== null && { timeout }), ...(lookback !== null && { lookback }) };
}

const ERROR_TYPES: Readonly<Record<Extract<StoreAnswer, { result: 'error' }>['error'], QueryErrorType>> = {
  'bad-query': 'bad_data',
  execution: 'execution',
  'too-many-samples': 'execution',
  timeout: 'timeout',
  canceled: 'canceled',
  unavailable: 'unavailable',
};

/** The store takes a range of one instant for an instant query, which may be more than a range query may. */
function whyNoRange(expr: string): QueryError | null {
  const { value } = parseExpr(expr);
  const type = value === null ? 'vector' : typeOf(value);
  if (type === 'vector' || type === 'scalar') return null;
  const shown = type === 'matrix' ? 'range vector' : type;
  return { errorType: 'bad_data', error: `invalid expression type "${shown}" for range query, must be Scalar or instant Vector` };
}

function toAnswer(answer: StoreAnswer, query: { readonly start: Millis; readonly isRange: boolean }): QueryAnswer {
  if (answer.result === 'error') return { errorType: ERROR_TYPES[answer.error], error: answer.message };
  const { warnings, infos, cost } = answer;
  if (answer.result === 'string') return { value: { resultType: 'string', time: query.start, value: answer.value }, warnings, infos, cost };
  const { series } = answer;
  if (answer.result === 'scalar' && !query.isRange) {
    return { value: { resultType: 'scalar', time: query.start, value: series.values[0] ?? Number.NaN }, warnings, infos, cost };
  }
  const starts = new Uint32Array(series.labels.length + 1);
  starts.set(series.ends.subarray(0, series.labels.length), 1);
  const found = series.histograms;
  const histograms = found === null ? undefined : Array.from(series.times, (_, place) => found.get(place) ?? null);
  const columns = { labels: series.labels, starts, times: series.times, values: series.values, histograms };
  return { value: { resultType: answer.result === 'vector' && !query.isRange ? 'vector' : 'matrix', columns }, warnings, infos, cost };
}

async function look<T>(question: SeriesQuestion, ask: (listing: Listing) => Promise<readonly T[]>): Promise<LookupAnswer<T>> {
  const { selectors, start, end } = question;
  const limit = question.limit === 0 ? Number.MAX_SAFE_INTEGER : question.limit;
  const answer = await answered(() => ask({ selectors, from: start, to: end, limit }));
  return 'error' in answer ? answer : { ...answer, warnings: [] };
}

async function answered<T>(ask: () => Promise<T>): Promise<QueryError | { readonly items: T }> {
  try {
    return { items: await ask() };
  } catch (error) {
    return { errorType: 'unavailable', error: error instanceof Error ? error.message : String(error) };
  }
}
