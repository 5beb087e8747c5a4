import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';

type Guard = 'types' | 'core' | 'lint' | 'layers';

interface Violation {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  readonly caughtBy: Guard;
}

const core = 'src/core/base';
/** What nobody may write, where, and who catches it. Files are planted under names of their own. */
const VIOLATIONS: readonly Violation[] = [
  { what: 'the core reads the clock', file: `${core}/p1.ts`, text: 'export const t = Date.now();', caughtBy: 'lint' },
  { what: 'the core makes dates', file: `${core}/p2.ts`, text: 'export const t = new Date();', caughtBy: 'lint' },
  { what: 'the core rolls dice', file: `${core}/p3.ts`, text: 'export const t = Math.random();', caughtBy: 'lint' },
  { what: 'the core sets timers', file: `${core}/p4.ts`, text: 'setTimeout(() => {}, 1);\nexport {};', caughtBy: 'core' },
  { what: 'the core fetches', file: `${core}/p5.ts`, text: "export const f = () => fetch('x');", caughtBy: 'core' },
  { what: 'the core reads the environment', file: `${core}/p6.ts`, text: 'export const e = process.env;', caughtBy: 'core' },
  { what: 'the core prints', file: `${core}/p7.ts`, text: 'console.log(1);\nexport {};', caughtBy: 'core' },
  { what: 'the core uses Web Crypto', file: `${core}/p8.ts`, text: 'export const e = crypto.randomUUID();', caughtBy: 'core' },
  {
    what: 'the core imports Node',
    file: `${core}/p9.ts`,
    text: "import { readFileSync } from 'node:fs';\nexport const r = readFileSync;",
    caughtBy: 'layers',
  },
  {
    what: 'the core waits',
    file: `${core}/p10.ts`,
    text: 'export async function f(): Promise<number> {\n  return 1;\n}',
    caughtBy: 'lint',
  },
  {
    what: 'the core imports the engine',
    file: `${core}/p11.ts`,
    text: "import { boot } from '../../engine/boot.ts';\nexport const r = boot;",
    caughtBy: 'layers',
  },
  {
    what: 'the core knows the world by type',
    file: `${core}/p12.ts`,
    text: "import type { World } from '../../world.ts';\nexport type W = World;",
    caughtBy: 'layers',
  },
  {
    what: 'the core imports a package that is not pure',
    file: `${core}/p13.ts`,
    text: "import fastify from 'fastify';\nexport const r = fastify;",
    caughtBy: 'layers',
  },
  {
    what: 'the contract imports the server',
    file: 'src/contract/p14.ts',
    text: "import { buildServer } from '../server/app.ts';\nexport const r = buildServer;",
    caughtBy: 'layers',
  },
  {
    what: 'the engine imports io',
    file: 'src/engine/p15.ts',
    text: "import { systemClock } from '../io/clock.ts';\nexport const r = systemClock;",
    caughtBy: 'layers',
  },
  {
    what: 'the engine imports Node',
    file: 'src/engine/p16.ts',
    text: "import { randomUUID } from 'node:crypto';\nexport const r = randomUUID;",
    caughtBy: 'layers',
  },
  {
    what: 'the engine imports a package',
    file: 'src/engine/p17.ts',
    text: "import { z } from 'zod';\nexport const r = z;",
    caughtBy: 'layers',
  },
  { what: 'the engine sets timers', file: 'src/engine/p18.ts', text: 'export const r = () => setTimeout(() => {}, 1);', caughtBy: 'lint' },
  { what: 'the engine reads the clock', file: 'src/engine/p19.ts', text: 'export const r = () => Date.now();', caughtBy: 'lint' },
  {
    what: 'the server opens a database',
    file: 'src/server/p20.ts',
    text: "import { DatabaseSync } from 'node:sqlite';\nexport const r = DatabaseSync;",
    caughtBy: 'layers',
  },
  {
    what: 'the server imports io',
    file: 'src/server/p21.ts',
    text: "import { systemClock } from '../io/clock.ts';\nexport const r = systemClock;",
    caughtBy: 'layers',
  },
  {
    what: 'the agent imports the database',
    file: 'src/agent/p22.ts',
    text: "import { openStore } from '../io/db/open-store.ts';\nexport const r = openStore;",
    caughtBy: 'layers',
  },
  {
    what: 'a process starts elsewhere than in io/exec',
    file: 'src/io/p23.ts',
    text: "import { spawn } from 'node:child_process';\nexport const r = spawn;",
    caughtBy: 'layers',
  },
  {
    what: 'a channel imports a sibling',
    file: 'src/io/channels/p24.ts',
    text: "import { sendEmail } from './email.ts';\nexport const r = sendEmail;",
    caughtBy: 'layers',
  },
  {
    what: 'the product imports a test',
    file: 'src/engine/p25.ts',
    text: "import '../core/base/labels.test.ts';\nexport {};",
    caughtBy: 'layers',
  },
  {
    what: 'the page imports the server',
    file: 'web/src/p26.ts',
    text: "import { buildServer } from '../../src/server/app.ts';\nexport const r = buildServer;",
    caughtBy: 'layers',
  },
  { what: 'any', file: 'src/engine/p27.ts', text: 'export const r = (x: any) => x;', caughtBy: 'lint' },
  { what: 'a default export', file: 'src/engine/p28.ts', text: 'export default 1;', caughtBy: 'lint' },
  {
    what: 'a barrel file',
    file: 'src/core/alerts/p29.ts',
    text: "export * from './alert.ts';\nexport * from './step.ts';",
    caughtBy: 'lint',
  },
  { what: 'an enum', file: `${core}/p30.ts`, text: 'export enum E {\n  A,\n}', caughtBy: 'types' },
  {
    what: 'an assertion that is not checked',
    file: 'src/engine/p31.ts',
    text: 'export const r = (x: string | null) => x!;',
    caughtBy: 'lint',
  },
  {
    what: 'a function with too many parameters',
    file: 'src/engine/p32.ts',
    text: 'export const r = (a: 1, b: 1, c: 1, d: 1, e: 1) => [a, b, c, d, e];',
    caughtBy: 'lint',
  },
  {
    what: 'a file that is too long',
    file: 'src/engine/p33.ts',
    text: Array.from({ length: 420 }, (_, line) => `export const v${line} = ${line};`).join('\n'),
    caughtBy: 'lint',
  },
  {
    what: 'the client that comes with node:http',
    file: 'src/io/p37.ts',
    text: "import { get } from 'node:http';\nexport const r = get;",
    caughtBy: 'lint',
  },
  { what: 'an impossible cast', file: `${core}/p34.ts`, text: 'export const r = 1 as string;', caughtBy: 'types' },
  { what: 'a cycle', file: 'src/engine/p35.ts', text: "import { b } from './p36.ts';\nexport const a = () => b;", caughtBy: 'layers' },
];
const COMPANIONS = { 'src/engine/p36.ts': "import { a } from './p35.ts';\nexport const b = () => a;" };

const repository = process.cwd();
const copy = mkdtempSync(join(tmpdir(), 'tocsin-planted-'));
const reports = new Map<Guard, string>();

function plant(file: string, text: string): void {
  mkdirSync(dirname(join(copy, file)), { recursive: true });
  writeFileSync(join(copy, file), `${text}\n`);
}

function run(tool: string, ...args: string[]): string {
  const done = spawnSync(join(repository, 'node_modules/.bin', tool), args, { cwd: copy, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return `${done.stdout}\n${done.stderr}`;
}

before(() => {
  for (const part of [
    'src',
    'web',
    'test',
    'bench',
    'package.json',
    'tsconfig.json',
    'tsconfig.core.json',
    '.oxlintrc.json',
    '.dependency-cruiser.cjs',
  ]) {
    cpSync(join(repository, part), join(copy, part), { recursive: true, filter: (path) => !path.includes('/dist') });
  }
  symlinkSync(join(repository, 'node_modules'), join(copy, 'node_modules'));
  const tsc = ['--incremental', 'false', '--tsBuildInfoFile', 'null', '--pretty', 'false'];
  // First those that the core's own compilation must catch: an import of Node (planted later) would bring Node's types in and hide them.
  for (const { file, text, caughtBy } of VIOLATIONS) if (caughtBy === 'core') plant(file, text);
  reports.set('core', run('tsc', '-p', 'tsconfig.core.json', ...tsc));
  for (const { file, text } of VIOLATIONS) plant(file, text);
  for (const [file, text] of Object.entries(COMPANIONS)) plant(file, text);
  reports.set('types', run('tsc', '-p', 'tsconfig.json', ...tsc));
  reports.set('lint', run('oxlint', '--deny-warnings', '--format=unix', 'src', 'test', 'web/src'));
  reports.set('layers', run('depcruise', 'src', 'test', 'web/src', '--config', '.dependency-cruiser.cjs', '--output-type', 'err'));
});

after(() => rmSync(copy, { recursive: true, force: true }));

for (const { what, file, caughtBy } of VIOLATIONS) {
  test(`${what}: caught by ${caughtBy}`, () => {
    const lines = (reports.get(caughtBy) ?? '').split('\n').filter((line) => line.includes(file) && !line.includes('no-orphans'));
    assert.ok(lines.length > 0, `nothing about ${file}; the report ends with:\n${(reports.get(caughtBy) ?? '').slice(-1500)}`);
  });
}
