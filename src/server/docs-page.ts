import { escapeHtml } from '../core/base/escape-html.ts';
import type { JsonSchema } from '../contract/infer.ts';

type Node = { readonly [key: string]: unknown };

/** The OpenAPI document for reading: one page of plain HTML, no script, nothing from elsewhere. */
export function renderDocs(document: JsonSchema): string {
  const byTag = new Map<string, string[]>();
  for (const [path, methods] of Object.entries(nodeOf(document['paths']))) {
    for (const [method, operation] of Object.entries(nodeOf(methods))) {
      const shown = nodeOf(operation);
      const tag = String(listOf(shown['tags'])[0] ?? '');
      byTag.set(tag, [...(byTag.get(tag) ?? []), renderOperation(method, path, shown)]);
    }
  }
  const schemas = Object.entries(nodeOf(nodeOf(document['components'])['schemas']));
  const parts = [...byTag].map(([tag, operations]) => `<h2 id="${escapeHtml(tag)}">${escapeHtml(tag)}</h2>${operations.join('')}`);
  const links = [...byTag.keys()].map((tag) => `<a href="#${escapeHtml(tag)}">${escapeHtml(tag)}</a>`).join(' ');
  const types = schemas.map(
    ([name, schema]) =>
      `<details id="schema-${escapeHtml(name)}"><summary><b>${escapeHtml(name)}</b></summary>${renderSchema(schema)}</details>`,
  );
  const version = escapeHtml(String(nodeOf(document['info'])['version'] ?? ''));
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tocsin API</title><style>${STYLE}</style>
<h1>Tocsin API <small>${version}</small></h1>
<p>Send a token as <code>Authorization: Bearer TOKEN</code>. Errors are <code>{ error: { code, message, problems? } }</code>. The same for machines: <a href="openapi.json">openapi.json</a>.</p>
<nav>${links} <a href="#types">types</a></nav>${parts.join('')}<h2 id="types">types</h2>${types.join('')}</html>`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430;background:#fff}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{background:#f4f6f8;padding:.6rem;overflow:auto;border-radius:6px}
details{border:1px solid #dfe4ea;border-radius:8px;margin:.4rem 0;padding:.4rem .8rem}summary{cursor:pointer}
nav a{margin-right:.8rem}.m{display:inline-block;min-width:4.2em;font-weight:700}small,.a{color:#5b6675}
@media (prefers-color-scheme:dark){body{color:#dde3ea;background:#14181d}pre{background:#1d232a}details{border-color:#323b45}a{color:#7fb4ff}small,.a{color:#98a4b3}}`;

function renderOperation(method: string, path: string, operation: Node): string {
  const access = operation['x-access'];
  const needs = access === undefined ? 'answers anybody' : `needs: ${String(access)}`;
  const parameters = listOf(operation['parameters']).map((parameter) => {
    const { name, in: where, description, schema } = nodeOf(parameter);
    return `<li><code>${escapeHtml(String(name))}</code> <small>${escapeHtml(String(where))}</small> ${escapeHtml(String(description ?? ''))} ${renderInline(schema)}</li>`;
  });
  const responses = Object.entries(nodeOf(operation['responses'])).filter(([status]) => status.startsWith('2'));
  const body = contentOf(operation['requestBody']);
  return `<details><summary><span class="m">${escapeHtml(method.toUpperCase())}</span> <code>${escapeHtml(path)}</code> ${escapeHtml(String(operation['summary'] ?? ''))}</summary>
<p class="a">${escapeHtml(needs)}</p>${parameters.length > 0 ? `<ul>${parameters.join('')}</ul>` : ''}${body === null ? '' : `<p>Body</p>${renderSchema(body)}`}
${responses.map(([status, response]) => `<p>Answer ${escapeHtml(status)}</p>${renderSchema(contentOf(response))}`).join('')}</details>`;
}

function contentOf(part: unknown): unknown {
  const [first] = Object.values(nodeOf(nodeOf(part)['content']));
  return first === undefined ? null : nodeOf(first)['schema'];
}

function renderInline(schema: unknown): string {
  return schema === undefined ? '' : `<code>${escapeHtml(JSON.stringify(schema))}</code>`;
}

function renderSchema(schema: unknown): string {
  if (schema === null) return '<p class="a">no content</p>';
  const text = escapeHtml(JSON.stringify(schema, null, 2));
  const linked = text.replaceAll(/#\/components\/schemas\/(\w+)/g, (whole, name: string) => `<a href="#schema-${name}">${whole}</a>`);
  return `<pre>${linked}</pre>`;
}

function nodeOf(value: unknown): Node {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
