import { formatProblem } from '../../core/base/problem.ts';
import type { Expr } from '../../core/promql/ast.ts';
import { evaluate } from '../../core/promql/evaluate.ts';
import type { Histogram } from '../../core/promql/histogram.ts';
import { parseExpr } from '../../core/promql/parse-expr.ts';
import type { ResultSeries } from '../../core/promql/result.ts';
import type { StopReason } from '../../core/promql/query-error.ts';
import type { SeriesSource } from '../../core/promql/source.ts';
import type { TierNotes } from '../../core/series/tiers/tier-notes.ts';
import type { QueryAsk } from './messages.ts';
import type { QueryAnswer, SeriesColumns } from './query-answer.ts';

/** An answer and the memory that goes with it to the other thread. */
interface Answered {
  readonly answer: QueryAnswer;
  readonly transfer: readonly ArrayBuffer[];
}

/** A source that can be told how much it may look at, and whether the query is still wanted. */
export interface BoundedSource extends SeriesSource {
  sampleLimit: number;
  stop?: () => StopReason;
  /** From what its selections were answered. */
  readonly notes: TierNotes;
}

/** Evaluates a query, within its limits; no selector looks at more samples than `looks`. */
export function runQuery(source: BoundedSource, ask: QueryAsk, looks = ask.options.samples): Answered {
  const { expr: text, start, end, step, options } = ask;
  const began = performance.now();
  const parsed = parseKept(text);
  if ('message' in parsed) return plain({ result: 'error', error: 'bad-query', message: parsed.message });
  const flag = options.cancel === null ? null : new Int32Array(options.cancel);
  const prepared = performance.now();
  const deadline = prepared + options.timeout;
  const stop = (): 'canceled' | 'timeout' | null => {
    if (flag !== null && Atomics.load(flag, 0) === 1) return 'canceled';
    return performance.now() > deadline ? 'timeout' : null;
  };
  const { lookback, samples } = options;
  source.sampleLimit = looks;
  source.stop = stop;
  source.notes.clear();
  const outcome = evaluate(parsed.expr, source, { start, end, step }, { text, lookback, maxSamples: samples, stop });
  if (!outcome.ok) return plain({ result: 'error', error: outcome.failure, message: outcome.message });
  const { result, warnings, samples: touched, peak } = outcome;
  const { tiers } = source.notes;
  const infos = [...outcome.infos, ...source.notes.infos];
  const cost = { tiers, samples: touched, peak, preparing: prepared - began, evaluating: performance.now() - prepared };
  if (result.type === 'string') return plain({ result: 'string', value: result.value, warnings, infos, cost });
  const series = result.type === 'scalar' ? scalarColumns(result.time, result.value) : toColumns(result.series);
  const { buffer } = series.times;
  // What is small is copied sooner than moved.
  const transfer = buffer instanceof ArrayBuffer && buffer.byteLength > COPIED_BYTES ? [buffer] : [];
  return { answer: { result: result.type, series, warnings, infos, cost }, transfer };
}

const COPIED_BYTES = 2_048;
const KEPT_LIMIT = 20_000;
const KEPT_LENGTH = 4_096;
const kept = new Map<string, KeptExpr>();

/** A parsed expression, or what is wrong with its text. */
type KeptExpr = { readonly expr: Expr } | { readonly message: string };

/** Rules and dashboards ask the same again and again; an expression never changes. */
export function parseKept(text: string): KeptExpr {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const { value, problems } = parseExpr(text);
  const parsed = value === null ? { message: problems.map(formatProblem).join('\n') } : { expr: value };
  if (kept.size >= KEPT_LIMIT) kept.clear();
  if (text.length <= KEPT_LENGTH) kept.set(text, parsed);
  return parsed;
}

function plain(answer: QueryAnswer): Answered {
  return { answer, transfer: [] };
}

function scalarColumns(time: number, value: number): SeriesColumns {
  return { labels: [{}], ends: Uint32Array.of(1), times: Float64Array.of(time), values: Float64Array.of(value), histograms: null };
}

function toColumns(list: readonly ResultSeries[]): SeriesColumns {
  let size = 0;
  for (const { times } of list) size += times.length;
  // One piece of memory: each piece costs when it goes to another thread.
  const room = new ArrayBuffer(size * 16 + list.length * 4);
  const times = new Float64Array(room, 0, size);
  const values = new Float64Array(room, size * 8, size);
  const ends = new Uint32Array(room, size * 16, list.length);
  const histograms = new Map<number, Histogram>();
  let at = 0;
  for (const [index, series] of list.entries()) {
    for (let i = 0; i < series.times.length; i += 1) {
      if (series.present[i] === 0) continue;
      const histogram = series.histograms?.[i] ?? null;
      if (histogram !== null) histograms.set(at, histogram);
      times[at] = series.times[i] ?? 0;
      values[at] = series.values[i] ?? 0;
      at += 1;
    }
    ends[index] = at;
  }
  const whole = { times: times.subarray(0, at), values: values.subarray(0, at) };
  return { labels: list.map(({ labels }) => labels), ends, ...whole, histograms: histograms.size === 0 ? null : histograms };
}
