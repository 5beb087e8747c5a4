import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { systemExec } from '../../src/io/exec.ts';
import { type LocalAgent, type LocalAgentSettings, superviseLocalAgent } from '../../src/io/local-agent.ts';
import { order, script, systemDoors, temporaryFolder } from './agent-side.ts';
import { startServerSide } from './server-side.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serverAndFolder() {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const program = join(import.meta.dirname, 'agent-program.ts');
  const settings: LocalAgentSettings = {
    argv: [process.execPath, program, server.url, folder.path],
    folder: folder.path,
    version: `1 ${server.url}`,
  };
  closing.push(() => {
    const holder = systemExec.readLock(join(folder.path, 'agent.lock'));
    if (holder !== null) process.kill(holder.by.pid, 'SIGKILL');
  });
  return { server, folder: folder.path, settings, remembered: server.remembered };
}

function keep(settings: LocalAgentSettings): LocalAgent {
  const agent = superviseLocalAgent(settings, systemDoors());
  closing.push(() => agent.stop());
  return agent;
}

test('a local agent that dies is started again, and an idle one ends when it is asked to', async () => {
  const { remembered, folder, settings } = await serverAndFolder();
  const agent = keep(settings);
  await remembered.until('first hello', () => remembered.hellos.length === 1);
  const first = agent.pid() ?? 0;
  process.kill(first, 'SIGKILL');
  await remembered.until('second hello', () => remembered.hellos.length === 2);
  assert.notEqual(agent.pid(), first);
  assert.equal(agent.restarts(), 1);
  assert.equal(await agent.stop(), 'ended');
  assert.equal(systemExec.readLock(join(folder, 'agent.lock')), null);
});

test('a program that ends at once is not started without pause', async () => {
  const { folder, settings } = await serverAndFolder();
  const count = join(folder, 'count');
  const argv = script(`require('fs').appendFileSync(${JSON.stringify(count)}, 'x')`);
  const agent = keep({ ...settings, argv });
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  await agent.stop();
  const starts = readFileSync(count, 'utf8').length;
  assert.ok(starts >= 2 && starts <= 4, `${starts} starts`);
});

test('a killed server leaves its agent and the command running; the next server keeps both', async () => {
  const { server, remembered, folder, settings } = await serverAndFolder();
  const first = spawn(process.execPath, [join(import.meta.dirname, 'supervisor-program.ts'), server.url, folder], { stdio: 'inherit' });
  closing.push(() => first.kill('SIGKILL'));
  await remembered.until('hello', () => remembered.hellos.length === 1);
  const lock = systemExec.readLock(join(folder, 'agent.lock'));
  await server.hub.deliver('box', order('r1', script('setTimeout(() => console.log("survived"), 1200)')));
  await remembered.until('start', () => remembered.of('r1', 'started').length > 0);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const agent = keep(settings);
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  assert.equal(remembered.text('r1'), 'survived\n');
  assert.equal(agent.pid(), lock?.by.pid);
  assert.equal(agent.restarts(), 0);
  assert.equal(await agent.stop(), 'ended');
});

test('at a graceful end the agent brings its command to its end first, and stays when the server is back by then', async () => {
  const { server, remembered, settings } = await serverAndFolder();
  const agent = keep(settings);
  await remembered.until('hello', () => remembered.hellos.length === 1);
  await server.hub.deliver('box', order('r1', script('setTimeout(() => console.log("done"), 4000)')));
  await remembered.until('start', () => remembered.of('r1', 'started').length > 0);
  const [stopped] = await Promise.all([agent.stop(), server.close()]);
  assert.equal(stopped, 'stays');
  const again = await startServerSide(remembered, server.port);
  closing.push(() => again.close());
  const next = keep(settings);
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  assert.equal(remembered.text('r1'), 'done\n');
  assert.equal(next.pid(), agent.pid());
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal(next.restarts(), 0);
  assert.equal(again.hub.isConnected('box'), true);
  assert.equal(await next.stop(), 'ended');
});

test('a surviving agent of another version is replaced as soon as it has nothing to do', async () => {
  const { server, remembered, folder, settings } = await serverAndFolder();
  const first = spawn(process.execPath, [join(import.meta.dirname, 'supervisor-program.ts'), server.url, folder], { stdio: 'inherit' });
  closing.push(() => first.kill('SIGKILL'));
  await remembered.until('hello', () => remembered.hellos.length === 1);
  first.kill('SIGKILL');
  await once(first, 'exit');
  const old = systemExec.readLock(join(folder, 'agent.lock'));
  const agent = keep({ ...settings, version: `2 ${server.url}` });
  await remembered.until('second hello', () => remembered.hellos.length === 2);
  assert.notEqual(agent.pid(), old?.by.pid);
  assert.equal(await agent.stop(), 'ended');
});
