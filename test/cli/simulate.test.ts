import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { command } from './command.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-simulate-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'conf.d'));
writeFileSync(join(folder, 'tocsin.yml'), 'include: [conf.d/*.yml]\n');
writeFileSync(join(folder, 'conf.d/rules.yml'), 'rules: { Down: { expr: down > 0, error: {} } }\n');
writeFileSync(join(folder, 'conf.d/channels.yml'), 'channels: { chat: { type: webhook, url: "https://chat.example.com/" } }\n');

const play = (configuration: string, ...args: string[]) => {
  const rest = 'length: 1h\nseries: { down: { 0s: 0, 10m: 1 } }\nfaults: [{ at: 1m, sends_fail: 0.7 }]\nexpect: [send chat first]\n';
  writeFileSync(join(folder, 'scenario.yml'), `${configuration}\n${rest}`);
  return command(['simulate', join(folder, 'scenario.yml'), ...args]);
};

test('a scenario plays a configuration with everything it includes, named or within', async () => {
  const named = await play('config: tocsin.yml');
  assert.deepEqual([named.code, named.stderr], [0, '']);
  const within = await play('configuration: { include: [conf.d/*.yml] }');
  assert.deepEqual([within.code, within.stdout], [0, named.stdout]);
});

test('a seed draws other chances, and always the same ones', async () => {
  const traces = new Set<string>();
  for (const seed of ['1', '2', '3']) {
    const [once, again] = [await play('config: tocsin.yml', '--seed', seed), await play('config: tocsin.yml', '--seed', seed)];
    assert.equal(once.stdout, again.stdout);
    traces.add(once.stdout);
  }
  assert.ok(traces.size > 1);
  assert.equal((await play('config: tocsin.yml', '--seed', 'x')).code, 2);
});

test('problems are said with their place', async () => {
  const missing = await play('config: other.yml');
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /other\.yml: no such file/);
  assert.equal((await command(['simulate'])).code, 2);
});
