import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseDocument } from 'yaml';
import { formatProblem } from '../../src/core/base/problem.ts';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import { functions } from '../../src/core/templates/functions.ts';

const FILE = 'docs/reference/configuration.md';
const page = readFileSync(FILE, 'utf8');
const builtIn = { program: ['tocsin'], demoFile: '/data/tocsin-demo.prom' };

/** The YAML blocks of the page, each with the heading it stands under. */
const blocks = [...page.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = ''], index) => {
  const before = page.slice(0, page.indexOf(text));
  return { name: `${index + 1} (${[...before.matchAll(/^## (.*)$/gm)].at(-1)?.[1] ?? ''})`, text, line: before.split('\n').length };
});

test('the reference has examples', () => assert.ok(blocks.length >= 10));

for (const { name, text, line } of blocks) {
  test(`example ${name} of the reference works`, () => {
    const { problems } = parseConfig([{ path: FILE, text: '\n'.repeat(line - 1) + text }], { builtIn });
    assert.deepEqual(problems.map(formatProblem), []);
  });
}

test('the reference names every section, supported or not', () => {
  const bare = (section: string): string =>
    parseConfig([{ path: 'f', text: `${section}: 1` }], { builtIn: null }).problems[0]?.message ?? '';
  const notYet = page.slice(page.indexOf('## Not in this version'));
  for (const [, section = ''] of notYet.matchAll(/`([a-z_]+)`/g)) assert.match(bare(section), /not supported by this version/);
  for (const { text } of blocks) {
    const sections = Object.keys(parseDocument(text).toJS());
    for (const section of sections)
      assert.ok(page.includes(`## ${section}`) || page.match(new RegExp(`^## .*\\b${section}\\b`, 'm')), section);
  }
});

test('the reference names the template functions that there are', () => {
  for (const name of functions.keys()) assert.ok(page.includes(`\`${name}\``) || ['safeHtml', 'urlQueryEscape'].includes(name), name);
});
