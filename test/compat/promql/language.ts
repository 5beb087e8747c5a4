import { parseNumber } from '../../../src/core/promql/number.ts';
import { durationSeconds } from '../../../src/core/promql/parse-duration.ts';
import { parseQuoted } from '../../../src/core/promql/quote.ts';
import { parseMetric, parseSeriesLine, parseStartOffsets, type SeriesLine } from './values.ts';
import { compileRegex } from '../../../src/core/promql/matcher.ts';
import type { Labels } from '../../../src/core/base/labels.ts';

/** A remark that is expected (`msg:` whole text, `regex:` somewhere in it, or any). */
export interface Expectation {
  readonly kind: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info';
  readonly message: string | null;
  readonly pattern: ExpectedPattern | null;
}

/** An expression of Go's language that is to be found somewhere in a text. */
export interface ExpectedPattern {
  readonly source: string;
  test(text: string): boolean;
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly expr: string;
  readonly start: number;
  readonly end: number;
  /** 0 for an instant evaluation. */
  readonly step: number;
  readonly instant: boolean;
  readonly ordered: boolean;
  readonly expectations: readonly Expectation[];
  readonly series: readonly SeriesLine[];
  readonly scalar: number | null;
  readonly string: string | null;
  /** The grid of an expected range vector. */
  readonly matrix: { readonly start: number; readonly end: number; readonly step: number } | null;
}

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly step: number;
  readonly customBuckets: boolean;
  readonly series: readonly SeriesLine[];
  readonly starts: readonly StartLine[];
}

/** Start times of the next series; without labels they are repeated for every series below that has none of its own. */
interface StartLine {
  readonly labels: Labels | null;
  readonly offsets: readonly (number | null)[];
  /** How many series stand above the line. */
  readonly after: number;
}

export type Command = EvalCommand | LoadCommand | { readonly kind: 'clear'; readonly line: number };

/** `5m`, `0`, `-30s`, `12.5` (seconds) in milliseconds. */
function parseTime(text: string): number {
  const negative = text.startsWith('-');
  const body = text.replace(/^[+-]/, '');
  const seconds = /[a-z]$/.test(body) ? durationSeconds(body) : parseNumber(body);
  if (seconds === null) throw new Error(`not a time: ${text}`);
  return Math.round(seconds * 1000) * (negative ? -1 : 1);
}

/** Reads a file in Prometheus' test language. */
export function parseTestFile(text: string): Command[] {
  const lines = text.split('\n').map((line) => (line.trim().startsWith('#') ? '' : line.trim()));
  const commands: Command[] = [];
  let at = 0;
  const block = (): string[] => {
    const found: string[] = [];
    while (at < lines.length && lines[at] !== '') {
      found.push(lines[at] ?? '');
      at += 1;
    }
    return found;
  };
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const number = at + 1;
    at += 1;
    if (line === '') continue;
    if (/^clear\b/i.test(line)) commands.push({ kind: 'clear', line: number });
    else if (line.startsWith('load')) commands.push(parseLoad(line, number, block()));
    else if (line.startsWith('eval')) {
      const end = (): string[] => {
        const found: string[] = [];
        while (at < lines.length && lines[at] !== '') {
          const next = lines[at] ?? '';
          found.push(next);
          at += 1;
          if (parseNumber(next) !== null && !next.startsWith('_')) break;
        }
        return found;
      };
      commands.push(parseEval(line, number, end()));
    } else throw new Error(`line ${number}: unknown command: ${line}`);
  }
  return commands;
}

function parseLoad(line: string, number: number, body: readonly string[]): LoadCommand {
  const match = /^load(_with_nhcb)?\s+(\S+)$/.exec(line);
  if (match === null) throw new Error(`line ${number}: ${line}`);
  const series: SeriesLine[] = [];
  const starts: LoadCommand['starts'][number][] = [];
  for (const each of body) {
    const { labels, rest } = parseMetric(each);
    if (rest.startsWith('@st')) {
      const offsets = parseStartOffsets(rest.slice(3));
      starts.push({ labels: each.startsWith('@st') ? null : labels, offsets, after: series.length });
    } else series.push(parseSeriesLine(each));
  }
  return { kind: 'load', line: number, step: parseTime(match[2] ?? ''), customBuckets: match[1] !== undefined, series, starts };
}

const INSTANT = /^eval(?:_(fail|warn|ordered|info))?\s+instant\s+at\s+(\S+)\s+(.+)$/;
const RANGE = /^eval(?:_(fail|warn|info))?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/;

function parseEval(line: string, number: number, body: readonly string[]): EvalCommand {
  const instant = INSTANT.exec(line);
  const range = RANGE.exec(line);
  if (instant === null && range === null) throw new Error(`line ${number}: ${line}`);
  const mode = instant?.[1] ?? range?.[1] ?? '';
  const start = parseTime(instant?.[2] ?? range?.[2] ?? '0');
  const end = range === null ? start : parseTime(range[3] ?? '0');
  const expectations: Expectation[] = [];
  if (mode === 'fail' || mode === 'warn' || mode === 'info') expectations.push({ kind: mode, message: null, pattern: null });
  const found = parseExpected(body, expectations);
  return {
    kind: 'eval',
    line: number,
    expr: instant?.[3] ?? range?.[5] ?? '',
    start,
    end,
    step: range === null ? 0 : parseTime(range[4] ?? '0'),
    instant: range === null,
    expectations,
    ...found,
    ordered: mode === 'ordered' || found.ordered,
  };
}

function parseExpected(
  body: readonly string[],
  expectations: Expectation[],
): Pick<EvalCommand, 'series' | 'scalar' | 'string' | 'matrix' | 'ordered'> {
  const series: SeriesLine[] = [];
  let scalar: number | null = null;
  let string: string | null = null;
  let matrix: EvalCommand['matrix'] = null;
  let ordered = false;
  for (const line of body) {
    const range = /^expect range vector from (\S+) to (\S+) step (\S+)$/.exec(line);
    const text = /^expect string (.+)$/.exec(line);
    const remark = /^expect (ordered|fail|warn|info|no_warn|no_info)(?:\s+(msg|regex):\s*(.*))?$/.exec(line);
    const old = /^expected_fail_(message|regexp)\s+(.+)$/.exec(line);
    if (range !== null) matrix = { start: parseTime(range[1] ?? ''), end: parseTime(range[2] ?? ''), step: parseTime(range[3] ?? '') };
    else if (text !== null) string = parseQuoted(text[1] ?? '');
    else if (remark !== null) {
      if (remark[1] === 'ordered') ordered = true;
      else expectations.push(expectation(remark[1] as Expectation['kind'], remark[2], remark[3]));
    } else if (old !== null) expectations.push(expectation('fail', old[1] === 'message' ? 'msg' : 'regex', old[2]));
    else if (line.startsWith('expect')) throw new Error(`cannot read: ${line}`);
    else if (parseNumber(line) !== null) scalar = parseNumber(line);
    else series.push(parseSeriesLine(line));
  }
  return { series, scalar, string, matrix, ordered };
}

function expectation(kind: Expectation['kind'], how: string | undefined, text: string | undefined): Expectation {
  const body = (text ?? '').trim();
  return { kind, message: how === 'msg' ? body : null, pattern: how === 'regex' ? expectedPattern(body) : null };
}

function expectedPattern(source: string): ExpectedPattern {
  const regex = compileRegex(source);
  if (typeof regex === 'string') throw new Error(`${regex}: ${source}`);
  return { source, test: (text) => regex.matcher(text).find() };
}
