/** Where in a query something is wrong; line and column count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** What went wrong with a query, where, and what helps. */
export interface Explained {
  readonly what: string;
  readonly place: Place | null;
  readonly help: string | null;
}

const HELP: readonly (readonly [RegExp, string])[] = [
  [/for range query/, 'A graph needs one value at each moment: use rate(…) or another function over the range, or look at the table.'],
  [/maximum resolution|points per timeseries/, 'Choose a larger step, or leave it to Tocsin by choosing “auto”.'],
  [/timed out|timeout/i, 'It takes too long: shorten the range, choose a larger step, or select fewer series.'],
  [/too many samples/, 'It reads too much at once: shorten the range, choose a larger step, or select fewer series.'],
  [/too many series|exceed.*series/, 'It selects too many series: add labels to the selector.'],
  [
    /many-to-many|multiple matches|duplicate series for the match group|many-to-one|one-to-many/,
    'Say which labels must agree: add on (…) or ignoring (…) after the operator, and group_left or group_right where one side has several series.',
  ],
  [/same labelset/, 'Several series become one: keep the labels that tell them apart, for instance with sum by (…).'],
  [
    /range vector|instant vector|expected type/,
    'rate and its relatives want a range: metric[5m]. Everything else wants a metric without one.',
  ],
  [/at least one non-empty matcher/, 'Name a metric, or a label with a value: everything at once is too much.'],
  [/unknown function/, 'Begin to type the name: known functions are offered.'],
  [/unclosed|unterminated|unexpected end of input/, 'Something that was opened is not closed, or the query stops in the middle.'],
];

/** An error of the server in parts: `invalid parameter "query": 1:5: parse error: ...`. */
export function explainError(message: string): Explained {
  const text = message.replace(/^invalid parameter "query": /, '');
  const found = /^(\d+):(\d+): (?:parse error: )?(.*)$/s.exec(text);
  const what = found?.[3] ?? text;
  const help = HELP.find(([pattern]) => pattern.test(text))?.[1] ?? null;
  return { what, place: found === null ? null : { line: Number(found[1]), column: Number(found[2]) }, help };
}

/** Where that is in the text; at its end when it lies behind it. */
export function offsetOf(text: string, { line, column }: Place): number {
  const lines = text.split('\n');
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  return Math.min(text.length, before + Math.min(column - 1, (lines[line - 1] ?? '').length));
}

/** The line with the mistake and where in it, for a picture with a mark below. */
export function markedLine(text: string, place: Place): { readonly before: string; readonly at: string; readonly after: string } {
  const line = text.split('\n')[place.line - 1] ?? '';
  const from = Math.min(place.column - 1, line.length);
  const [at = ' '] = /^(?:[\w:.]+|\s+|.)/.exec(line.slice(from)) ?? [];
  return { before: line.slice(0, from), at, after: line.slice(from + at.length) };
}
