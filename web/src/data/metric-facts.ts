/** What is known of the labels of a metric: their values, most first. `more`: there are series that were not looked at. */
export interface MetricLabels {
  readonly labels: readonly { readonly name: string; readonly values: readonly string[] }[];
  readonly series: number;
  readonly more: boolean;
}

/** The series of a metric that are looked at for its labels. */
export const MOST_SERIES = 5000;

export function labelsOf(series: readonly unknown[]): MetricLabels {
  const found = new Map<string, Set<string>>();
  for (const labels of series) {
    if (!isObject(labels)) continue;
    for (const [name, value] of Object.entries(labels)) {
      if (name !== '__name__') found.set(name, (found.get(name) ?? new Set()).add(String(value)));
    }
  }
  const labels = [...found].map(([name, values]) => ({ name, values: [...values].sort() })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return { labels, series: series.length, more: series.length >= MOST_SERIES };
}

/** What the habits of naming say of a metric. */
export function typeByName(name: string): string {
  if (/_(total|count)$/.test(name)) return 'counter';
  if (name.endsWith('_bucket')) return 'histogram';
  if (name.endsWith('_info')) return 'info';
  return '';
}

export function countsOf(data: unknown): ReadonlyMap<string, number> {
  const listed: readonly unknown[] =
    isObject(data) && Array.isArray(data['seriesCountByMetricName']) ? data['seriesCountByMetricName'] : [];
  return new Map(listed.filter(isObject).map(({ name, value }) => [String(name), Number(value)]));
}

/** Histograms and summaries are described under the name without its ending. */
export function metadataOf(texts: Readonly<Record<string, unknown>>, name: string): { readonly type: string; readonly help: string } {
  const known = texts[name] ?? texts[name.replace(/_(count|sum|bucket|total)$/, '')];
  const first: unknown = Array.isArray(known) ? known[0] : null;
  if (!isObject(first)) return { type: '', help: '' };
  return { type: String(first['type'] ?? ''), help: String(first['help'] ?? '') };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
