// npm test: everything that needs no more than this checkout. npm run test:all: also what needs a browser or another real server.
import { spawnSync } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { buildWhatIsOld } from '../bin/runtime.js';

/** Debian package -> the program that it brings. */
const PROGRAMS: Readonly<Record<string, string>> = {
  chromium: '/usr/bin/chromium',
  prometheus: '/usr/bin/prometheus',
  'prometheus-alertmanager': '/usr/bin/prometheus-alertmanager',
  'prometheus-node-exporter': '/usr/bin/prometheus-node-exporter',
  'victoria-metrics': '/usr/bin/victoria-metrics',
};

const all = process.argv.includes('--all');
const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));

function installMissing(): void {
  const missing = Object.entries(PROGRAMS).filter(([, program]) => !existsSync(program));
  if (missing.length === 0) return;
  const packages = missing.map(([name]) => name);
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    console.log(`Installing from Debian's packages: ${packages.join(', ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'inherit', env });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
  const absent = missing.filter(([, program]) => !existsSync(program)).map(([name]) => name);
  if (absent.length === 0) return;
  console.error(`These programs are needed and could not be installed: ${absent.join(', ')}`);
  process.exit(1);
}

if (all) installMissing();
// Tests that start the program start it as users do: built.
buildWhatIsOld();
const files =
  named.length > 0
    ? named
    : globSync(['src/**/*.test.ts', 'web/src/**/*.test.ts', 'test/**/*.test.ts']).filter((file) => all || !file.endsWith('.all.test.ts'));
const concurrency = Math.max(1, Math.min(4, availableParallelism()));
// What decides whether a change lands plays the same random games each time; people and nightly runs play new ones.
const seed = process.env['TOCSIN_SEED'] ?? (process.env['CI'] === 'true' ? '20260101' : undefined);
const flags = ['--import', './test/seed.ts', '--test', `--test-concurrency=${concurrency}`, '--test-timeout=600000'];
const run = spawnSync(process.execPath, [...flags, ...files.sort()], {
  stdio: 'inherit',
  env: {
    ...process.env,
    ...(seed !== undefined && { TOCSIN_SEED: seed }),
    // With more time, more histories are played.
    ...(all && process.env['TOCSIN_RUNS'] === undefined && { TOCSIN_RUNS: '150' }),
  },
});
process.exitCode = run.status ?? 1;
