import { childrenOf, type Expr } from './ast.ts';
import { detectedHint } from './histogram-reset.ts';
import type { Histogram } from './histogram.ts';
import type { SelectedSeries } from './source.ts';

const COUNTING: ReadonlySet<string> = new Set(['histogram_count', 'histogram_sum', 'histogram_avg']);
const WHOLE: ReadonlySet<string> = new Set(['histogram_quantile', 'histogram_quantiles', 'histogram_fraction']);

/**
 * The selectors under `histogram_count`, `_sum` or `_avg` with nothing above them that needs the buckets (a subquery, a trim, a quantile or
 * fraction): only there Prometheus finds out resets early.
 */
export function countedSelectors(root: Expr): ReadonlySet<Expr> {
  let found = known.get(root);
  if (found === undefined) {
    found = findCounted(root);
    known.set(root, found);
  }
  return found;
}

const known = new WeakMap<Expr, ReadonlySet<Expr>>();

function findCounted(root: Expr): ReadonlySet<Expr> {
  const found = new Set<Expr>();
  const visit = (expr: Expr, counted: boolean): void => {
    if (expr.kind === 'subquery' || (expr.kind === 'binary' && (expr.op === '</' || expr.op === '>/'))) return;
    if (expr.kind === 'call' && WHOLE.has(expr.name)) return;
    if (expr.kind === 'selector') {
      if (counted) found.add(expr);
      return;
    }
    const below = expr.kind === 'call' ? counted || COUNTING.has(expr.name) : counted;
    for (const child of childrenOf(expr)) visit(child, below);
  };
  visit(root, false);
  return found;
}

/** The series with every hint that can be found out by comparison with the histogram before. */
export function withDetectedHints(series: SelectedSeries): SelectedSeries {
  if (series.histograms === undefined) return series;
  let previous: Histogram | null = null;
  const histograms = series.histograms.map((histogram) => {
    if (histogram === null) return null;
    const hint = detectedHint(previous, histogram);
    previous = histogram;
    return hint === histogram.hint ? histogram : { ...histogram, hint };
  });
  return { ...series, histograms };
}
