import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';

const PAGE = 'docs/spec/invariants.md';
const rows = readFileSync(PAGE, 'utf8')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, id = '']) => /^[DC]?\d+$/.test(id))
  .map(([, id = '', rule = '', held = '']) => ({ id, rule, held }));

/** The names under which the tests of a file run. */
function namesIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  if (file.endsWith('.yml')) return [String(parse(text).name)];
  return [...text.matchAll(/^\s*(?:test|it)\(\s*'((?:[^'\\]|\\.)+)'/gm)].map(([, name = '']) => name.replaceAll("\\'", "'"));
}

test('all ten rules of delivery and all twenty-four of what must not happen again have a row', () => {
  const wanted = [
    ...Array.from({ length: 10 }, (_, index) => `D${index + 1}`),
    ...Array.from({ length: 24 }, (_, index) => `${index + 1}`),
  ];
  const there = new Set(rows.map(({ id }) => id));
  assert.deepEqual(
    wanted.filter((id) => !there.has(id)),
    [],
  );
});

test('each row names a test, or says that the feature is not built yet', () => {
  const empty = rows.filter(({ held }) => !/`(test|src)\//.test(held) && !held.includes('not built yet'));
  assert.deepEqual(empty, []);
});

test('each test that is named exists under this name', () => {
  const missing: string[] = [];
  let named = 0;
  for (const { id, held } of rows) {
    for (const [, file = '', name] of held.matchAll(/`((?:test|src)\/[^`]+)`(?: "([^"]+)")?/g)) {
      named += 1;
      if (!existsSync(file)) missing.push(`${id}: there is no ${file}`);
      else if (name !== undefined && !namesIn(file).includes(name)) missing.push(`${id}: ${file} has no test "${name}"`);
    }
  }
  assert.deepEqual(missing, []);
  assert.ok(named > 50);
});
