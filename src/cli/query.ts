import { NAME } from '../core/base/labels.ts';
import { MINUTE, SECOND, type Millis } from '../core/base/time.ts';
import { PrometheusAnswer } from '../contract/prometheus-api.ts';
import { parseJson, SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { failed, parseCommandLine, runCommand, takeWord, wrongUsage } from './command-line.ts';
import { formatMoment, MOMENT_USAGE, parseLength, parseMoment } from './moments.ts';
import { drawLine } from './draw-line.ts';
import { formatTable, plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin query EXPR [--time T | --start T [--end T] [--step 15s]] [--json]

Evaluates a PromQL expression: at one moment, or over a range of time, which is drawn.

  --time T           the moment, now if absent
  --start T          the beginning of a range
  --end T            its end, now if absent
  --step 15s         the distance between two points, chosen to fit if absent
  --json             as Prometheus' HTTP API answers
${SERVER_USAGE}
${MOMENT_USAGE}`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  time: { type: 'string' },
  start: { type: 'string' },
  end: { type: 'string' },
  step: { type: 'string' },
  json: { type: 'boolean' },
} as const;

type Data = Extract<PrometheusAnswer, { status: 'success' }>['data'];

const COLUMNS = 60;

export async function query(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const expr = takeWord(positionals, 'an expression, in quotes');
    const { path, form } = requestOf(expr, values, terminal.now());
    return withApi(terminal, values, async (api) => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const { body } = await api.send({ method: 'POST', path, headers, body: form.toString() });
      const json = parseJson(body);
      const parsed = PrometheusAnswer.safeParse(json);
      if (!parsed.success) throw failed(`${api.server} does not answer as Prometheus does. Is this the address of a Tocsin server?`);
      if (parsed.data.status === 'error') throw failed(plain(parsed.data.error));
      for (const note of [...parsed.data.warnings, ...parsed.data.infos]) terminal.stderr.write(`${plain(note)}\n`);
      terminal.stdout.write(values.json === true ? `${JSON.stringify(json)}\n` : formatData(parsed.data.data));
      return 0;
    });
  });
}

interface Window {
  readonly time?: string;
  readonly start?: string;
  readonly end?: string;
  readonly step?: string;
}

function requestOf(expr: string, { time, start, end, step }: Window, now: Millis) {
  const seconds = (at: Millis): string => String(at / SECOND);
  if (start === undefined) {
    if (end !== undefined || step !== undefined) throw wrongUsage('A range begins with --start.');
    const at = time === undefined ? now : parseMoment(time, now);
    return { path: '/api/v1/query', form: new URLSearchParams({ query: expr, time: seconds(at) }) };
  }
  if (time !== undefined) throw wrongUsage('Give --time or --start, not both.');
  const from = parseMoment(start, now);
  const to = end === undefined ? now : parseMoment(end, now);
  if (from >= to) throw wrongUsage('The range ends before it begins.');
  const length = step === undefined ? Math.max(SECOND, Math.ceil((to - from) / COLUMNS / SECOND) * SECOND) : parseLength(step, 'step');
  const form = { query: expr, start: seconds(from), end: seconds(to), step: seconds(length) };
  return { path: '/api/v1/query_range', form: new URLSearchParams(form) };
}

function formatData(data: Data): string {
  switch (data.resultType) {
    case 'scalar':
    case 'string':
      return `${plain(data.result[1])}\n`;
    case 'vector':
      if (data.result.length === 0) return 'Nothing there.\n';
      return formatTable(
        ['VALUE', 'SERIES'],
        data.result.map((element) => [element.value?.[1] ?? formatHistogram(element.histogram), formatSeries(element.metric)]),
      );
    case 'matrix':
      return data.result.length === 0 ? 'Nothing there.\n' : formatMatrix(data.result);
  }
}

type Matrix = Extract<Data, { resultType: 'matrix' }>['result'];

function formatMatrix(series: Matrix): string {
  const points = (one: Matrix[number]): readonly (readonly [number, number])[] =>
    one.values.length > 0
      ? one.values.map(([at, value]) => [at, Number(value.replace('Inf', 'Infinity'))])
      : one.histograms.map(([at, { count }]) => [at, Number(count)]);
  const moments = series.flatMap((one) => points(one).map(([at]) => at));
  const from = moments.reduce((first, at) => Math.min(first, at), Infinity);
  const to = moments.reduce((last, at) => Math.max(last, at), -Infinity);
  const columns = Math.min(COLUMNS, Math.max(...series.map((one) => points(one).length)));
  const rows = series.map((one) => {
    const own = points(one);
    const numbers = own.map(([, value]) => value).filter(Number.isFinite);
    const least = numbers.reduce((a, b) => Math.min(a, b), Infinity);
    const most = numbers.reduce((a, b) => Math.max(a, b), -Infinity);
    const line = drawLine(own, { from, to, least, most, columns });
    return [line, short(least), short(most), short(own.at(-1)?.[1] ?? Number.NaN), formatSeries(one.metric)];
  });
  const minutes = Math.round(((to - from) * SECOND) / MINUTE);
  const caption = `${formatMoment(from * SECOND)} to ${formatMoment(to * SECOND)}${minutes > 0 ? ` (${minutes} min)` : ''}\n`;
  return caption + formatTable(['GRAPH', 'LEAST', 'MOST', 'LAST', 'SERIES'], rows);
}

function short(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(6))) : value === Infinity || value === -Infinity ? '' : 'NaN';
}

function formatHistogram(histogram: readonly [number, { readonly count: string; readonly sum: string }] | undefined): string {
  return histogram === undefined ? '' : `count ${histogram[1].count}, sum ${histogram[1].sum}`;
}

/** `name{label="value"}`, as one writes it in an expression. */
function formatSeries(metric: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(metric).filter(([name]) => name !== NAME);
  const body = pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(', ');
  return `${metric[NAME] ?? ''}{${body}}`;
}
