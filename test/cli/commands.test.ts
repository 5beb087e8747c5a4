import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { sha256 } from '../../src/core/base/sha256.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';
import { Command, command } from './command.ts';

const TOKEN = 'e2e-administrator-0123456789abcdef';
const node = (script: string): string[] => [process.execPath, '-e', script];
const SCRIPT = 'echo "$GREETING, $1"\n';
const CONFIG = {
  built_in: { rules: false, demo: false },
  actions: {
    greet: {
      command: [...node('console.log("\\x1b[32mhello\\x1b[0m", process.argv[1]); console.error("careful"); process.exit(3)'), '{name}'],
      parameters: { name: { type: 'string', pattern: '[^!]*' } },
    },
    careful: { command: ['/bin/echo', 'done'], approval: { expires: '10m' } },
    long: { command: node('console.log("begun"); setTimeout(() => {}, 60000)') },
    secretive: {
      command: [...node('console.log(process.argv[1].length, process.argv[1])'), '{key}'],
      parameters: { key: { type: 'secret' } },
    },
    scripted: {
      script: { file: 'greet.sh', interpreter: ['/bin/sh'], arguments: ['{name}'] },
      parameters: { name: {} },
      env: { GREETING: 'Hello' },
      approval: { expires: '10m' },
    },
    equipped: {
      command: node('console.log(process.env.MODE, process.env.KEY.length, process.env.KEY)'),
      env: { MODE: 'quiet', KEY: { secret: 'api-key' } },
      tags: ['mail'],
      owner: 'alice',
    },
  },
};

/** Says what it was asked. */
const target = createServer(async (request, response) => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  response.end(`${request.method} ${request.url} ${request.headers.authorization} ${Buffer.concat(pieces).toString()}\n`);
});
let program: Program;
let env: Record<string, string>;
const say = (...args: string[]) => command(args, { env });

before(async () => {
  await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve));
  const call = {
    http: {
      method: 'PUT',
      url: `http://127.0.0.1:${(target.address() as AddressInfo).port}/jobs/{job}`,
      headers: { Authorization: { secret: 'api-key' } },
      body: { job: '{job}' },
      expect: [200],
    },
    parameters: { job: {} },
  };
  program = new Program({ config: { ...CONFIG, actions: { ...CONFIG.actions, call } } });
  writeFileSync(join(program.root, 'config/greet.sh'), SCRIPT);
  await program.start();
  env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: TOKEN };
  await program.agentIsHere();
});
after(async () => {
  target.close();
  await program.close();
});

test('a run that is followed shows its output as it is, and gives its exit code', async () => {
  const ran = await say('run', 'greet', '--param', 'name=$(reboot) "x"', '--follow', '--comment', 'why not');
  assert.equal(ran.stdout, '\x1b[32mhello\x1b[0m $(reboot) "x"\n');
  assert.match(ran.stderr, /^run (\S+): \w+\n[^]*careful\n[^]*run \1: failed/);
  assert.equal(ran.code, 3);
  const [, id = ''] = /^run (\S+):/.exec(ran.stderr) ?? [];
  const shown = await say('runs', 'show', id);
  assert.match(shown.stdout, /^state: +failed$/m);
  assert.match(shown.stdout, /^exit code: +3$/m);
  assert.match(shown.stdout, /^comment: +why not$/m);
  assert.equal((await say('runs', 'output', id)).stdout.includes('careful'), true);
  const listed = await say('runs', '--action', 'greet', '--state', 'failed', '--json');
  assert.deepEqual(
    JSON.parse(listed.stdout).map((run: { id: string }) => run.id),
    [id],
  );
});

test('nothing starts that was only tried, and what is refused says why', async () => {
  const tried = await say('run', 'greet', '--param', 'name=x', '--dry-run');
  assert.equal(tried.code, 0);
  assert.match(tried.stdout, /"x"\non /);
  const refused = await say('run', 'greet', '--param', 'name=a!');
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /name/);
  assert.equal((await say('run', 'nothing')).code, 1);
  assert.equal((await say('run', 'greet', '--param', 'name')).code, 2);
  assert.equal((await say('run', 'greet', 'twice')).code, 2);
});

test('the same key gives the same run', async () => {
  const asked = () => say('run', 'careful', '--once', 'night-1');
  const [first, second] = [await asked(), await asked()];
  assert.equal(first.stdout, second.stdout);
  const [id = ''] = first.stdout.split(' ');
  assert.match(first.stderr, new RegExp(`tocsin approve ${id}`));
  assert.equal((await say('reject', id, '--comment', 'not tonight')).code, 0);
  const again = await say('approve', id);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /rejected/);
});

test('one person asks and follows, another approves', async () => {
  const following = new Command(['run', 'careful', '--follow'], { env });
  await until('it waits', () => /run \S+: awaiting approval/.test(following.stderr));
  const [, id = ''] = /run (\S+):/.exec(following.stderr) ?? [];
  assert.match((await say('runs', '--state', 'awaiting approval')).stdout, new RegExp(`^${id} `, 'm'));
  assert.equal((await say('approve', id, '--comment', 'go')).code, 0);
  const ended = await following.end();
  assert.deepEqual([ended.code, ended.stdout], [0, 'done\n']);
});

test('Ctrl-C ends the following, not the run; cancel ends the run', async () => {
  const following = new Command(['run', 'long', '--follow'], { env });
  await until('it runs', () => following.stdout.includes('begun'), 30_000);
  following.child.kill('SIGINT');
  const left = await following.end();
  assert.equal(left.code, 130);
  assert.match(left.stderr, /The run goes on/);
  const [, id = ''] = /run (\S+):/.exec(left.stderr) ?? [];
  assert.match((await say('runs', 'show', id)).stdout, /^state: +running$/m);
  assert.match((await say('cancel', id)).stdout, /cancel/);
  await until('it is cancelled', async () => (await say('runs', 'show', id)).stdout.includes('cancelled'));
});

test('a script is approved with its content: what was asked for before it changed never starts', async () => {
  const ask = () => program.admin.ask(actions.run, { params: { name: 'scripted' }, body: { parameters: { name: '$(reboot)' } } });
  const hash = sha256(SCRIPT).slice(0, 12);
  const tried = await say('run', 'scripted', '--param', 'name=x', '--dry-run');
  assert.ok(tried.stdout.includes(`greet.sh@sha256:${hash}`), tried.stdout);
  const [first, second] = [await ask(), await ask().catch(() => null)];
  assert.equal(second, null, 'one at once');
  const read = (await say('runs', 'show', first.run)).stdout;
  for (const line of SCRIPT.trim().split('\n')) assert.ok(read.includes(`\n  ${line}\n`), read);
  assert.ok(read.includes(`greet.sh ${sha256(SCRIPT)}`), read);
  assert.equal((await say('approve', first.run)).code, 0);
  await until('it ended', async () => /succeeded/.test((await say('runs', 'show', first.run)).stdout));
  assert.equal((await say('runs', 'output', first.run)).stdout, 'Hello, $(reboot)\n');

  const before = (await program.admin.ask(actions.get, { params: { name: 'scripted' } })).version;
  const later = await ask();
  writeFileSync(join(program.root, 'config/greet.sh'), 'echo something else\n');
  await until('the script is read again', async () => {
    return (await program.admin.ask(actions.get, { params: { name: 'scripted' } })).version !== before;
  });
  await say('approve', later.run);
  const ended = await until('it is over', async () => {
    const { stdout } = await say('runs', 'show', later.run);
    return /cancelled|refused/.test(stdout) && stdout;
  });
  assert.match(ended, /the action was changed after it was asked for/);
});

test('secrets: kept encrypted, used by a run, masked in its output', async () => {
  const place = ['--data', program.data];
  const set = await command(['secret', 'set', 'api-key', ...place], { stdin: 'top-secret-value\n' });
  assert.deepEqual([set.code, set.stdout, set.stderr], [0, '', '']);
  assert.match((await command(['secret', 'list', ...place])).stdout, /^api-key +\d{4}-/m);
  const ran = await say('run', 'secretive', '--param', 'key=api-key', '--follow');
  assert.equal(ran.stdout, '16 ***\n', ran.stderr);
  const equipped = await say('run', 'equipped', '--follow');
  assert.equal(equipped.stdout, 'quiet 16 ***\n', equipped.stderr);
  const shown = await program.admin.ask(actions.get, { params: { name: 'equipped' } });
  assert.deepEqual(shown.env, [
    { name: 'MODE', value: 'quiet', secret: null },
    { name: 'KEY', value: null, secret: 'api-key' },
  ]);
  const called = await say('run', 'call', '--param', 'job=a/../b', '--follow');
  assert.match(called.stdout, /^PUT http:\S+\/jobs\/a%2F..%2Fb\n200\nPUT \/jobs\/a%2F..%2Fb \*\*\* \{"job":"a\/..\/b"\}\n$/, called.stderr);
  assert.equal(called.code, 0);
  assert.match((await say('run', 'call', '--param', 'job=..')).stderr, /job: cannot be a segment of a path/);
  assert.deepEqual([shown.tags, shown.owner], [['mail'], 'alice']);
  assert.equal((await command(['secret', 'remove', 'api-key', ...place])).code, 0);
  const without = await say('run', 'equipped', '--follow');
  assert.match(without.stderr, /there is no secret named api-key/);
  assert.equal((await command(['secret', 'remove', 'api-key', ...place])).code, 1);
  assert.equal((await command(['secret', 'set', 'x', ...place])).code, 1, 'nothing on stdin');
  assert.equal((await command(['secret', 'set', '../x', ...place], { stdin: 'x' })).code, 2);
});

test('alerts: found by matchers, shown, acknowledged, resolved', async () => {
  const labels = { alertname: 'DiskFull', instance: 'web-1', severity: 'critical', evil: '\x1b]0;t\x07' };
  await program.admin.json('POST', '/api/v2/alerts', [{ labels, annotations: { summary: 'Full' } }]);
  const found = await until('the alert', async () => {
    const listed = await say('alerts', 'alertname="DiskFull"', 'instance=~"web-.*"', '--json');
    return JSON.parse(listed.stdout)[0];
  });
  assert.match((await say('alerts', '--severity', 'critical')).stdout, /^\S+ +firing +critical +\S+ +web-1 +DiskFull +Full$/m);
  assert.equal((await say('alerts', 'alertname="Other"')).stdout, 'No such alerts.\n');
  assert.equal((await say('alerts', 'alertname="')).code, 1);
  assert.match((await say('alerts', 'acknowledge', found.id, '--comment', 'mine')).stdout, /acknowledged by environment/);
  const shown = await say('alerts', 'show', found.id);
  assert.match(shown.stdout, /^alert: +DiskFull/m);
  assert.ok(!shown.stdout.includes('\x1b'));
  assert.match((await say('alerts', 'unacknowledge', found.id)).stdout, /not acknowledged/);
  assert.match((await say('alerts', 'resolve', found.id)).stdout, /: resolved/);
  assert.equal((await say('alerts', 'resolve', 'nothing')).code, 1);
});

test('queries at a moment and over time', async () => {
  await until('samples', async () => (await say('query', 'count(node_load1)')).stdout.includes('{}'), 30_000);
  assert.equal((await say('query', '1 + 1')).stdout, '2\n');
  assert.equal((await say('query', 'nothing_there')).stdout, 'Nothing there.\n');
  assert.match(
    (await say('query', '--start', '1m', '--step', '1s', 'node_load1 * 0 + 7')).stdout,
    /▁+ +7 +7 +7 +\{instance=".*", job="node"\}/,
  );
  const wrong = await say('query', 'sum((');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /parenthesis/);
  assert.equal(JSON.parse((await say('query', 'vector(1)', '--json')).stdout).data.resultType, 'vector');
  assert.equal((await say('query', '--end', 'now', 'up')).code, 2);
  assert.equal((await say('query')).code, 2);
});

test('status and hosts', async () => {
  const status = await say('status');
  assert.equal(status.code, 0);
  for (const part of ['configuration', 'state', 'series', 'loop', 'agents']) assert.match(status.stdout, new RegExp(`^${part} +ok`, 'm'));
  assert.equal(JSON.parse((await say('status', '--json')).stdout).state, 'ok');
  assert.match((await say('hosts')).stdout, /^\S+ +connected +none +all /m);
  const [group] = JSON.parse((await say('hosts', '--targets', '9100')).stdout);
  assert.match(group.targets[0], /:9100$/);
  assert.equal(`${group.labels.__meta_tocsin_host}:9100`, group.targets[0]);
  assert.equal(group.labels.__meta_tocsin_connected, 'true');
  assert.equal((await command(['hosts', '--targets', 'x'], { env })).code, 2);
});

test('where the server and the token come from, and what is said when they are wrong', async () => {
  const file = join(program.root, 'token');
  writeFileSync(file, `${TOKEN}\n`);
  assert.equal((await command(['hosts', '--server', `${program.url}/`, '--token-file', file])).code, 0);
  const nobody = await command(['hosts'], { env: { TOCSIN_SERVER: program.url } });
  assert.equal(nobody.code, 1);
  assert.match(nobody.stderr, /--token-file FILE or TOCSIN_TOKEN/);
  const stranger = await command(['hosts'], { env: { ...env, TOCSIN_TOKEN: 'wrong' } });
  assert.match(stranger.stderr, /does not count here/);
  const away = await command(['status'], { env: { ...env, TOCSIN_SERVER: 'http://127.0.0.1:1' } });
  assert.equal(away.code, 1);
  assert.match(away.stderr, /Is the server running\? .*--server/);
  assert.equal((await command(['status', '--server', 'localhost:80'])).code, 2);
  assert.match((await command(['hosts', '--token-file', '/no/such'])).stderr, /\/no\/such cannot be read/);
});

test('an address that is taken is said, and no server stays behind', async () => {
  const data = join(program.root, 'second');
  const { code, stderr } = await command(['serve', '--data', data, '--no-local-agent', '--listen', new URL(program.url).host]);
  assert.equal(code, 1);
  assert.match(stderr, /Another program listens there/);
  assert.ok(!existsSync(join(data, 'agent/agent.lock')));
});
