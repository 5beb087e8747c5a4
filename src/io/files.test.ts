import assert from 'node:assert/strict';
import { mkdtemp, readdir, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileErrorCode, systemFiles as files } from './files.ts';

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'tocsin-files-'));

test('reads whole files up to the limit, also those of /proc that say they are empty', async () => {
  const path = join(await folder(), 'a');
  await writeFile(path, 'x'.repeat(50_000));
  assert.equal((await files.readText(path, 50_000)).length, 50_000);
  await assert.rejects(files.readText(path, 49_999), /longer than 49999 bytes/);
  if (process.platform === 'linux') assert.match(await files.readText('/proc/self/stat', 10_000), /^\d+ \(/);
  await assert.rejects(files.readText(`${path}-missing`, 10), (error) => fileErrorCode(error) === 'ENOENT');
});

test('writeWhole replaces a file, is private, and leaves nothing beside it', async () => {
  const at = await folder();
  await files.writeWhole(join(at, 'a'), Buffer.from('one'));
  await files.writeWhole(join(at, 'a'), Buffer.from('two'));
  assert.equal(await files.readText(join(at, 'a'), 100), 'two');
  assert.deepEqual(await readdir(at), ['a']);
  assert.equal((await stat(join(at, 'a'))).mode & 0o777, 0o600);
  await assert.rejects(files.writeWhole(join(at, 'none', 'a'), Buffer.from('x')));
});

test('an open file appends at its end, reads anywhere, and can be cut', async () => {
  const path = join(await folder(), 'a');
  const first = await files.open(path, 'append');
  await first.append(Buffer.from('hello '));
  await first.close();
  const file = await files.open(path, 'append');
  await file.append(Buffer.from('world'));
  assert.equal(file.sizeBytes(), 11);
  assert.equal(Buffer.from(await file.readAt(4, 5)).toString(), 'o wor');
  assert.equal(Buffer.from(await file.readAt(9, 50)).toString(), 'ld');
  await file.truncate(3);
  await file.append(Buffer.from('!'));
  await file.sync();
  await file.close();
  assert.equal(await files.readText(path, 100), 'hel!');
});

test('state, list, space and remove', async () => {
  const at = await folder();
  await files.makeFolder(join(at, 'b', 'c'));
  await writeFile(join(at, 'a'), '12');
  assert.deepEqual(await files.list(at), [
    { name: 'a', kind: 'file' },
    { name: 'b', kind: 'folder' },
  ]);
  assert.equal((await files.state(join(at, 'a')))?.sizeBytes, 2);
  await files.remove(join(at, 'a'));
  await files.remove(join(at, 'a'));
  assert.equal(await files.state(join(at, 'a')), null);
  const space = await files.space(at);
  assert.ok(space.sizeBytes > space.freeBytes && space.freeBytes >= space.availableBytes);
});

test('a change in a watched folder is told, until the signal aborts', async () => {
  const at = await folder();
  const controller = new AbortController();
  const changed = new Promise<string | null>((resolve) => {
    assert.equal(files.watch(at, resolve, controller.signal), true);
  });
  await writeFile(join(at, 'a'), 'x');
  const awake = setInterval(() => {}, 1_000);
  assert.equal(await changed, 'a');
  clearInterval(awake);
  controller.abort();
  assert.equal(
    files.watch(join(at, 'missing'), () => {}, new AbortController().signal),
    false,
  );
});
