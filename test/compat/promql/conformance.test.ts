import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { headStore } from './head-store.ts';
import { runTestFile, type TestStore } from './runner.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Prometheus' own test files; they are not part of this repository. */
const suite = process.env['TOCSIN_CONFORMANCE'] ?? join(here, '../../../../shared/conformance');
const folder = join(suite, 'promql');

/** How many cases of each file pass; a file of another version of the suite must at least not fail more of them. */
const KNOWN_FAILURES: Readonly<Record<string, number>> = {};

function report(file: string, store?: TestStore): string[] {
  return runTestFile(readFileSync(file, 'utf8'), store).failures.map(({ line, expr, why }) => `line ${line}: ${expr}: ${why}`);
}

for (const name of readdirSync(join(here, 'cases'))) {
  test(`own cases: ${name}`, () => assert.deepEqual(report(join(here, 'cases', name)), []));
  test(`own cases on the real store: ${name}`, () => assert.deepEqual(report(join(here, 'cases', name), headStore()), []));
}

const present = existsSync(folder);
if (!present) test(`Prometheus' test files in ${folder}`, { skip: 'the files are not on this machine' }, () => {});
for (const name of present ? readdirSync(folder).filter((file) => file.endsWith('.test')) : []) {
  for (const [where, store] of [
    ['in memory', undefined],
    ['on the real store', headStore()],
  ] as const) {
    test(`Prometheus' test files ${where}: ${name}`, () => {
      const failures = report(join(folder, name), store);
      const known = KNOWN_FAILURES[name] ?? 0;
      assert.ok(failures.length <= known, `${failures.length} cases fail, ${known} are known to\n${failures.slice(0, 20).join('\n')}`);
    });
  }
}
