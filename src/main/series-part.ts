import type { Labels } from '../core/base/labels.ts';
import type { Millis } from '../core/base/time.ts';
import { bare } from '../core/promql/ast.ts';
import type { Matcher } from '../core/promql/matcher.ts';
import { parseExpr } from '../core/promql/parse-expr.ts';
import type { Listing } from '../io/series/messages.ts';
import type { QueryAnswer as StoreAnswer } from '../io/series/query-answer.ts';
import type { QuerySettings, SeriesStore } from '../io/series/store.ts';
import type {
  LookupAnswer,
  QueryAnswer,
  QueryError,
  QueryErrorType,
  QueryOptions,
  SeriesPart,
  SeriesQuestion,
} from '../server/prometheus-api/series-part.ts';
import type { SeriesReader } from '../world.ts';

/** The series store as the HTTP API asks it. */
export function seriesPart(store: SeriesStore): SeriesPart {
  return {
    write: async ({ body, encoding, source, protocol }) => {
      const outcome = await store.write(body, encoding, source, protocol);
      return outcome;
    },
    instant: async (expr, at, options) => toAnswer(await store.instant(expr, at, settingsOf(options)), { start: at, isRange: false }),
    range: async (expr, window, options) =>
      toAnswer(await store.range(expr, window, settingsOf(options)), { start: window.start, isRange: true }),
    series: (question) => look<Labels>(question, (listing) => store.series(listing)),
    labelNames: (question) => look(question, (listing) => store.labelNames(listing)),
    labelValues: (name, question) => look(question, (listing) => store.labelValues(name, listing)),
    status: async () => {
      const status = await store.status();
      return {
        numSeries: status.series,
        numLabelPairs: status.labelPairs,
        chunkCount: 0,
        minTime: status.oldestSample ?? 0,
        maxTime: status.newestSample ?? 0,
        seriesCountByMetricName: [],
        labelValueCountByLabelName: [],
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
      if (answer.result === 'string') return { error: 'a rule needs numbers, this is a text' };
      const { labels, values, ends } = answer.series;
      return { samples: labels.map((set, index) => ({ labels: set, value: values[(ends[index] ?? 1) - 1] ?? Number.NaN })) };
    },
  };
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
};

function toAnswer(answer: StoreAnswer, query: { readonly start: Millis; readonly isRange: boolean }): QueryAnswer {
  if (answer.result === 'error') return { errorType: ERROR_TYPES[answer.error], error: answer.message };
  const { warnings, infos } = answer;
  if (answer.result === 'string') return { value: { resultType: 'string', time: query.start, value: answer.value }, warnings, infos };
  const { series } = answer;
  if (answer.result === 'scalar' && !query.isRange) {
    return { value: { resultType: 'scalar', time: query.start, value: series.values[0] ?? Number.NaN }, warnings, infos };
  }
  const starts = new Uint32Array(series.labels.length + 1);
  starts.set(series.ends.subarray(0, series.labels.length), 1);
  const found = series.histograms;
  const histograms = found === null ? undefined : Array.from(series.times, (_, place) => found.get(place) ?? null);
  const columns = { labels: series.labels, starts, times: series.times, values: series.values, histograms };
  return { value: { resultType: answer.result === 'vector' ? 'vector' : 'matrix', columns }, warnings, infos };
}

async function look<T>(question: SeriesQuestion, ask: (listing: Listing) => Promise<readonly T[]>): Promise<LookupAnswer<T>> {
  const selectors: (readonly Matcher[])[] = [];
  for (const text of question.selectors) {
    const parsed = parseSelectorText(text);
    if ('error' in parsed) return parsed;
    selectors.push(parsed.matchers);
  }
  const limit = question.limit === 0 ? Number.MAX_SAFE_INTEGER : question.limit;
  return { items: await ask({ selectors, from: question.start, to: question.end, limit }), warnings: [] };
}

function parseSelectorText(text: string): QueryError | { readonly matchers: readonly Matcher[] } {
  const parsed = parseExpr(text);
  if (parsed.value === null) return { errorType: 'bad_data', error: `invalid parameter "match[]": ${parsed.problems[0]?.message ?? text}` };
  const expr = bare(parsed.value);
  if (expr.kind !== 'selector') return { errorType: 'bad_data', error: `invalid parameter "match[]": ${text} is no selector` };
  // Without what they were compiled to: a function cannot travel to the series thread.
  return { matchers: expr.matchers.map(({ name, op, value }) => ({ name, op, value })) };
}
