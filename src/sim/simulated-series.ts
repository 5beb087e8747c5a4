import type { Labels } from '../core/base/labels.ts';
import { labelsKey } from '../core/base/labels.ts';
import type { Millis } from '../core/base/time.ts';
import { evaluate } from '../core/promql/evaluate.ts';
import { MemorySource } from '../core/promql/memory-source.ts';
import { parseExpr } from '../core/promql/parse-expr.ts';
import { isWorth } from '../core/rules/meets.ts';
import type { InstantAnswer, Question } from '../world.ts';

/** From a moment on a series has this value; null: it has none any more. */
export interface Move {
  readonly at: Millis;
  readonly value: number | null;
}

interface Script {
  readonly labels: Labels;
  moves: Move[];
}

/** Series that follow a script: a sample at every step, asked with the real query engine. */
export class SimulatedSeries {
  readonly #step: Millis;
  readonly #source = new MemorySource();
  readonly #scripts = new Map<string, Script>();
  #fedUntil: Millis;

  constructor(start: Millis, step: Millis) {
    this.#step = step;
    this.#fedUntil = start - step;
  }

  /** What was said of the series before stays true until the first of the new moves. */
  script(labels: Labels, moves: readonly Move[]): void {
    const script = this.#scripts.get(labelsKey(labels)) ?? { labels, moves: [] };
    const first = moves[0]?.at ?? 0;
    script.moves = [...script.moves.filter((move) => move.at < first), ...moves];
    this.#scripts.set(labelsKey(labels), script);
  }

  instant(expr: string, at: Millis): InstantAnswer {
    this.#feed(at);
    const parsed = parseExpr(expr);
    if (parsed.value === null) return { error: parsed.problems[0]?.message ?? 'bad expression' };
    const outcome = evaluate(parsed.value, this.#source, { start: at, end: at, step: 0 }, { text: expr });
    if (!outcome.ok) return { error: outcome.message };
    const { result } = outcome;
    if (result.type === 'scalar') return { samples: [{ labels: {}, value: result.value }] };
    if (result.type !== 'vector') return { error: `a rule needs a vector, this is a ${result.type}` };
    return { samples: result.series.map((series) => ({ labels: series.labels, value: series.values[0] ?? Number.NaN })) };
  }

  #feed(until: Millis): void {
    for (let at = this.#fedUntil + this.#step; at <= until; at += this.#step) {
      for (const { labels, moves } of this.#scripts.values()) {
        const move = moves.findLast((candidate) => candidate.at <= at);
        if (move === undefined) continue;
        if (move.value !== null) this.#source.append(labels, { time: at, value: move.value });
        else if (at - move.at < this.#step) this.#source.append(labels, { time: at, value: 'stale' });
      }
      this.#fedUntil = at;
    }
  }
}

/** Only what is asked for. */
export function answerQuestion(series: Pick<SimulatedSeries, 'instant'>, { expr, worth }: Question, at: Millis): InstantAnswer {
  const answer = series.instant(expr, at);
  return 'error' in answer ? answer : { samples: answer.samples.filter(({ value }) => isWorth(worth, value)) };
}
