import assert from 'node:assert/strict';
import { test } from 'node:test';
import { command } from './command.ts';

const { stdout } = await command(['--help']);
const names = [...stdout.matchAll(/^ {2}([a-z-]+) {2,}\S/gm)].map(([, name = '']) => name);

test('the list of commands', async () => {
  for (const name of ['serve', 'agent', 'check-config', 'simulate', 'query', 'run', 'runs', 'approve', 'reject', 'cancel', 'alerts'])
    assert.ok(names.includes(name), name);
  for (const name of ['status', 'hosts', 'token', 'user', 'secret']) assert.ok(names.includes(name), name);
  const nothing = await command([]);
  assert.deepEqual([nothing.code, nothing.stdout], [0, stdout]);
  const unknown = await command(['sing']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /There is no command sing/);
  assert.match((await command(['--version'])).stdout, /^tocsin \d+\.\d+\.\d+\n$/);
});

for (const name of names) {
  test(`tocsin ${name} --help, and an option that it does not have`, async () => {
    const [help, wrong] = await Promise.all([command([name, '--help']), command([name, '--colour-of-the-sky'])]);
    assert.deepEqual([help.code, help.stderr], [0, '']);
    assert.match(help.stdout, new RegExp(`^tocsin ${name} `));
    for (const line of help.stdout.split('\n')) assert.ok(line.length <= 160, line);
    assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
    assert.match(wrong.stderr, /--colour-of-the-sky/);
    assert.ok(wrong.stderr.includes(help.stdout.trim().split('\n')[0] ?? '?'), 'the usage follows');
  });
}
