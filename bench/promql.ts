import type { Labels } from '../src/core/base/labels.ts';
import { evaluate } from '../src/core/promql/evaluate.ts';
import type { Grid } from '../src/core/promql/evaluation.ts';
import { type CompiledMatcher, matchesLabels } from '../src/core/promql/matcher.ts';
import { parseExpr } from '../src/core/promql/parse-expr.ts';
import type { SelectedSeries, SeriesSource } from '../src/core/promql/source.ts';

/** What the query engine alone costs, on samples that are already decoded: `node bench/promql.ts`. CPU milliseconds, the best of several runs. */
const DAY = 86_400_000;
const END = 1_760_000_000_000;
const STEP = 15_000;

class Columns implements SeriesSource {
  readonly #series: SelectedSeries[] = [];

  add(labels: Labels, from: number, value: (at: number) => number): void {
    const count = Math.floor((END - from) / STEP) + 1;
    const times = Float64Array.from({ length: count }, (_, at) => from + at * STEP);
    this.#series.push({ labels, times, values: times.map((_, at) => value(at)) });
  }

  select(matchers: readonly CompiledMatcher[], from: number, to: number): readonly SelectedSeries[] {
    const found: SelectedSeries[] = [];
    for (const series of this.#series) {
      if (!matchesLabels(matchers, series.labels)) continue;
      const first = series.times[0] ?? 0;
      const low = Math.max(0, Math.ceil((from - first) / STEP));
      const high = Math.min(series.times.length, Math.floor((to - first) / STEP) + 1);
      if (high > low)
        found.push({ labels: series.labels, times: series.times.subarray(low, high), values: series.values.subarray(low, high) });
    }
    return found;
  }
}

function load(): Columns {
  const source = new Columns();
  for (let index = 0; index < 250; index += 1) {
    source.add({ __name__: 'requests_total', instance: `host-${index}`, job: 'web' }, END - 1.1 * DAY, (at) => at * (1 + (index % 7)));
  }
  for (let index = 0; index < 2_000; index += 1) {
    const labels = { __name__: 'load', instance: `host-${index % 500}`, cpu: `${index % 4}` };
    source.add(labels, END - 1.05 * DAY, (at) => Math.sin(at / 50 + index) * 100);
  }
  for (let index = 0; index < 8_000; index += 1) {
    source.add({ __name__: `metric_${index % 1_000}`, instance: `host-${Math.floor(index / 1_000)}` }, END - 600_000, (at) => at + index);
  }
  return source;
}

interface Row {
  readonly name: string;
  readonly text: string;
  readonly grid: Grid;
}

const instant: Grid = { start: END, end: END, step: 0 };
const day = (step: number): Grid => ({ start: END - DAY, end: END, step });
const ROWS: readonly Row[] = [
  { name: 'instant rate over 250 series', text: 'rate(requests_total[5m])', grid: instant },
  { name: 'instant avg_over_time 1h over 2 000 series', text: 'avg_over_time(load[1h])', grid: instant },
  { name: 'range 24 h at 5m, rate and sum of 250', text: 'sum(rate(requests_total[5m]))', grid: day(300_000) },
  { name: 'range 24 h at 1m, max_over_time of 250', text: 'max_over_time(requests_total[5m])', grid: day(60_000) },
  { name: 'range 24 h at 1m, max_over_time 6h of 250', text: 'max_over_time(requests_total[6h])', grid: day(60_000) },
  { name: 'range 24 h at 5m, quantile over 2 000', text: 'quantile(0.9, load)', grid: day(300_000) },
  { name: 'range 24 h at 5m, sum by of 2 000', text: 'sum by (cpu) (load)', grid: day(300_000) },
  { name: 'range 24 h at 5m, 2 000 / on() of 2 000', text: 'load / on(instance, cpu) load', grid: day(300_000) },
];

function milliseconds(run: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round += 1) {
    const before = process.cpuUsage();
    run();
    const used = process.cpuUsage(before);
    best = Math.min(best, (used.user + used.system) / 1000);
  }
  return best;
}

const source = load();
for (const { name, text, grid } of ROWS) {
  const { value } = parseExpr(text);
  if (value === null) throw new Error(text);
  const evaluated = milliseconds(() => void evaluate(value, source, grid, { text }));
  console.log(`${name.padEnd(44)} ${evaluated.toFixed(1).padStart(7)} ms`);
}
const rules = Array.from({ length: 1_000 }, (_, index) => parseExpr(`sum by (instance) (metric_${index}) / 2 > 1e9`).value);
const single = new Map<string, Columns>();
for (let index = 0; index < 1_000; index += 1) {
  const columns = new Columns();
  for (let host = 0; host < 8; host += 1) columns.add({ __name__: `metric_${index}`, instance: `host-${host}` }, END - 600_000, (at) => at);
  single.set(`metric_${index}`, columns);
}
const cost = milliseconds(() => {
  for (const [index, rule] of rules.entries()) {
    const columns = single.get(`metric_${index}`);
    if (rule !== null && columns !== undefined) evaluate(rule, columns, instant);
  }
});
console.log(`${'1 000 alert rules over 8 series each'.padEnd(44)} ${cost.toFixed(1).padStart(7)} ms`);
