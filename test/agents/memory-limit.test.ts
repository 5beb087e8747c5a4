import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { obeyHere, order, script, temporaryFolder } from './agent-side.ts';
import { startServerSide } from './server-side.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

test('a command whose processes together take more memory than they may is stopped; the smaller limit counts', {
  skip: process.platform !== 'linux',
}, async () => {
  const limit = 150 << 20;
  // Neither the parent nor one child alone is above it.
  const grow = `const kept = []; setInterval(() => kept.length < 12 && kept.push(Buffer.alloc(10 << 20, 1)), 20)`;
  const family = script(`const { spawn } = require('node:child_process');
    for (let i = 0; i < 3; i += 1) spawn(process.execPath, ['-e', ${JSON.stringify(grow)}], { detached: true });
    setTimeout(() => {}, 60000)`);
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const { remembered } = server;
  const agent = obeyHere(server.url, folder.path, { mostMemoryBytes: 4 * limit });
  closing.push(() => agent.end());
  await remembered.until('connected', () => remembered.hellos.length > 0);
  await server.hub.deliver('box', order('greedy', family, { memoryLimitBytes: limit }));
  await remembered.until('end', () => remembered.of('greedy', 'finished').length > 0);
  const [greedy] = remembered.of('greedy', 'finished');
  assert.equal(greedy?.how, 'memory limit');
  assert.match(greedy?.message ?? '', /more than 157286400 bytes of memory/);
  await server.hub.deliver('box', order('modest', script('console.log(1)'), { memoryLimitBytes: 2 ** 40 }));
  await remembered.until('end', () => remembered.of('modest', 'finished').length > 0);
  assert.equal(remembered.of('modest', 'finished')[0]?.how, 'exit');
});
