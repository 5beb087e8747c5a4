import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Program } from '../e2e/program.ts';
import { command } from './command.ts';

test("the host's own file decides what it executes, whatever the server orders", async (t) => {
  const program = new Program({
    config: { actions: { allowed: { command: ['/bin/echo', 'yes'] }, other: { command: ['/bin/echo', 'no'] } } },
  });
  t.after(() => program.close());
  mkdirSync(join(program.data, 'agent'), { recursive: true });
  writeFileSync(join(program.data, 'agent/agent.yml'), 'actions: { allow: [allowed] }\n');
  await program.start();
  await program.agentIsHere();
  const env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: 'e2e-administrator-0123456789abcdef' };
  assert.match((await command(['hosts'], { env })).stdout, / allowed /);
  const allowed = await command(['run', 'allowed', '--follow'], { env });
  assert.deepEqual([allowed.code, allowed.stdout], [0, 'yes\n'], allowed.stderr);
  const other = await command(['run', 'other', '--follow'], { env });
  assert.deepEqual([other.code, other.stdout], [1, '']);
  assert.match(other.stderr, /does not allow the action other/);
});

test('an agent does not start with half of its limits', async (t) => {
  const program = new Program();
  t.after(() => program.abandon());
  const file = join(program.root, 'agent.yml');
  writeFileSync(file, 'server: http://127.0.0.1:1\ntoken_file: /x\nactions: { alow: [] }\n');
  const { code, stderr } = await command(['agent', '--config', file]);
  assert.equal(code, 2);
  assert.match(stderr, /agent\.yml:3:12: .*unknown key "alow", did you mean "allow"/);
});
