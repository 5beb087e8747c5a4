import assert from 'node:assert/strict';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type AgentStart, parseAgentOptions } from './agent-options.ts';

async function start(config: string, ...args: string[]): Promise<AgentStart | string> {
  const path = join(await mkdtemp(join(tmpdir(), 'tocsin-')), 'agent.yml');
  await writeFile(path, config);
  return parseAgentOptions(['--config', path, ...args]);
}

test('the command line goes before the file, the file before what is built in', async () => {
  const file =
    'server: http://a\ntoken_file: /t\ninterval: 30s\nlabels: { site: paris }\nactions: { allow: [x], run_as: [deploy], at_once: 1 }\nlog_level: warn\n';
  const started = await start(file, '--server', 'http://b/', '--data', '/d');
  if (typeof started === 'string') assert.fail(started);
  const { options, logLevel } = started;
  assert.equal(options.server, 'http://b');
  assert.equal(options.interval, 30_000);
  assert.equal(options.textfileDir, '/d/textfile');
  assert.deepEqual(options.labels, { site: 'paris' });
  assert.deepEqual(options.limits.allowedActions, ['x']);
  assert.deepEqual(options.limits.allowedUsers, ['deploy']);
  assert.equal(options.limits.mostRunsAtOnce, 1);
  assert.equal(options.limits.longestTimeout, 86_400_000);
  assert.equal(logLevel, 'warn');
});

test('without a file every action is accepted', async () => {
  const started = await parseAgentOptions(['--server', 'http://a', '--token-file', '/t']);
  assert.ok(typeof started !== 'string' && started.options.limits.allowedActions === null && started.options.interval === 10_000);
});

test('what is wrong is said', async () => {
  assert.match(String(await start('sever: x\ninterval: 1\n')), /agent\.yml:1:1: .*unknown key "sever"[^]*agent\.yml:2:11: /);
  assert.match(String(await start('')), /address of the server/);
  assert.match(String(await parseAgentOptions(['--config', '/no/such/file'])), /ENOENT/);
  assert.match(String(await parseAgentOptions(['--colour'])), /--colour/);
  assert.match(String(await parseAgentOptions(['--server', 'http://a', '--token-file', 't', '--interval', '5'])), /no interval/);
});
