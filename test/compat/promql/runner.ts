import { type Labels, labelsKey } from '../../../src/core/base/labels.ts';
import { formatProblem } from '../../../src/core/base/problem.ts';
import type { Expr } from '../../../src/core/promql/ast.ts';
import { compareLabels } from '../../../src/core/promql/column.ts';
import { evaluate } from '../../../src/core/promql/evaluate.ts';
import type { Grid } from '../../../src/core/promql/evaluation.ts';
import { formatExpr } from '../../../src/core/promql/format-expr.ts';
import { storedHint } from '../../../src/core/promql/histogram-reset.ts';
import type { Histogram } from '../../../src/core/promql/histogram.ts';
import { MemorySource } from '../../../src/core/promql/memory-source.ts';
import { parseExpr } from '../../../src/core/promql/parse-expr.ts';
import type { QueryOutcome } from '../../../src/core/promql/result.ts';
import { pinExpr } from './pin.ts';
import { almostEqual, compareMatrix, compareVector, samplesOf } from './compare.ts';
import { toCustomBuckets } from './custom-buckets.ts';
import { type EvalCommand, type Expectation, type LoadCommand, parseTestFile } from './language.ts';
import type { SeriesSource } from '../../../src/core/promql/source.ts';

/** Where the samples of a test go and come from: the in-memory source, or a real store. */
export interface TestStore {
  readonly source: SeriesSource;
  append(labels: Labels, sample: { readonly time: number; readonly value: number | Histogram | 'stale'; readonly startTime: number }): void;
  /** All samples of a load command were given. */
  commit(): void;
  clear(): void;
}

/** One evaluation that did not give what its file expects. */
interface Failure {
  readonly line: number;
  readonly expr: string;
  readonly why: string;
}

export interface FileReport {
  readonly passed: number;
  readonly failures: readonly Failure[];
  /** How many evaluations that took: each instant case is also run pinned to its time, and as a range. */
  readonly evaluations: number;
}

/** The in-memory source as a test store. */
export function memoryStore(): TestStore {
  const source = new MemorySource();
  return { source, append: (labels, sample) => source.append(labels, sample), commit: () => {}, clear: () => source.clear() };
}

/** Runs a file of Prometheus' test language, the way the original runner repeats its cases. */
export function runTestFile(text: string, store: TestStore = memoryStore()): FileReport {
  const run = new Run(store);
  for (const command of parseTestFile(text)) {
    if (command.kind === 'clear') run.clear();
    else if (command.kind === 'load') run.load(command);
    else run.eval(command);
  }
  return { passed: run.passed, failures: run.failures, evaluations: run.evaluations };
}

const MAX_SAMPLES = 1_000_000;
const MINUTE = 60_000;

class Run {
  readonly failures: Failure[] = [];
  passed = 0;
  evaluations = 0;
  readonly #store: TestStore;
  readonly #previous = new Map<string, Histogram>();

  constructor(store: TestStore) {
    this.#store = store;
    store.clear();
  }

  clear(): void {
    this.#store.clear();
    this.#previous.clear();
  }

  load(command: LoadCommand): void {
    const all = command.customBuckets ? [...command.series, ...toCustomBuckets(command.series)] : command.series;
    // A series that is described twice is the last description.
    const last = new Map(all.map((line, at) => [labelsKey(line.labels), { ...line, place: at }]));
    for (const [key, { labels, values, place }] of last) {
      const startOf = startTimes(command, key, place);
      for (const [at, value] of values.entries()) {
        if (value.kind === 'none') continue;
        const time = at * command.step;
        const offset = startOf(at);
        const startTime = offset === null ? 0 : time + offset;
        if (value.kind === 'histogram') {
          const stored = { ...value.value, hint: storedHint(this.#previous.get(key) ?? null, value.value) };
          this.#previous.set(key, stored);
          this.#store.append(labels, { time, value: stored, startTime });
        } else {
          this.#previous.delete(key);
          this.#store.append(labels, { time, value: value.kind === 'stale' ? 'stale' : value.value, startTime });
        }
      }
    }
    this.#store.commit();
  }

  eval(command: EvalCommand): void {
    let why: string | null;
    try {
      why = command.instant ? this.#instant(command) : this.#check(command, command.expr, command);
    } catch (error) {
      why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
    if (why === null) this.passed += 1;
    else this.failures.push({ line: command.line, expr: command.expr, why });
  }

  #run(text: string, grid: Grid): QueryOutcome | string {
    const { value, problems } = parseExpr(text);
    if (value === null) return problems.map(formatProblem).join('; ');
    this.evaluations += 1;
    return evaluate(value, this.#store.source, grid, { text, maxSamples: MAX_SAMPLES });
  }

  #instant(command: EvalCommand): string | null {
    for (const { text, time } of pinned(command)) {
      const where = text === command.expr ? '' : `as ${text} at ${time / 1000}: `;
      const why = this.#check({ ...command, start: time, end: time }, text, { start: time, end: time, step: 0 });
      if (why !== null) return where + why;
      if (
        command.ordered ||
        dependsOnRange(text) ||
        command.matrix !== null ||
        command.string !== null ||
        command.expectations.some((each) => each.kind === 'fail')
      )
        continue;
      const inRange = this.#middleOfRange(command, text, time);
      if (inRange !== null) return `${where}in a range query: ${inRange}`;
    }
    return null;
  }

  #middleOfRange(command: EvalCommand, text: string, time: number): string | null {
    const outcome = this.#run(text, { start: time - MINUTE, end: time + MINUTE, step: MINUTE });
    if (typeof outcome === 'string') return outcome;
    if (!outcome.ok) return outcome.message;
    if (outcome.result.type !== 'matrix') return `a ${outcome.result.type}`;
    const { series } = outcome.result;
    for (const [at, each] of series.entries()) {
      const next = series[at + 1];
      if (next !== undefined && compareLabels(each.labels, next.labels) >= 0) return 'not sorted by labels';
    }
    const samples = series.flatMap(samplesOf).filter((sample) => sample.time === time);
    if (command.scalar !== null) return almostEqual(command.scalar, samples[0]?.value ?? Number.NaN) ? null : `got ${samples[0]?.value}`;
    return compareVector(command.series, samples, false);
  }

  /** Evaluates once and compares the result and its notes. */
  #check(command: EvalCommand, text: string, grid: Grid): string | null {
    const outcome = this.#run(text, grid);
    const fails = command.expectations.filter((each) => each.kind === 'fail');
    const message = typeof outcome === 'string' ? outcome : outcome.ok ? null : outcome.message;
    if (message !== null) {
      if (fails.length === 0) return message;
      const wrong = fails.find((each) => !matches(each, message));
      return wrong === undefined ? null : `expected failure ${wrong.message ?? wrong.pattern?.source}, got: ${message}`;
    }
    if (fails.length > 0) return 'expected a failure';
    if (typeof outcome === 'string' || !outcome.ok) return 'no result';
    return compareResult(command, outcome) ?? checkNotes(command.expectations, outcome);
  }
}

/** Does the expression ask for the bounds or the step of the query itself, which differ in a range query? */
function dependsOnRange(text: string): boolean {
  return /(?:start|end|step|range)\(\)/i.test(text);
}

/** The start time of each sample of a series relative to it: its own, or those that stand for all series below them. */
function startTimes({ starts, series }: LoadCommand, key: string, place: number): (at: number) => number | null {
  const own = starts.findLast(({ labels }) => labels !== null && labelsKey(labels) === key);
  if (own !== undefined) return (at) => own.offsets[at] ?? null;
  const common = place < series.length ? starts.findLast(({ labels, after }) => labels === null && after <= place) : undefined;
  return (at) => common?.offsets[at % common.offsets.length] ?? null;
}

function compareResult(command: EvalCommand, outcome: Extract<QueryOutcome, { ok: true }>): string | null {
  const { result } = outcome;
  if (command.string !== null) return result.type === 'string' && result.value === command.string ? null : `got ${JSON.stringify(result)}`;
  if (command.scalar !== null) {
    return result.type === 'scalar' && almostEqual(command.scalar, result.value)
      ? null
      : `expected ${command.scalar}, got ${JSON.stringify(result)}`;
  }
  if (result.type === 'matrix') return compareMatrix(command.series, command.matrix ?? command, result.series);
  if (result.type === 'vector') return compareVector(command.series, result.series.flatMap(samplesOf), command.ordered);
  return `got a ${result.type}`;
}

function matches(expected: Expectation, text: string): boolean {
  if (expected.message !== null) return expected.message === text;
  return expected.pattern === null || expected.pattern.test(text);
}

function checkNotes(expectations: readonly Expectation[], outcome: Extract<QueryOutcome, { ok: true }>): string | null {
  for (const kind of ['warn', 'info'] as const) {
    const notes = kind === 'warn' ? outcome.warnings : outcome.infos;
    if (expectations.some((each) => each.kind === `no_${kind}`) && notes.length > 0) return `unexpected ${kind}: ${notes.join('; ')}`;
    const wanted = expectations.filter((each) => each.kind === kind);
    if (wanted.length === 0) continue;
    const missing = wanted.find((each) => !notes.some((note) => matches(each, note)));
    if (missing !== undefined)
      return `missing ${kind} ${missing.message ?? missing.pattern?.source ?? ''}, got: ${notes.join('; ') || 'none'}`;
    const surplus = notes.find((note) => !wanted.some((each) => matches(each, note)));
    if (surplus !== undefined) return `unexpected ${kind}: ${surplus}`;
  }
  return null;
}

/** The case itself, and the same expression with every selector pinned to its time, at other times. */
function pinned(command: EvalCommand): { readonly text: string; readonly time: number }[] {
  const cases = [{ text: command.expr, time: command.start }];
  const { value } = parseExpr(command.expr);
  const expr: Expr | null = value === null ? null : pinExpr(value, command.start);
  if (expr === null) return cases;
  const text = formatExpr(expr);
  const time = command.start;
  const times = time === 0 ? [-1000, 0, 1000] : [-10 * time, 0, Math.trunc(time / 5), time, 10 * time];
  for (const each of times) cases.push({ text, time: each });
  return cases;
}
