import type { Variable } from '../../core/actions/action.ts';
import { argumentParts, hiddenParts, type ArgumentPart } from '../../core/actions/argument-parts.ts';
import type { Run } from '../../core/actions/run.ts';
import type { HttpWork, Work } from '../../core/actions/work.ts';
import { escapeHtml } from '../../core/base/escape-html.ts';

/** All that would run, as HTML: the command or the request, the text of a script, the environment. Null: the action was changed since. */
export function viewWork(run: Run, work: Work | null): string {
  const what = work?.http ? viewRequest(work.http) : `<h2>Exactly this would run</h2>${viewArgv(run.argv)}`;
  if (work === null) return what;
  const { script, env } = work;
  const text = script === null ? '' : `<h2>Script ${escapeHtml(script.file)}</h2>${viewText(script.content)}`;
  const sum = script === null ? '' : `<p class="quiet small">SHA-256 <code>${escapeHtml(script.sha256)}</code></p>`;
  return `${what}${text}${sum}${viewVariables('Environment', env, '=')}`;
}

function viewArgv(argv: readonly string[]): string {
  return `<ol class="argv">${argv.map((argument) => `<li>${viewParts(argumentParts(argument))}</li>`).join('')}</ol>`;
}

function viewRequest({ method, url, headers, body, expect }: HttpWork): string {
  const sent = body === null ? '' : `<h2>Body</h2>${viewText(body)}`;
  return `<h2>Exactly this would be sent</h2>${viewArgv([method, url])}${viewVariables('Headers', headers, ': ')}${sent}<p class="quiet small">Success is ${expect.join(', ')}.</p>`;
}

function viewVariables(title: string, variables: readonly Variable[], separator: string): string {
  if (variables.length === 0) return '';
  const lines = variables.map((variable) => {
    const value = 'value' in variable ? viewParts(hiddenParts(variable.value)) : `<em>secret ${escapeHtml(variable.secret)}</em>`;
    return `<li>${escapeHtml(variable.name)}${separator}${value}</li>`;
  });
  return `<h2>${title}</h2><ul class="text">${lines.join('')}</ul>`;
}

/** A text line by line; what would hide in it or turn its direction is named. */
function viewText(text: string): string {
  const lines = text.replace(/\n$/, '').split('\n');
  return `<ol class="text" tabindex="0">${lines.map((line) => `<li>${viewParts(hiddenParts(line))}</li>`).join('')}</ol>`;
}

function viewParts(parts: readonly ArgumentPart[]): string {
  const views = parts.map(({ kind, text, spoken }) => {
    if (kind === 'text') return `<bdi>${escapeHtml(text)}</bdi>`;
    const named = text.startsWith('U+') || text === 'empty';
    return `<span class="${named ? 'hidden' : 'mark'}" role="img" aria-label="${escapeHtml(spoken)}">${escapeHtml(text)}</span>`;
  });
  return views.join('');
}
