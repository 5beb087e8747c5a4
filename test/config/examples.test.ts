import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { test } from 'node:test';
import { simulate } from '../../src/cli/simulate.ts';
import { formatProblem } from '../../src/core/base/problem.ts';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import { loadConfig } from '../../src/io/config-files.ts';
import { systemFiles } from '../../src/io/files.ts';

const builtIn = { program: ['tocsin'], demoFile: '/data/tocsin-demo.prom' };

test('every folder of examples is a configuration', () => {
  const folders = globSync('examples/*/').map((folder) => folder.replace(/\/$/, ''));
  assert.ok(folders.length >= 4);
  assert.deepEqual(globSync('examples/*/tocsin.yml').sort(), folders.map((folder) => `${folder}/tocsin.yml`).sort());
});

for (const file of globSync('examples/*/tocsin.yml').sort()) {
  test(`${file} is good`, async () => {
    const loaded = await loadConfig(file, systemFiles);
    const { value, problems } = parseConfig(loaded.files, { ...loaded, builtIn });
    assert.deepEqual(problems.map(formatProblem), []);
    assert.ok(value !== null && value.rules.size + value.triggers.size > 0);
  });
}

for (const file of globSync('examples/*/scenario.yml').sort()) {
  test(`${file} plays as it says`, async () => {
    let printed = '';
    const stream = { write: (text: string) => (printed += text) };
    assert.equal(await simulate([file], { stdout: stream, stderr: stream }, (path) => loadConfig(path, systemFiles)), 0, printed);
    assert.match(printed, /fixed/);
  });
}
