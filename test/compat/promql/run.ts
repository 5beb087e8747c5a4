import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { headStore } from './head-store.ts';
import { memoryStore, runTestFile } from './runner.ts';

/** `npm run promqltest -- [--verbose] FILE...`: passed and failed cases of files in Prometheus' test language, in memory and on the real store. */
const args = process.argv.slice(2);
const verbose = args.includes('--verbose');
const files = args.filter((arg) => !arg.startsWith('--'));
if (files.length === 0) {
  console.error('usage: npm run promqltest -- [--verbose] FILE...');
  process.exit(2);
}

let failed = 0;
let passed = 0;
for (const file of files) {
  for (const [where, store] of [
    ['memory', memoryStore()],
    ['store', headStore()],
  ] as const) {
    const report = runTestFile(readFileSync(file, 'utf8'), store);
    failed += report.failures.length;
    passed += report.passed;
    const total = report.passed + report.failures.length;
    const counts = `${report.passed}/${total} passed, ${report.failures.length} failed, ${report.evaluations} evaluations`;
    console.log(`${basename(file).padEnd(30)} ${where.padEnd(7)} ${counts}`);
    for (const failure of verbose ? report.failures : [])
      console.log(`  line ${failure.line}: ${failure.expr}\n    ${failure.why.replaceAll('\n', '\n    ')}`);
  }
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
