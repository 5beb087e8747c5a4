import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readWriteRequest, type WrittenSample } from '../doors/write-request.ts';

const PROGRAM = new URL('./observing-program.ts', import.meta.url).pathname;

async function openServer() {
  const state = { isAway: true, samples: [] as WrittenSample[], tokens: new Set<string | undefined>() };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      if (request.url !== '/api/v1/write') return response.writeHead(404).end();
      if (state.isAway) return response.writeHead(503).end();
      state.tokens.add(request.headers.authorization);
      state.samples.push(...readWriteRequest(Buffer.concat(chunks), request.headers['content-encoding']));
      return response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { state, url, close };
}

async function end(agent: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(agent, 'exit');
  agent.kill(signal);
  await exited;
}

async function until(what: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await what())) await wait(20);
}

async function spooledBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('an agent that is killed while the server is away loses nothing; the next one delivers it first, in order', async () => {
  const { state, url, close } = await openServer();
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-agent-'));
  const start = (): ChildProcess => spawn(process.execPath, [PROGRAM, url, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const first = start();
  await until(async () => (await spooledBytes(join(folder, 'spool'))) > 8_000);
  await end(first, 'SIGKILL');
  const killedAt = Date.now();
  state.isAway = false;
  const second = start();
  const beats = (): number[] => state.samples.filter(({ series }) => series.startsWith('tocsin_agent_up{')).map(({ at }) => at);
  await until(() => beats().some((at) => at > killedAt));
  const moments = beats();
  assert.ok(moments.filter((at) => at <= killedAt).length >= 1);
  assert.ok(moments.every((at) => at % 1_000 === 0));
  assert.deepEqual(
    moments,
    moments.toSorted((a, b) => a - b),
  );
  assert.ok(state.samples.some(({ series }) => series === 'tocsin_agent_up{instance="test-host",job="node",site="lab"}'));
  assert.deepEqual([...state.tokens], ['Bearer token']);

  await mkdir(join(folder, 'textfile'), { recursive: true });
  await until(() => beats().some((at) => at > Date.now() - 900));
  await writeFile(join(folder, 'a.tmp'), 'dropped_in 42\n');
  await rename(join(folder, 'a.tmp'), join(folder, 'textfile', 'a.prom'));
  await until(() => state.samples.some(({ series, value }) => series.startsWith('dropped_in{') && value === 42));
  await end(second, 'SIGTERM');
  assert.equal(second.exitCode, 0);
  close();
});

test('two agents never work on one folder', async () => {
  const { url, close } = await openServer();
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-agent-'));
  const first = spawn(process.execPath, [PROGRAM, url, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  await until(async () => (await spooledBytes(join(folder, 'spool'))) > 0);
  const second = spawn(process.execPath, [PROGRAM, url, folder], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(second, 'exit');
  assert.equal(code, 0);
  assert.equal(first.exitCode, null);
  await end(first, 'SIGTERM');
  close();
});
