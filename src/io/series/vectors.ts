import type { Labels } from '../../core/base/labels.ts';
import type { Millis } from '../../core/base/time.ts';
import { evaluate } from '../../core/promql/evaluate.ts';
import type { StopReason } from '../../core/promql/query-error.ts';
import type { QueryResult } from '../../core/promql/result.ts';
import { isWorth } from '../../core/rules/meets.ts';
import type { Condition } from '../../core/rules/rule.ts';

import { pauses } from './pauses.ts';
import { type BoundedSource, parseKept } from './query.ts';
import { DEFAULT_QUERY_LIMITS } from './query-answer.ts';
import { conditionsOf, type VectorAsks, type VectorColumns } from './vector-asks.ts';

/** A query that looks at no more, and takes no longer (ms), is answered in the series thread. */
export const SMALL_SAMPLES = 200_000;
export const SMALL_TIME = 15;
/** The clock is looked at every so many series. */
const CLOCK_EVERY = 16;
/** A rule that gives a text cannot be judged. */
export const NO_NUMBERS = 'a rule needs numbers, this is a text';

/** Answers instant vectors one after the other; others have their turn between them. */
export async function answerVectors(source: () => BoundedSource, { exprs, bounds, at }: VectorAsks): Promise<VectorColumns> {
  const answers = new Answers(exprs.length);
  const pause = pauses();
  for (const [index, expr] of exprs.entries()) {
    answers.next();
    try {
      answerOne(source(), expr, { at, worth: conditionsOf(bounds, index), answers });
    } catch (error) {
      answers.fail(error instanceof Error ? error.message : String(error));
    }
    const pausing = pause();
    if (pausing !== null) await pausing;
  }
  return answers.columns;
}

interface Wanted {
  readonly at: Millis;
  readonly worth: readonly Condition[] | null;
  readonly answers: Answers;
}

function answerOne(source: BoundedSource, text: string, { at, worth, answers }: Wanted): void {
  const parsed = parseKept(text);
  if ('message' in parsed) return answers.fail(parsed.message);
  const deadline = performance.now() + SMALL_TIME;
  let looks = 0;
  // It is asked about for every series; the samples together are bounded, too.
  const stop = (): StopReason => (++looks % CLOCK_EVERY === 0 && performance.now() > deadline ? 'timeout' : null);
  source.sampleLimit = SMALL_SAMPLES;
  source.stop = stop;
  const { lookback } = DEFAULT_QUERY_LIMITS;
  const outcome = evaluate(parsed.expr, source, { start: at, end: at, step: 0 }, { text, lookback, maxSamples: SMALL_SAMPLES, stop });
  if (outcome.ok) answers.take(outcome.result, worth);
  else if (outcome.failure === 'too-many-samples' || outcome.failure === 'timeout') answers.slow();
  else answers.fail(outcome.message);
}

class Answers {
  private readonly ends: Uint32Array;
  private readonly values: number[] = [];
  private readonly labels: Labels[] = [];
  private readonly failed: [number, string][] = [];
  private readonly slowOnes: number[] = [];
  private current = -1;

  constructor(count: number) {
    this.ends = new Uint32Array(count);
  }

  /** What is said from now on is about the next expression. */
  next(): void {
    this.current += 1;
    this.ends[this.current] = this.values.length;
  }

  fail(message: string): void {
    this.failed.push([this.current, message]);
  }

  slow(): void {
    this.slowOnes.push(this.current);
  }

  take(result: QueryResult, worth: readonly Condition[] | null): void {
    if (result.type === 'string') return this.fail(NO_NUMBERS);
    if (result.type === 'scalar') this.add({}, result.value, worth);
    else {
      for (const { labels, values, histograms } of result.series) {
        // Of a range expression the last sample counts.
        const last = values.length - 1;
        const isHistogram = (histograms?.[last] ?? null) !== null;
        this.add(labels, isHistogram ? Number.NaN : (values[last] ?? Number.NaN), worth);
      }
    }
    this.ends[this.current] = this.values.length;
  }

  private add(labels: Labels, value: number, worth: readonly Condition[] | null): void {
    if (!isWorth(worth, value)) return;
    this.values.push(value);
    this.labels.push(labels);
  }

  get columns(): VectorColumns {
    const { ends, values, labels, failed, slowOnes } = this;
    return { ends, values: Float64Array.from(values), labels, failed, slow: slowOnes };
  }
}
