import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../core/config/parse-config.ts';
import { SettingsHolder } from './settings-holder.ts';

const QUIET = { info: () => {}, warn: () => {}, error: () => {} };

function read(text: string) {
  return parseConfig([{ path: 'tocsin.yml', text }], { builtIn: null });
}

function holderOf(disk: { text: string }) {
  const first = read('');
  assert.ok(first.value !== null);
  const reading: (() => void)[] = [];
  const load = async () => {
    const result = read(disk.text);
    await new Promise<void>((resolve) => reading.push(resolve));
    return result;
  };
  return { holder: new SettingsHolder(first.value, load, QUIET), goOn: () => reading.shift()?.() };
}

const ONE = 'rules: { One: { expr: up, warning: {} } }';
const TWO = 'rules: { One: { expr: up, warning: {} }, Two: { expr: up, warning: {} } }';
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a change on disk during a reload is not missed: who asks meanwhile gets the next one', async () => {
  const disk = { text: ONE };
  const { holder, goOn } = holderOf(disk);
  const first = holder.reload();
  disk.text = TWO;
  const [second, third] = [holder.reload(), holder.reload()];
  assert.equal(second, third);
  goOn();
  await first;
  assert.equal(holder.current().rules.size, 1);
  await turn();
  goOn();
  await second;
  assert.equal(holder.current().rules.size, 2);
  const later = holder.reload();
  await turn();
  goOn();
  await later;
});

test('a configuration that is wrong changes nothing, and its problems are kept', async () => {
  const disk = { text: ONE };
  const { holder, goOn } = holderOf(disk);
  const good = holder.reload();
  goOn();
  assert.deepEqual(await good, []);
  disk.text = 'rulez: {}';
  const bad = holder.reload();
  goOn();
  assert.equal((await bad).length, 1);
  assert.equal(holder.problems.length, 1);
  assert.equal(holder.current().rules.size, 1);
});

test('a part that cannot follow keeps no other from following', async () => {
  const { holder, goOn } = holderOf({ text: ONE });
  const followed: number[] = [];
  holder.onChange(async () => {
    throw new Error('the series thread is gone');
  });
  holder.onChange(async ({ rules }) => void followed.push(rules.size));
  const reloaded = holder.reload();
  goOn();
  assert.deepEqual(await reloaded, []);
  assert.deepEqual(followed, [1]);
});
