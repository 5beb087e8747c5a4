type Labels = Readonly<Record<string, string>>;

const PLAIN = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

/** A series as PromQL selects it: `up{job="node"}`; without name and labels `{}`. */
export function seriesName(labels: Labels): string {
  const { __name__: metric = '', ...rest } = labels;
  const isPlain = metric !== '' && PLAIN.test(metric);
  const pairs = Object.entries(rest)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${PLAIN.test(name) ? name : quote(name)}=${quote(value)}`);
  if (metric !== '' && !isPlain) pairs.unshift(quote(metric));
  if (pairs.length === 0) return isPlain ? metric : '{}';
  return `${isPlain ? metric : ''}{${pairs.join(', ')}}`;
}

/** The selector of one metric, whatever stands in its name. */
export function metricSelector(metric: string): string {
  return seriesName({ __name__: metric });
}

/** A text as PromQL quotes it. */
function quote(text: string): string {
  return JSON.stringify(text);
}

/** Whether a query is no more than a selector of series: choosing another one means to look at that instead. */
export function isBareSelector(expr: string): boolean {
  return /^\s*(?:[a-zA-Z_:][a-zA-Z0-9_:]*\s*(?:\{[^{}]*\})?|\{[^{}]*\})\s*$/.test(expr);
}
