import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';

const { dependencies, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
const wanted: readonly string[] = [...Object.keys(dependencies), ...Object.keys(devDependencies)];
const page = readFileSync('docs/decisions/dependencies.md', 'utf8');
const rows = [...page.matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$/gm)].map(
  ([, name = '', licence = '', doors = '', why = '']) => ({
    name,
    licence,
    doors: [...doors.matchAll(/`([^`]+)`/g)].map(([, door = '']) => door),
    why,
  }),
);

const filesOf = (door: string): readonly string[] =>
  statSync(door).isDirectory() ? globSync(`${door}/**/*.{ts,tsx,css}`, { exclude: ['**/node_modules/**', '**/dist/**'] }) : [door];
const sources = ['src', 'web/src'].flatMap(filesOf);
const texts = new Map(sources.map((file) => [file, readFileSync(file, 'utf8')]));

test('the page lists what package.json has, once, and nothing else', () => {
  assert.deepEqual(rows.map(({ name }) => name).toSorted(), [...wanted].toSorted());
});

for (const { name, licence, doors, why } of rows) {
  test(`${name}: licence, door and reason`, () => {
    const installed = JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8'));
    assert.equal(licence.trim(), installed.license);
    assert.ok(why.trim().length > 4 && doors.length > 0);
    for (const door of doors) assert.ok(existsSync(door), `${door} is not there`);
    const imports = new RegExp(`^(?!import type).*(?:from|import|import\\()\\s*'${name.replaceAll(/[/.]/g, '\\$&')}(?:/[^']*)?'`, 'm');
    for (const [file, text] of texts) {
      if (!imports.test(text) || file.endsWith('.test.ts')) continue;
      assert.ok(
        doors.some((door) => file === door || file.startsWith(`${door}/`)),
        `${file} names ${name}, whose door is ${doors.join(', ')}`,
      );
    }
    const isCode = doors.some((door) => /^(src|web\/src)/.test(door)) && !name.startsWith('@types/');
    if (isCode)
      assert.ok(
        doors.flatMap(filesOf).some((file) => imports.test(readFileSync(file, 'utf8'))),
        'nobody uses it behind its door',
      );
  });
}
