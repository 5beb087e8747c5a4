// The configuration on disk and the program that runs: reload all or nothing, one server for each folder, and the commands for files.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { system } from '../../src/contract/api/system.ts';
import { Program, tocsin } from './program.ts';
import { until } from './until.ts';

const ROOT = join(import.meta.dirname, '../..');
const GOOD = `actions:
  first: { command: [/bin/true] }
`;
const BAD = `actions:
  first: { command: [/bin/true] }
  second:
    comand: [/bin/true]
triggers:
  t: { match: alertname="X", run: third }
`;
const BETTER = `actions:
  first: { command: [/bin/true] }
  second: { command: [/bin/true] }
`;
const program = new Program({ config: GOOD });

before(() => program.start());
after(() => program.close());

const names = async (): Promise<string[]> =>
  (await program.admin.ask(actions.list)).items.map(({ name }) => name).filter((name) => !/demo/.test(name));

async function wrongness() {
  const { items } = await program.admin.ask(alerts.list, { query: { state: 'firing', filter: 'alertname="ConfigurationWrong"' } });
  return items[0]?.annotations['summary'] ?? null;
}

test('a changed file is taken when it is good; a bad one changes nothing and raises an alert that says where', async () => {
  program.configure(BAD);
  const why = await until('the alert says that it is wrong', wrongness);
  assert.match(why, /tocsin\.yml:3:3|tocsin\.yml:4:5|tocsin\.yml:6:30/);
  assert.deepEqual(await names(), ['first']);
  const { parts } = await program.admin.ask(system.status);
  assert.equal(parts.find(({ name }) => name === 'configuration')?.state, 'degraded');
  const refused = await program.admin.send('POST', '/-/reload');
  assert.equal(refused.status, 400);
  for (const what of ['tocsin.yml:4:5', 'comand', 'tocsin.yml:6:', 'third'])
    assert.ok(refused.text.includes(what), `${what}: ${refused.text}`);

  program.configure(BETTER);
  await until('the good one is in force', async () => (await names()).includes('second'));
  await until('the alert is over', async () => (await wrongness()) === null);
});

test('SIGHUP reloads as well', async () => {
  program.configure(GOOD);
  program.signal('SIGHUP');
  await until('it is in force', async () => !(await names()).includes('second'));
});

test('a second server on the same folder refuses and says which process works there', async () => {
  const second = await tocsin(['serve', ...program.arguments]);
  assert.equal(second.code, 1);
  assert.ok(second.stderr.includes(`process ${program.pid}`), second.stderr);
  assert.deepEqual(await names(), ['first']);
});

test('a server with a wrong configuration does not start and names every problem', async () => {
  const file = join(program.root, 'wrong.yml');
  writeFileSync(file, BAD);
  const child = await tocsin([
    'serve',
    '--data',
    join(program.root, 'other'),
    '--config',
    file,
    '--listen',
    '127.0.0.1:0',
    '--no-local-agent',
  ]);
  assert.equal(child.code, 1);
  assert.match(child.stderr, /wrong\.yml:4:5/);
  assert.match(child.stderr, /wrong\.yml:6:/);
});

test('check-config gives every problem of a file with its place, and is content with the examples', async () => {
  const file = join(program.root, 'wrong.yml');
  writeFileSync(file, BAD);
  const wrong = await tocsin(['check-config', file]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /wrong\.yml:4:5: actions\.second\.comand: .*did you mean "command"/);
  assert.match(wrong.stderr, /wrong\.yml:6:\d+: triggers\.t\.run: .*third/);
  const good = await tocsin(['check-config', join(ROOT, 'examples/disk-clean-up/tocsin.yml')]);
  assert.equal(good.code, 0, good.stderr);
  assert.equal((await tocsin(['check-config', join(program.root, 'absent.yml')])).code, 1);
  assert.equal((await tocsin(['check-config'])).code, 2);
});

test('simulate plays the whole loop in simulated time and fails when something expected did not happen', async () => {
  const played = await tocsin(['simulate', join(ROOT, 'test/scenarios/disk-full.yml')]);
  assert.equal(played.code, 0, played.stderr);
  assert.match(played.stdout, /run of clean-disk: succeeded, fixed/);
  const broken = join(program.root, 'broken.yml');
  writeFileSync(broken, 'name: Nothing happens\nlength: 1m\nhosts: [a]\nconfiguration: {}\nexpect: ["send nobody"]\n');
  const failed = await tocsin(['simulate', broken]);
  assert.equal(failed.code, 1);
  assert.match(failed.stderr, /expected.*send nobody/);
});

test('wrong usage is said on stderr with exit code 2', async () => {
  for (const args of [['no-such-command'], ['serve', '--listen', 'nowhere'], ['token', 'create', 'x', '--role', 'king'], ['simulate']]) {
    const { code, stderr, stdout } = await tocsin(args);
    assert.equal(code, 2, args.join(' '));
    assert.notEqual(stderr, '');
    assert.equal(stdout, '');
  }
});

test('a polite end ends the agent too, and says 0', async () => {
  const other = await Program.start();
  await other.agentIsHere();
  const [agentPid] = (await commandOutput('pgrep', ['-f', `agent.*--data ${other.data}/agent`])).split('\n');
  assert.match(agentPid ?? '', /^\d+$/);
  assert.equal(await other.stop(), 0);
  await until('the agent is gone', async () => (await commandOutput('pgrep', ['-f', `agent.*--data ${other.data}/agent`])) === '');
  await other.close();
});

async function commandOutput(program: string, args: readonly string[]): Promise<string> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => (text += more));
  await once(child, 'close');
  return text;
}
