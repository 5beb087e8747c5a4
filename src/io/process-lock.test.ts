import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { holdLock, readLock } from './process-lock.ts';
import { identifyProcess } from './processes.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function freshPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-lock-'));
  folders.push(folder);
  return join(folder, 'lock');
}

test('a free file is held, and the holder is named with its note', () => {
  const path = freshPath();
  assert.equal(readLock(path), null);
  assert.deepEqual(holdLock(path, 'version 1'), { kind: 'held' });
  assert.deepEqual(readLock(path), { by: identifyProcess(process.pid), note: 'version 1' });
  assert.deepEqual(readdirSync(join(path, '..')), ['lock']);
});

test('a living holder keeps it, a dead one and a stranger with its number do not', async () => {
  const path = freshPath();
  const other = spawn('sleep', ['60']);
  await once(other, 'spawn');
  const identity = identifyProcess(other.pid ?? 0);
  writeFileSync(path, JSON.stringify({ ...identity, note: 'first' }));
  assert.deepEqual(holdLock(path, 'second'), { kind: 'taken', by: identity, note: 'first' });
  writeFileSync(path, JSON.stringify({ ...identity, startedTicks: '1', note: 'first' }));
  assert.equal(holdLock(path, 'second').kind, 'held');
  writeFileSync(path, JSON.stringify({ ...identity, note: 'first' }));
  other.kill('SIGKILL');
  await once(other, 'exit');
  assert.equal(holdLock(path, 'third').kind, 'held');
});

test('rubbish in the file holds nobody', () => {
  for (const rubbish of ['', '{', '[]', '{"pid":-1,"startedTicks":"","boot":"","note":""}', '{"pid":1}']) {
    const path = freshPath();
    writeFileSync(path, rubbish);
    assert.equal(readLock(path), null);
    assert.equal(holdLock(path, '').kind, 'held');
  }
});

test('of many that want it at once one gets it', async () => {
  const path = freshPath();
  writeFileSync(path, JSON.stringify({ pid: 1, startedTicks: 'long ago', boot: 'another', note: '' }));
  const module = join(import.meta.dirname, 'process-lock.ts');
  const code = `import(${JSON.stringify(module)}).then(({ holdLock }) => { console.log(holdLock(${JSON.stringify(path)}, '').kind); process.stdin.resume(); });`;
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['-e', code], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const said = await Promise.all(children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()));
  for (const child of children) child.kill('SIGKILL');
  assert.deepEqual(said.filter((kind) => kind === 'held').length, 1, said.join(' '));
});
