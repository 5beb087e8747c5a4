import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { localAgentPlace } from '../../src/main/local-agent.ts';
import { DOCUMENTS, inlineCode } from './blocks.ts';

/** The names of headings in addresses, as GitHub makes them. */
function anchorsOf(file: string): ReadonlySet<string> {
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => heading);
  return new Set(
    headings.map((heading) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

const SOURCE_FOLDERS = 'core|contract|engine|io|server|agent|cli|sim|main';

/** The path in the repository that a text in backticks names, null when it names none. Capitals stand for any name: only their folder counts. */
function pathOf(code: string): string | null {
  if (/[\s*{}<>=$"]/.test(code) || code.startsWith('/')) return null;
  const [, folder] = /^((?:[\w.-]+\/)*)[A-Z]+(?:\.\w+|\/|$)/.exec(code) ?? [];
  const path = folder !== undefined && !existsSync(code) ? folder : code;
  if (/^(src|test|docs|web|bench|examples|bin)\//.test(path)) return path;
  if (new RegExp(`^(${SOURCE_FOLDERS})/`).test(path)) return `src/${path}`;
  return /^[\w.-]+\.(ts|js|cjs)$/.test(path) ? path : null;
}

/** What the data folder of a running server holds, as documents name it. */
const DATA_FOLDER: ReadonlySet<string> = new Set([...Object.values(localAgentPlace('.')), 'agent/agent.log', 'agent/agent.lock']);
const FILE_NAMES: ReadonlySet<string> = new Set(globSync('{src,web/src,test,bench}/**/*.{ts,tsx}').map((path) => basename(path)));

function isThere(path: string): boolean {
  const bare = path.replace(/\/$/, '');
  if (DATA_FOLDER.has(path.replace(/^src\//, '')) || FILE_NAMES.has(bare)) return true;
  return existsSync(bare) || existsSync(`${bare}.ts`) || existsSync(`${bare}.tsx`);
}

for (const file of DOCUMENTS) {
  test(`${file}: what it links to and names is there`, () => {
    const text = readFileSync(file, 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      const [path = '', anchor] = target.split('#');
      const linked = path === '' ? file : normalize(join(dirname(file), path));
      assert.ok(existsSync(linked), `${file} links to ${target}, which is not there`);
      if (anchor !== undefined) assert.ok(anchorsOf(linked).has(anchor), `${linked} has no heading #${anchor}`);
    }
    for (const { code, line } of inlineCode(file)) {
      const path = pathOf(code);
      if (path !== null)
        assert.ok(isThere(path) || isThere(join(dirname(file), code)), `${file}:${line} names ${code}, which is not there`);
    }
  });
}

test('ARCHITECTURE.md can be read in ten minutes, and decisions in one', () => {
  const linesOf = (file: string): number => readFileSync(file, 'utf8').split('\n').length - 1;
  assert.ok(linesOf('ARCHITECTURE.md') <= 250);
  for (const file of DOCUMENTS.filter((one) => one.startsWith('docs/decisions/') && !one.endsWith('dependencies.md')))
    assert.ok(linesOf(file) <= 40, `${file} has ${linesOf(file)} lines`);
});

test('the tree in ARCHITECTURE.md names what is there', () => {
  const [, tree = ''] = /^```\n(src\/core\/[^]*?)^```/m.exec(readFileSync('ARCHITECTURE.md', 'utf8')) ?? [];
  let folder = '';
  let listed = 0;
  for (const line of tree.split('\n').filter((one) => one !== '')) {
    const [, path, rest = ''] = /^(\S+\/?)?\s+(.*)$/.exec(line) ?? [];
    if (path !== undefined) {
      assert.ok(existsSync(path), path);
      folder = path;
    }
    if (!/^src\/(core|engine|io)\/$/.test(folder)) continue;
    for (const word of rest
      .replace(/^[A-Z]+ /, '')
      .trim()
      .split(/[\s,;]+/)) {
      listed += 1;
      assert.ok(isThere(`${folder}${word}`), `${folder}${word}`);
    }
  }
  assert.ok(listed > 30);
});
