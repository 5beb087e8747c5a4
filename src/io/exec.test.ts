import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Command, type ProcessEnd, type StartedProcess, systemExec } from './exec.ts';
import { identifyProcess, isGroupAlive, isProcessAlive } from './processes.ts';

interface Heard {
  readonly process: StartedProcess;
  text(stream: 'stdout' | 'stderr'): string;
  /** Returns when the output holds the text. */
  hears(text: string): Promise<void>;
}

async function begin(argv: readonly string[], more: Partial<Command> = {}): Promise<Heard> {
  const output = { stdout: '', stderr: '' };
  const waiting: (() => void)[] = [];
  const started = await systemExec.start(
    { argv, env: {}, cwd: '/', grace: 200, ...more },
    {
      output: (stream, bytes) => {
        output[stream] += bytes.toString();
        for (const look of waiting) look();
      },
    },
  );
  if (started.kind === 'not started') throw new Error(started.reason);
  const hears = (text: string) =>
    new Promise<void>((resolve) => {
      const look = (): void => {
        if (output.stdout.includes(text)) resolve();
      };
      waiting.push(look);
      look();
    });
  return { process: started.process, text: (stream) => output[stream], hears };
}

const script = (code: string): readonly string[] => [process.execPath, '-e', code];
const shell = (code: string): readonly string[] => ['sh', '-c', code];

test('arguments arrive as they are, and nothing is read from our input', async () => {
  const odd = ['', 'a b', '$(id)', '"; rm -rf /', '-e evil=1', 'line\nline', '\u{1f525}'];
  const heard = await begin([
    ...script('console.log(JSON.stringify(process.argv.slice(1)), require("fs").readFileSync(0).length)'),
    '--',
    ...odd,
  ]);
  await heard.process.ended;
  assert.equal(heard.text('stdout'), `${JSON.stringify(odd)} 0\n`);
});

test('exit code, signal, a missing program and one that may not be executed', async () => {
  const end = async (argv: readonly string[]): Promise<ProcessEnd> => (await begin(argv)).process.ended;
  assert.deepEqual(await end(shell('exit 3')), { kind: 'exited', exitCode: 3, signal: null, leftOvers: false, outputCut: false });
  assert.equal((await end(shell('kill -9 $$'))).signal, 'SIGKILL');
  const missing = await systemExec.start({ argv: ['/no/such/program'], env: {}, cwd: '/' }, { output: () => {} });
  assert.equal(missing.kind === 'not started' && missing.code, 'ENOENT');
  const empty = await systemExec.start({ argv: [], env: {}, cwd: '/' }, { output: () => {} });
  assert.equal(empty.kind, 'not started');
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-exec-'));
  writeFileSync(join(folder, 'text'), 'text', { mode: 0o600 });
  const forbidden = await systemExec.start({ argv: [join(folder, 'text')], env: {}, cwd: '/' }, { output: () => {} });
  assert.equal(forbidden.kind === 'not started' && forbidden.code, 'EACCES');
  rmSync(folder, { recursive: true });
});

test('a script may write to /dev/stdout and /dev/stderr', async () => {
  const heard = await begin(shell('echo out > /dev/stdout; echo err > /dev/stderr; echo both | tee /dev/stderr'));
  const { exitCode } = await heard.process.ended;
  assert.deepEqual([exitCode, heard.text('stdout'), heard.text('stderr')], [0, 'out\nboth\n', 'err\nboth\n']);
});

test('a stopped command takes its children along, and those that do not listen are killed', async () => {
  const heard = await begin(shell('(trap "" TERM; echo deaf; sleep 60; sleep 60) & sleep 60 & echo up; wait'));
  await heard.hears('up\n');
  await heard.hears('deaf\n');
  heard.process.stop();
  await heard.process.ended;
  assert.equal(isGroupAlive(heard.process.identity.pid), false);
});

test('a process of another session is found by its mark', async () => {
  const mark = `TOCSIN_RUN=exec-test-${process.pid}`;
  const heard = await begin(shell('setsid sleep 60 & echo $!; wait'), { mark });
  await heard.hears('\n');
  const pid = Number(heard.text('stdout'));
  while (identifyProcess(pid) === null) await new Promise((resolve) => setImmediate(resolve));
  heard.process.stop();
  await heard.process.ended;
  const left = identifyProcess(pid);
  assert.ok(left === null || !isProcessAlive(left));
});

test('a daemon in a session of its own may stay after a good end, and does not keep us', async () => {
  const heard = await begin(shell('setsid sh -c "echo $$; exec sleep 60" & echo done'));
  const end = await heard.process.ended;
  assert.deepEqual([end.exitCode, end.outputCut, end.leftOvers], [0, true, false]);
  const daemon =
    heard
      .text('stdout')
      .split('\n')
      .map(Number)
      .find((pid) => pid > 0) ?? 0;
  if (daemon > 0 && identifyProcess(daemon) !== null) process.kill(daemon, 'SIGKILL');
});

test('a paused command waits, and nothing of its output is lost', async () => {
  const code = `const b = Buffer.alloc(1 << 20, 'x'); process.stdout.write(b, () => process.stdout.write('end'))`;
  const heard = await begin(script(`process.stdout.write('begin'); ${code}`));
  await heard.hears('begin');
  heard.process.pause();
  const held = heard.text('stdout').length;
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.equal(heard.text('stdout').length, held);
  assert.ok(isProcessAlive(heard.process.identity));
  heard.process.resume();
  await heard.process.ended;
  assert.equal(heard.text('stdout').length, 5 + (1 << 20) + 3);
});

test('the group of a command whose starter has died is stopped by its identity, a stranger with the same number is not', async () => {
  const heard = await begin(shell('sleep 60 & echo up; wait'));
  await heard.hears('up\n');
  const { identity } = heard.process;
  assert.equal(await systemExec.stopLeftOvers({ ...identity, startedTicks: '1' }, 'TOCSIN_RUN=nobody', 200), false);
  assert.ok(isProcessAlive(identity));
  assert.equal(await systemExec.stopLeftOvers(identity, 'TOCSIN_RUN=nobody', 200), true);
  await heard.process.ended;
  assert.equal(isGroupAlive(identity.pid), false);
});
