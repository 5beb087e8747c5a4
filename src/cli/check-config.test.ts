import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../io/config-files.ts';
import { systemFiles } from '../io/files.ts';
import { checkConfig } from './check-config.ts';

async function check(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const streams = { stdout: { write: (text: string) => (out += text) }, stderr: { write: (text: string) => (err += text) } };
  const code = await checkConfig(args, streams, (path) => loadConfig(path, systemFiles));
  return { code, out, err };
}

test('every problem is printed with its place, and the exit code tells', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-check-'));
  t.after(() => rm(folder, { recursive: true }));
  const good = join(folder, 'good.yml');
  const bad = join(folder, 'bad.yml');
  await writeFile(good, 'include: [missing/*.yml]\nactions: { hello: { command: [echo, hello] } }\n');
  await writeFile(bad, 'rules:\n  a: { expr: up }\nactions: { b: { command: echo } }\n');

  assert.deepEqual(await check(good), {
    code: 0,
    out: `${good}: good (1 file: 0 rules, 0 channels, 1 action, 0 triggers, 0 recommendations)\n`,
    err: '',
  });
  const both = await check(good, bad, join(folder, 'absent.yml'));
  assert.equal(both.code, 1);
  assert.deepEqual(both.err.replaceAll(`${folder}/`, '').split('\n'), [
    'bad.yml:2:3: rules.a: a rule needs a level: critical, error, warning or notice',
    'bad.yml:3:26: actions.b.command: expected a list of arguments such as [/usr/bin/clean, --path, "{path}"], found the text "echo": there is no shell',
    'absent.yml: no such file',
    '',
  ]);
});

test('wrong usage', async () => {
  assert.equal((await check()).code, 2);
  assert.match((await check('--strict', 'x.yml')).err, /Unknown option '--strict'/);
  const help = await check('--help');
  assert.deepEqual([help.code, help.err], [0, '']);
  assert.match(help.out, /^tocsin check-config FILE/);
});
