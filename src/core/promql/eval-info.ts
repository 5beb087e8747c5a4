import { type Labels, NAME } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { type CallExpr, childrenOf, type Expr } from './ast.ts';
import { ABSENT, type Column, ColumnSet, FLOAT, HISTOGRAM, refuseDuplicate, withLabel } from './column.ts';
import { putElement } from './eval-element.ts';
import { evalSelector, fixedTime } from './eval-selector.ts';
import type { Evaluation } from './evaluation.ts';
import { infoMatchers } from './info-matchers.ts';
import type { CompiledMatcher } from './matcher.ts';
import { QueryError } from './query-error.ts';
import { showLabels } from './signature.ts';

/** The labels by which a series and the info series about its target are matched. */
const IDENTIFYING = ['instance', 'job'];

/** `info(v, {matchers})`: adds the labels of info series (`target_info` unless a name is asked for) about the same instance and job. */
export function evalInfo(evaluation: Evaluation, call: CallExpr): Column[] {
  const [vector] = call.args;
  if (vector === undefined) return [];
  const base = evaluation.columns(vector);
  const { names, labels: data } = infoMatchers(call);
  const infos = selectInfos(evaluation, call, [...names, ...data]);
  const results = new ColumnSet(evaluation.steps);
  for (const column of base) {
    evaluation.query.budget.check();
    // Info series are not enriched with one another.
    const isInfo = names.every((matcher) => matcher.test(column.labels[NAME] ?? ''));
    enrich(column, isInfo ? null : infos, data, results);
  }
  return results.filled;
}

/** The info series by name and identifying labels, each with the times of its samples. */
type Infos = ReadonlyMap<string, ReadonlyMap<string, readonly Column[]>>;

function selectInfos(evaluation: Evaluation, call: CallExpr, matchers: readonly CompiledMatcher[]): Infos {
  const { offset, fixed } = referenceOf(evaluation, call.args[0]);
  const at = fixed === null ? null : ({ kind: 'time', time: fixed } as const);
  const selector = { kind: 'selector', metric: '', matchers, offset, at, edges: 'plain', from: call.from, to: call.to } as const;
  const values = evalSelector(evaluation, selector);
  if (values.some((column) => column.histograms?.some((each, step) => each !== null && column.present[step] === HISTOGRAM))) {
    const wrong = values.find((column) => column.histograms !== null);
    throw new QueryError(`this should be an info metric, with float samples: ${showLabels(wrong?.labels ?? {})}`);
  }
  const infos = new Map<string, Map<string, Column[]>>();
  for (const column of evalSelector(evaluation, selector, 'time')) {
    const name = column.labels[NAME] ?? '';
    const key = identity(column.labels);
    // What names no target tells nothing about one.
    if (key === NOBODY) continue;
    let byIdentity = infos.get(name);
    if (byIdentity === undefined) {
      byIdentity = new Map();
      infos.set(name, byIdentity);
    }
    byIdentity.set(key, [...(byIdentity.get(key) ?? []), column]);
  }
  return infos;
}

function identity(labels: Labels): string {
  return IDENTIFYING.map((name) => labels[name] ?? '').join('\xff');
}

const NOBODY = identity({});

/** As of when info series are read: shifted and fixed like the first selector of the argument. */
function referenceOf(evaluation: Evaluation, arg: Expr | undefined): { readonly offset: Millis; readonly fixed: Millis | null } {
  let offset = 0;
  let fixed: Millis | null = null;
  const visit = (expr: Expr): boolean => {
    const before = { offset, fixed };
    if (expr.kind === 'selector' || expr.kind === 'subquery') {
      const own = fixedTime(evaluation, expr.at);
      offset = (own === null ? offset : 0) + evaluation.length(expr.offset);
      fixed = own ?? fixed;
      if (expr.kind === 'selector') return true;
    }
    if (childrenOf(expr).some(visit)) return true;
    ({ offset, fixed } = before);
    return false;
  };
  if (arg !== undefined) visit(arg);
  return { offset, fixed };
}

function enrich(column: Column, infos: Infos | null, data: readonly CompiledMatcher[], results: ColumnSet): void {
  const wanted = new Set(data.map((matcher) => matcher.name));
  const cache = new Map<string, Labels>();
  const candidates = infos === null ? [] : [...infos.values()].map((byIdentity) => byIdentity.get(identity(column.labels)) ?? []);
  for (const [step, kind] of column.present.entries()) {
    if (kind === ABSENT) continue;
    const chosen = candidates.map((columns) => newestAt(columns, step)).filter((found) => found !== null);
    if (infos !== null && chosen.length === 0 && data.some((matcher) => !matcher.test(''))) continue;
    const key = chosen.map((info) => info.id).join();
    let labels = cache.get(key);
    if (labels === undefined) {
      labels = withInfoLabels(
        column.labels,
        chosen.map((info) => info.column.labels),
        wanted,
      );
      cache.set(key, labels);
    }
    const result = results.column(labels, column.dropName);
    if (result.present[step] !== ABSENT) refuseDuplicate();
    putElement(result, step, {
      value: column.values[step] ?? 0,
      histogram: kind === HISTOGRAM ? (column.histograms?.[step] ?? null) : null,
    });
  }
}

/** The info series with the newest sample at a step; two of the same age contradict each other. */
function newestAt(columns: readonly Column[], step: number): { readonly column: Column; readonly id: number } | null {
  let newest: { readonly column: Column; readonly id: number } | null = null;
  for (const [id, column] of columns.entries()) {
    if (column.present[step] !== FLOAT) continue;
    const time = column.values[step] ?? 0;
    const best = newest?.column.values[step] ?? Number.NEGATIVE_INFINITY;
    if (newest !== null && time === best) {
      const [existing, other] = [newest.column, column].map((each) => `${showLabels(each.labels)} @ ${Math.round(time * 1000)}`);
      throw new QueryError(`found duplicate series for info metric: existing ${existing}, new ${other}`);
    }
    if (time > best) newest = { column, id };
  }
  return newest;
}

function withInfoLabels(base: Labels, infos: readonly Labels[], wanted: ReadonlySet<string>): Labels {
  const added = new Map<string, string>();
  for (const info of infos) {
    for (const [name, value] of Object.entries(info)) {
      if (name === NAME || (wanted.size > 0 && !wanted.has(name))) continue;
      const known = added.get(name);
      if (known !== undefined && known !== value) throw new QueryError(`conflicting label: ${name}`);
      if (base[name] === undefined) added.set(name, value);
    }
  }
  let labels = base;
  for (const [name, value] of added) labels = withLabel(labels, name, value);
  return labels;
}
