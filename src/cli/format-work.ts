import type { runs } from '../contract/api/runs.ts';
import type { AnswerOf } from '../contract/infer.ts';
import { formatDuration } from '../core/base/time.ts';
import { plain } from './table.ts';

export type Work = NonNullable<AnswerOf<(typeof runs)['get']>['work']>;
type Variable = Work['env'][number];

/** What whoever decides has to read besides the command: the request, variables and limits, by their names. */
export function workPairs({ script, http, env, timeoutMs, collect }: Work): readonly (readonly [string, string | null])[] {
  return [
    ['time limit', formatDuration(timeoutMs)],
    ['environment', env.map((each) => formatVariable(each, '=')).join('  ')],
    ['kept files', collect.join('  ')],
    ['request', http && `${http.method} ${http.url}`],
    ['headers', http && http.headers.map((each) => formatVariable(each, ': ')).join('; ')],
    ['body', http && http.body],
    ['success', http && http.expect.join(', ')],
    ['script', script && `${script.file} ${script.sha256}`],
  ];
}

/** The text of a script, indented, so that nothing in it looks like a line of ours. */
export function formatScript({ script }: Work): string {
  if (script === null) return '';
  const lines = script.content.replace(/\n$/, '').split('\n');
  return `Script\n${lines.map((line) => `  ${plain(line)}\n`).join('')}`;
}

function formatVariable({ name, value, secret }: Variable, separator: string): string {
  return `${name}${separator}${secret === null ? JSON.stringify(value) : `{ secret: ${secret} }`}`;
}
