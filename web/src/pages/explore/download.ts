import { csvText } from '../../parts/csv-cell.ts';
import { saveFile } from '../../parts/save-file.ts';
import type { RangeAnswer, Row } from './answer.ts';
import { seriesName } from '../../parts/series-name.ts';

/** What is shown of one query, for a file. */
export interface Shown {
  readonly letter: string;
  readonly expr: string;
  readonly range: RangeAnswer | null;
  readonly rows: readonly Row[] | null;
}

/** Over time: a column a series. At one moment: a column a label, a line a series. */
export function toCsv(shown: readonly Shown[]): string {
  return csvText(shown.some(({ range }) => range !== null) ? overTime(shown) : atOnce(shown));
}

function overTime(shown: readonly Shown[]): (string | number | null)[][] {
  const columns = shown.flatMap(({ letter, range }) =>
    (range?.tracks ?? []).map(({ labels, values, histograms }) => ({
      name: shown.length > 1 ? `${letter} ${seriesName(labels)}` : seriesName(labels),
      values: histograms === null ? values : histograms.map((one, index) => one?.count ?? values[index] ?? null),
    })),
  );
  const at = shown.find(({ range }) => range !== null)?.range?.at ?? [];
  return [
    ['time', ...columns.map(({ name }) => name)],
    ...at.map((seconds, index) => [new Date(seconds * 1000).toISOString(), ...columns.map(({ values }) => values[index] ?? null)]),
  ];
}

function atOnce(shown: readonly Shown[]): (string | number | null)[][] {
  const names = [...new Set(shown.flatMap(({ rows }) => (rows ?? []).flatMap(({ labels }) => Object.keys(labels))))].sort();
  const lines = shown.flatMap(({ letter, rows }) =>
    (rows ?? []).map(({ labels, text, histogram }) => [
      letter,
      ...names.map((name) => labels[name] ?? null),
      // A number stays a number for a spreadsheet, whatever its sign.
      histogram === null ? (Number.isFinite(Number(text)) && text !== '' ? Number(text) : text) : histogram.count,
    ]),
  );
  return [['query', ...names, 'value'], ...lines];
}

export function toJson(shown: readonly Shown[]): string {
  const queries = shown.map(({ letter, expr, range, rows }) => ({
    query: letter,
    expr,
    result:
      range === null
        ? (rows ?? []).map(({ labels, text, histogram }) => ({ metric: labels, ...(histogram === null ? { value: text } : { histogram }) }))
        : range.tracks.map(({ labels, values, histograms }) => ({
            metric: labels,
            values: range.at.flatMap((at, index) => (values[index] === null || values[index] === undefined ? [] : [[at, values[index]]])),
            ...(histograms !== null && {
              histograms: range.at.flatMap((at, index) => (histograms[index] ? [[at, histograms[index]]] : [])),
            }),
          })),
  }));
  return `${JSON.stringify(queries, null, 1)}\n`;
}

export function saveShown(shown: readonly Shown[], kind: 'csv' | 'json'): void {
  const name = `tocsin-query-${new Date().toISOString().slice(0, 19).replaceAll(':', '-')}.${kind}`;
  if (kind === 'csv') saveFile(name, 'text/csv;charset=utf-8', ['\uFEFF', toCsv(shown)]);
  else saveFile(name, 'application/json', [toJson(shown)]);
}
