import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { sha256 } from '../../src/core/base/sha256.ts';
import { systemExec } from '../../src/io/exec.ts';
import { isGroupAlive } from '../../src/io/processes.ts';
import { startObeying } from '../../src/agent/obey/obey.ts';
import { obeyElsewhere, obeyHere, order, type RunOrder, script, settingsOf, systemDoors, temporaryFolder } from './agent-side.ts';
import { startServerSide } from './server-side.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function both(limits: Parameters<typeof obeyHere>[2] = {}) {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const agent = obeyHere(server.url, folder.path, limits);
  closing.push(() => agent.end());
  await server.remembered.until('connected', () => server.remembered.hellos.length > 0);
  return { server, agent, folder: folder.path, remembered: server.remembered };
}

test('an order is executed, its output comes while it runs, and its end comes last', async () => {
  const { server, remembered, folder } = await both();
  const code = `console.log('one'); console.error('two'); process.stdin.once('data', () => {}); setTimeout(() => console.log('three'), 300)`;
  assert.equal(await server.hub.deliver('box', order('r1', script(code))), 'delivered');
  await remembered.until('first output', () => remembered.text('r1').includes('two'));
  assert.equal(remembered.of('r1', 'finished').length, 0);
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  assert.deepEqual(
    remembered.facts.map(({ type }) => type),
    ['accepted', 'started', 'finished'],
  );
  assert.equal(remembered.text('r1', 'stdout'), 'one\nthree\n');
  assert.equal(remembered.text('r1', 'stderr'), 'two\n');
  const [finished] = remembered.of('r1', 'finished');
  assert.deepEqual([finished?.how, finished?.exitCode, finished?.signal, finished?.outputBytes], ['exit', 0, null, 14]);
  await remembered.until('nothing is kept', () => !existsSync(join(folder, 'runs', 'r1.run')));
});

test('what the command gets is only what it is given', async () => {
  const { server, remembered } = await both();
  process.env['SECRET_OF_THE_AGENT'] = 'x';
  await server.hub.deliver(
    'box',
    order('r1', script('console.log(JSON.stringify(process.env))'), { env: { TOCSIN_ALERT_NAME: 'a "b" $c' } }),
  );
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const env: unknown = JSON.parse(remembered.text('r1'));
  assert.deepEqual(Object.keys(env as object).sort(), ['HOME', 'LANG', 'PATH', 'TOCSIN_ALERT_NAME', 'TOCSIN_MARK', 'TOCSIN_RUN']);
});

test('a request is sent as it is written; its answer is the output, and an expected status the success', async () => {
  const { server, remembered } = await both();
  const seen: { line: string; key: string | undefined; type: string | undefined; body: string }[] = [];
  const target = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      seen.push({ line: `${request.method} ${request.url}`, key: authorization, type, body });
      if (request.url === '/silent') return;
      response.writeHead(request.url === '/moved' ? 302 : 201, { location: '/elsewhere' });
      response.end(request.url === '/long' ? 'x'.repeat(5_000) : `you sent ${authorization}`);
    });
  });
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  closing.push(
    () => target.closeAllConnections(),
    () => target.close(),
  );
  const { port } = target.address() as AddressInfo;
  const ask = (run: string, path: string, more: Partial<RunOrder> = {}) => {
    const url = `http://127.0.0.1:${port}${path}`;
    const headers = { 'content-type': 'application/json', authorization: 'top-secret' };
    const http = { method: 'POST', url, headers, body: '{"a":"$(reboot)"}', expect: [201] } as const;
    return server.hub.deliver('box', order(run, ['http', 'POST', url], { http, secrets: ['top-secret'], ...more }));
  };
  await ask('good', '/jobs/a%2Fb?x=1');
  await ask('moved', '/moved');
  await ask('long', '/long', { outputLimitBytes: 1_000 });
  await ask('slow', '/silent', { timeout: 300 });
  await ask('stopped', '/silent');
  await remembered.until('both wait', () => seen.filter(({ line }) => line === 'POST /silent').length === 2);
  await server.hub.deliver('box', { type: 'cancel', run: 'stopped' });
  const runs = ['good', 'moved', 'long', 'slow', 'stopped'];
  await remembered.until('ends', () => runs.every((run) => remembered.of(run, 'finished').length > 0));
  const outcomes = runs.map((run) => remembered.of(run, 'finished').map(({ how, exitCode }) => `${how} ${exitCode}`)[0]);
  assert.deepEqual(outcomes, ['exit 0', 'exit 1', 'exit 1', 'timeout null', 'cancelled null']);
  // The five are sent side by side, so any of them may be there first.
  const good = seen.find(({ line }) => line.includes('jobs'));
  assert.deepEqual(good, { line: 'POST /jobs/a%2Fb?x=1', key: 'top-secret', type: 'application/json', body: '{"a":"$(reboot)"}' });
  assert.equal(remembered.text('good'), `POST http://127.0.0.1:${port}/jobs/a%2Fb?x=1\n201\nyou sent ***`);
  assert.match(remembered.text('moved'), /302 \(not expected\)/);
  assert.match(remembered.text('long'), /the answer is longer than 1000 bytes/);
  assert.ok(!seen.some(({ line }) => line.includes('elsewhere')));
});

test('a script lies in a private file while it runs, gets its arguments as they are, and is gone afterwards', async () => {
  const { server, remembered, folder } = await both();
  const content = 'stat -c %a "$0"\nprintf "%s|" "$@"\necho "$KEY"\nexit 4\n';
  const argv = ['/bin/sh', '-e', 'clean.sh@sha256:000000000000', 'a b', '$(reboot)', '{x}'];
  const given = { script: { at: 2, content, sha256: sha256(content) }, env: { KEY: 'top-secret' }, secrets: ['top-secret'] };
  await server.hub.deliver('box', order('r1', argv, given));
  await server.hub.deliver('box', order('r2', argv, { ...given, script: { ...given.script, content: 'echo other' } }));
  await server.hub.deliver('box', order('r3', ['/no/such/shell', 'x'], { ...given, script: { ...given.script, at: 1 } }));
  await remembered.until('end', () => ['r1', 'r2', 'r3'].every((run) => remembered.of(run, 'finished').length > 0));
  assert.equal(remembered.text('r1', 'stdout'), '600\na b|$(reboot)|{x}|***\n');
  assert.deepEqual([remembered.of('r1', 'finished')[0]?.how, remembered.of('r1', 'finished')[0]?.exitCode], ['exit', 4]);
  assert.equal(remembered.of('r2', 'finished')[0]?.how, 'refused');
  assert.equal(remembered.of('r3', 'finished')[0]?.how, 'spawn error');
  assert.deepEqual(
    readdirSync(join(folder, 'runs')).filter((name) => name.endsWith('.script')),
    [],
  );
});

test('a script that an agent left when it died is removed by the next one', async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  mkdirSync(join(folder.path, 'runs'));
  writeFileSync(join(folder.path, 'runs/r0.script'), 'echo secret');
  const server = await startServerSide();
  closing.push(() => server.close());
  const agent = obeyHere(server.url, folder.path);
  closing.push(() => agent.end());
  await server.remembered.until('connected', () => server.remembered.hellos.length > 0);
  assert.equal(existsSync(join(folder.path, 'runs/r0.script')), false);
});

test('an exit code, a signal, a missing program and a forbidden one are told apart', async () => {
  const { server, remembered, folder } = await both();
  writeFileSync(join(folder, 'plain'), 'text', { mode: 0o644 });
  const orders = [
    order('code', script('process.exit(7)')),
    order('signal', script('process.kill(process.pid, "SIGINT")')),
    order('missing', ['/no/such/program']),
    order('forbidden', [join(folder, 'plain')]),
  ];
  for (const each of orders) await server.hub.deliver('box', each);
  await remembered.until('ends', () => orders.every(({ run }) => remembered.of(run, 'finished').length > 0));
  const outcome = (run: string) => remembered.of(run, 'finished').map(({ how, exitCode, signal }) => [how, exitCode, signal])[0];
  assert.deepEqual(outcome('code'), ['exit', 7, null]);
  assert.deepEqual(outcome('signal'), ['exit', null, 'SIGINT']);
  assert.deepEqual(outcome('missing'), ['spawn error', null, null]);
  assert.match(remembered.of('missing', 'finished')[0]?.message ?? '', /ENOENT/);
  assert.match(remembered.of('forbidden', 'finished')[0]?.message ?? '', /EACCES/);
});

test('the same order twice starts one process, and an older claim starts none', async () => {
  const { server, remembered, folder } = await both();
  const count = script(`require('fs').appendFileSync(${JSON.stringify(join(folder, 'count'))}, 'x'); setTimeout(() => {}, 200)`);
  await Promise.all([server.hub.deliver('box', order('r1', count)), server.hub.deliver('box', order('r1', count))]);
  await remembered.until('start', () => remembered.of('r1', 'started').length > 0);
  await server.hub.deliver('box', order('r1', count, { fence: 2 }));
  await server.hub.deliver('box', order('r1', count, { fence: 0 }));
  await remembered.until('end', () => remembered.of('r1', 'finished').some(({ fence }) => fence === 2));
  await remembered.until('forgotten', () => !existsSync(join(folder, 'runs', 'r1.run')));
  const before = remembered.of('r1', 'finished').length;
  await server.hub.deliver('box', order('r1', count, { fence: 3 }));
  await remembered.until('the old outcome', () => remembered.of('r1', 'finished').length > before);
  assert.equal(readFileSync(join(folder, 'count'), 'utf8'), 'x');
});

test('the agent refuses what its own configuration does not allow', async () => {
  const { server, remembered } = await both({
    allowedActions: ['clean'],
    longestTimeout: 5_000,
    mostOutputBytes: 1_000,
    mostRunsAtOnce: 1,
  });
  const allowed = { action: 'clean', timeout: 1_000, outputLimitBytes: 1_000 };
  const refused = {
    action: order('action', ['true'], { ...allowed, action: 'other' }),
    timeout: order('timeout', ['true'], { ...allowed, timeout: 6_000 }),
    output: order('output', ['true'], { ...allowed, outputLimitBytes: 2_000 }),
    loader: order('loader', ['true'], { ...allowed, env: { LD_PRELOAD: '/tmp/x.so' } }),
    nul: order('nul', ['echo', 'a\0b'], allowed),
  };
  for (const each of Object.values(refused)) await server.hub.deliver('box', each);
  await server.hub.deliver('box', order('first', script('setTimeout(() => {}, 500)'), allowed));
  await server.hub.deliver('box', order('second', ['true'], allowed));
  const runs = [...Object.keys(refused), 'second'];
  await remembered.until('refusals', () => runs.every((run) => remembered.of(run, 'finished').length > 0));
  for (const run of runs) {
    const [finished] = remembered.of(run, 'finished');
    assert.equal(finished?.how, 'refused', run);
    assert.notEqual(finished?.message, '');
    assert.equal(remembered.of(run, 'started').length, 0, run);
  }
  await remembered.until('the allowed one', () => remembered.of('first', 'finished')[0]?.how === 'exit');
});

test('cancelling ends grandchildren too, also those that left the group', async () => {
  const { server, remembered, folder } = await both();
  const pids = join(folder, 'pids');
  const stubborn = `trap '' TERM; echo $$ >> ${pids}; sleep 60 & echo $! >> ${pids}; wait; sleep 60`;
  const tree = `setsid sh -c "${stubborn}" & echo $! >> ${pids}; sleep 60 & echo $! >> ${pids}; echo ready; wait`;
  await server.hub.deliver('box', order('r1', ['sh', '-c', tree]));
  await remembered.until('running', () => remembered.text('r1') === 'ready\n' && readFileSync(pids, 'utf8').split('\n').length >= 5);
  await server.hub.deliver('box', { type: 'cancel', run: 'r1' });
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  assert.equal(remembered.of('r1', 'finished')[0]?.how, 'cancelled');
  for (const pid of readFileSync(pids, 'utf8').trim().split('\n')) assert.equal(isRunning(Number(pid)), false, `process ${pid}`);
});

test('a command that does not end in time is stopped, also when it does not listen to TERM', async () => {
  const { server, remembered } = await both();
  const deaf = script(`process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000); console.log('up')`);
  await server.hub.deliver('box', order('r1', deaf, { timeout: 400 }));
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const [finished] = remembered.of('r1', 'finished');
  assert.deepEqual([finished?.how, finished?.signal], ['timeout', 'SIGKILL']);
  assert.equal(remembered.text('r1'), 'up\nno\n');
});

test('what a command leaves in the background does not keep the run open', async () => {
  const { server, remembered } = await both();
  await server.hub.deliver('box', order('r1', ['sh', '-c', 'sleep 60 & echo done']));
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const [finished] = remembered.of('r1', 'finished');
  assert.deepEqual([finished?.how, finished?.exitCode], ['exit', 0]);
  assert.match(finished?.message ?? '', /background/);
});

test('secrets are masked, also over chunks of output and on both streams', async () => {
  const { server, remembered } = await both();
  const code = `const w = (s, t) => new Promise((r) => s.write(t, () => setTimeout(r, 30)));
    (async () => { await w(process.stdout, 'a hunt'); await w(process.stderr, 'b '); await w(process.stdout, 'er+2'); await w(process.stderr, 'hunter+2!');
    await w(process.stdout, ' ' + Buffer.from('hunter+2').toString('base64')); })()`;
  await server.hub.deliver('box', order('r1', script(code), { secrets: ['hunter+2'] }));
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  assert.equal(remembered.text('r1', 'stdout'), 'a *** ***');
  assert.equal(remembered.text('r1', 'stderr'), 'b ***!');
});

test('files are collected after the end; a missing one leaves a note', async () => {
  const { server, remembered, folder } = await both({ mostCollectedBytes: 10 });
  const log = join(folder, 'post.log');
  const code = `require('fs').writeFileSync(${JSON.stringify(log)}, '0123456789\\nsecret\\n')`;
  await server.hub.deliver(
    'box',
    order('r1', script(code), { secrets: ['cret'], collect: [log, '/no/such.log', '/dev/zero', 'relative'] }),
  );
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const notes = remembered.text('r1', 'note');
  assert.match(notes, /post\.log \(the last 7 of 18 bytes\)\nse\*\*\*\n/);
  assert.match(notes, /\/no\/such\.log \(not collected: there is no such file\)/);
  assert.match(notes, /\/dev\/zero \(not collected: it is not a file\)/);
  assert.match(notes, /relative \(not collected: the path is not absolute\)/);
  assert.equal(remembered.of('r1', 'finished')[0]?.outputBytes, remembered.length('r1'));
});

test('an agent that is killed in the middle of a run stops what is left of it and says that it is lost', async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const { remembered } = server;
  const first = obeyElsewhere(server.url, folder.path);
  closing.push(() => first.kill('SIGKILL'));
  await remembered.until('connected', () => remembered.hellos.length === 1);
  await server.hub.deliver('box', order('r1', ['sh', '-c', 'sleep 60 & echo working; wait']));
  await remembered.until('output', () => remembered.text('r1') === 'working\n');
  const group = remembered.of('r1', 'started')[0]?.pid ?? 0;
  first.kill('SIGKILL');
  await first.exited;
  assert.equal(isGroupAlive(group), true);
  const second = obeyElsewhere(server.url, folder.path);
  closing.push(() => second.kill('SIGKILL'));
  await remembered.until('lost', () => remembered.of('r1', 'finished').length > 0);
  assert.equal(remembered.of('r1', 'finished')[0]?.how, 'lost');
  assert.equal(remembered.text('r1'), 'working\n');
  assert.equal(isGroupAlive(group), false);
  await remembered.until('connected again', () => remembered.hellos.length === 2 && !existsSync(join(folder.path, 'runs', 'r1.run')));
  await server.hub.deliver('box', order('r1', ['true'], { fence: 1 }));
  await remembered.until('known', () => remembered.of('r1', 'finished').length > 1);
  assert.equal(remembered.of('r1', 'finished')[1]?.how, 'lost');
});

test('while the server is away the command goes on, and everything is delivered afterwards, once and in order', async () => {
  const { server, remembered, folder } = await both();
  const code = `let n = 0; const t = setInterval(() => { console.log('line ' + n++); if (n === 60) clearInterval(t); }, 10)`;
  await server.hub.deliver('box', order('r1', script(code)));
  await remembered.until('output', () => remembered.text('r1').includes('line 5\n'));
  await server.close();
  assert.equal(remembered.of('r1', 'finished').length, 0);
  await new Promise((resolve) => setTimeout(resolve, 700));
  assert.ok(readdirSync(join(folder, 'runs')).includes('r1.run'));
  const again = await startServerSide(remembered, server.port);
  closing.push(() => again.close());
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const lines = Array.from({ length: 60 }, (_, n) => `line ${n}\n`).join('');
  assert.equal(remembered.text('r1'), lines);
  assert.deepEqual(remembered.of('r1', 'started').length, 1);
});

test('a hundred megabytes of output are cut at the limit, in bounded memory', async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const { remembered } = server;
  const agent = obeyElsewhere(server.url, folder.path);
  closing.push(() => agent.kill('SIGKILL'));
  await remembered.until('connected', () => remembered.hellos.length === 1);
  const before = peakBytes(agent.pid);
  const limit = 8 << 20;
  const flood = `const b = Buffer.alloc(65536, 'x'); let left = 1600; const go = () => { while (left-- > 0) if (!process.stdout.write(b)) return process.stdout.once('drain', go); }; go()`;
  await server.hub.deliver('box', order('r1', script(flood), { outputLimitBytes: limit }));
  await remembered.until('end', () => remembered.of('r1', 'finished').length > 0);
  const [finished] = remembered.of('r1', 'finished');
  assert.deepEqual([finished?.how, finished?.outputBytes, finished?.outputTruncated], ['output limit', limit, true]);
  assert.equal(remembered.length('r1'), limit);
  const grown = peakBytes(agent.pid) - before;
  assert.ok(grown < 64 << 20, `the agent grew by ${grown >> 20} MB`);
});

test('asked to leave, an agent stays until its command has ended, and a second one is not let in', async () => {
  const { server, agent, remembered, folder } = await both();
  await server.hub.deliver('box', order('r1', script('setTimeout(() => console.log("done"), 400)')));
  await remembered.until('start', () => remembered.of('r1', 'started').length > 0);
  const lock = JSON.parse(readFileSync(join(folder, 'agent.lock'), 'utf8')) as { pid: number };
  assert.equal(lock.pid, process.pid);
  agent.leave();
  assert.equal(await agent.done, 'left');
  assert.equal(remembered.text('r1'), 'done\n');
});

test('a local agent that hears no server ends by itself; on a folder that is taken none begins', async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const settings = { ...settingsOf('http://127.0.0.1:9', folder.path, new AbortController().signal), orphanAfter: 100 };
  const doors = systemDoors();
  closing.push(() => doors.http.close());
  const orphan = startObeying(settings, doors);
  const second = obeyElsewhere('http://127.0.0.1:9', folder.path);
  closing.push(() => second.kill('SIGKILL'));
  await Promise.all([second.exited, orphan.done.then((end) => assert.equal(end, 'orphaned'))]);
});

test('a token speaks for its own host only, and nobody reports about the run of another', async () => {
  const { server, remembered } = await both();
  const post = (path: string, host: string, body: unknown) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${host}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const hello = { host: 'box', os: '', version: '', local: false, labels: {}, allowedActions: null, runs: [] };
  assert.equal((await post('/api/agent/hello', 'other', hello)).status, 403);
  assert.equal((await post('/api/agent/hello', 'box', { ...hello, host: 7 })).status, 400);
  const finished = {
    type: 'finished',
    run: 'r9',
    fence: 1,
    at: 1,
    how: 'exit',
    exitCode: 0,
    signal: null,
    message: '',
    outputBytes: 0,
    outputTruncated: false,
  };
  const answer = await post('/api/agent/reports?host=other', 'other', { reports: [finished] });
  assert.deepEqual(await answer.json(), { offsets: {}, settled: ['r9'] });
  assert.equal(remembered.facts.length, 0);
  const orders = await fetch(`${server.url}/api/agent/orders?host=box&session=guess`, { headers: { authorization: 'Bearer box' } });
  assert.equal(orders.status, 409);
});

function isRunning(pid: number): boolean {
  const identity = systemExec.identify(pid);
  return identity !== null && systemExec.isAlive(identity);
}

function peakBytes(pid: number): number {
  const kilobytes = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
  return Number(kilobytes) * 1024;
}
