import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { formatProblem } from '../core/base/problem.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import { loadConfig } from './config-files.ts';
import { systemFiles } from './files.ts';

const made: string[] = [];
after(async () => {
  for (const folder of made) await rm(folder, { recursive: true });
});

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

const rule = (name: string): string => `rules: { ${name}: { expr: up, warning: { below: 1 } } }\n`;

test('a configuration with everything it includes, in the order of the paths', async () => {
  const folder = await folderWith({
    'tocsin.yml': `include: [conf.d/*.yml, deep/**/x-?.yml, one.yml]\n${rule('main')}`,
    'conf.d/b.yml': rule('b'),
    'conf.d/a.yml': `include: ../one.yml\n${rule('a')}`,
    'conf.d/.hidden.yml': rule('hidden'),
    'conf.d/a.yml.bak': 'not read: [',
    'conf.d/folder.yml/inside': '',
    'deep/x-1.yml': rule('x1'),
    'deep/er/and/er/x-2.yml': rule('x2'),
    'deep/er/x-10.yml': rule('x10'),
    'one.yml': rule('one'),
  });
  await symlink(join(folder, 'conf.d', 'a.yml.bak'), join(folder, 'conf.d', 'broken'));
  await symlink(join(folder, 'deep'), join(folder, 'deep', 'er', 'circle'));
  await writeFile(join(folder, 'linked'), rule('linked'));
  await symlink(join(folder, 'linked'), join(folder, 'conf.d', 'c.yml'));
  const loaded = await loadConfig(join(folder, 'tocsin.yml'), systemFiles);
  assert.deepEqual(loaded.problems, []);
  const { value, problems } = parseConfig(loaded.files, { ...loaded, builtIn: null });
  assert.deepEqual(problems, []);
  assert.deepEqual([...(value?.rules.keys() ?? [])], ['main', 'a', 'one', 'b', 'linked', 'x2', 'x1']);
  assert.ok(loaded.folders.includes(join(folder, 'conf.d')) && loaded.folders.includes(join(folder, 'deep', 'er', 'and')));
});

test('files that include each other are read once', async () => {
  const folder = await folderWith({ 'a.yml': `include: b.yml\n${rule('a')}`, 'b.yml': `include: a.yml\n${rule('b')}` });
  const { files, problems } = await loadConfig(join(folder, 'a.yml'), systemFiles);
  assert.deepEqual([files.length, problems.length], [2, 0]);
});

test('what cannot be read is a problem at the place that names it; a pattern may match nothing', async () => {
  const folder = await folderWith({ 'tocsin.yml': 'include:\n  - nothing-here.yml\n  - none/*.yml\n  - conf.d\n', 'conf.d/x': '' });
  const path = join(folder, 'tocsin.yml');
  const { problems } = await loadConfig(path, systemFiles);
  assert.deepEqual(
    problems.map((problem) => formatProblem(problem).replaceAll(folder, '')),
    ['/tocsin.yml:2:5: include: /nothing-here.yml: no such file', '/tocsin.yml:4:5: include: /conf.d: is a folder'],
  );
  const missing = await loadConfig(join(folder, 'absent.yml'), systemFiles);
  assert.match(formatProblem(missing.problems[0] ?? { message: '' }), /absent.yml: no such file$/);
  const odd = await folderWith({ 'tocsin.yml': 'include: { a: b }' });
  assert.match((await loadConfig(join(odd, 'tocsin.yml'), systemFiles)).problems[0]?.message ?? '', /expected a list of file names/);
});

test('scripts are read beside the file that names them, also where they are a document as well', async () => {
  const folder = await folderWith({
    'tocsin.yml': 'include: [conf.d/*.yml]\nrecommendations: { r: { title: x, documents: [conf.d/how/clean.sh] } }\n',
    'conf.d/a.yml': 'actions: { clean: { script: { file: how/clean.sh, interpreter: [/bin/sh] } } }\n',
    'conf.d/how/clean.sh': 'echo 1\n',
  });
  const loaded = await loadConfig(join(folder, 'tocsin.yml'), systemFiles);
  const { value, problems } = parseConfig(loaded.files, { ...loaded, builtIn: null });
  assert.deepEqual(problems.map(formatProblem), []);
  assert.equal(value?.actions.get('clean')?.script?.content, 'echo 1\n');
  assert.ok(loaded.folders.includes(join(folder, 'conf.d/how')));
});

test('instructions are read and documents found beside the file that names them', async () => {
  const folder = await folderWith({
    'tocsin.yml': 'include: [more/r.yml]',
    'more/r.yml':
      'recommendations:\n  disk: { title: Disk, instructions: disk.md, documents: [files/manual.pdf] }\n  bad: { title: Bad, instructions: gone.md, documents: [files] }\n',
    'more/disk.md': '# Replace it',
    'more/files/manual.pdf': '%PDF',
  });
  const loaded = await loadConfig(join(folder, 'tocsin.yml'), systemFiles);
  const { value, problems } = parseConfig(loaded.files, { ...loaded, builtIn: null });
  assert.equal(value, null);
  assert.deepEqual(
    problems.map(({ line, message }) => `${line}: ${message}`),
    ['3: gone.md: no such file', '3: files: not a file'],
  );
  await writeFile(join(folder, 'more/gone.md'), 'here');
  await writeFile(
    join(folder, 'more/r.yml'),
    'recommendations: { disk: { title: Disk, instructions: disk.md, documents: [files/manual.pdf] } }',
  );
  const again = await loadConfig(join(folder, 'tocsin.yml'), systemFiles);
  const good = parseConfig(again.files, { ...again, builtIn: null }).value?.recommendations.get('disk');
  assert.equal(good?.instructions, '# Replace it');
  assert.deepEqual(good?.documents, [{ name: 'manual.pdf', path: join(folder, 'more/files/manual.pdf') }]);
});
