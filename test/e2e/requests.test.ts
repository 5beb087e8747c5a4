// Runs that people and machines ask for: refused, repeated, cancelled, failed, and their output from any byte.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { runs } from '../../src/contract/api/runs.ts';
import type { Api } from './api.ts';
import { Program } from './program.ts';
import { Stream } from './stream.ts';
import { until } from './until.ts';

const program = new Program({ config: {} });
const gate = join(program.root, 'gate');
const counter = join(program.root, 'counter.ts');
const LINES = 300;
const LINE = 'a line with ümlauts and 🔔: ';
let operator: Api;

before(async () => {
  writeFileSync(
    counter,
    `import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
for (let line = 1; line <= ${LINES}; line += 1) {
  process.stdout.write('${LINE}' + line + '\\n');
  if (line === ${LINES / 2}) while (!existsSync(process.argv[2])) await pause(20);
}
`,
  );
  program.configure({
    actions: {
      echo: { command: ['/bin/echo', '{word}'], parameters: { word: { type: 'string', pattern: '[a-z $();|]+', max_length: 40 } } },
      counter: { command: [process.execPath, counter, gate] },
      sleeper: { command: ['/bin/sh', '-c', 'trap "" TERM; echo ready; sleep 60 & wait; sleep 60'], timeout: '1m' },
      absent: { command: ['/nowhere/at/all'] },
      failing: { command: ['/bin/sh', '-c', 'echo no luck >&2; exit 3'] },
      short: { command: ['/bin/sleep', '60'], timeout: '1s' },
    },
    built_in: { rules: false, demo: false },
  });
  await program.start();
  operator = await program.token('operator', 'operator');
  await program.agentIsHere();
});

after(() => program.close());

function ask(name: string, parameters: Readonly<Record<string, unknown>> = {}) {
  return operator.ask(actions.run, { params: { name }, body: { parameters } });
}

async function ended(id: string) {
  return until(`${id} ends`, async () => {
    const { run } = await operator.ask(runs.get, { params: { id } });
    return run.final && run;
  });
}

test('a repeated request with its key is one run; the key stands for that request only', async () => {
  const key = { 'idempotency-key': 'deploy 17' };
  const body = { parameters: { word: 'once' } };
  const answers = await Promise.all(Array.from({ length: 10 }, () => operator.json('POST', '/api/actions/echo/runs', body, key)));
  assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([202]));
  const ids = new Set(answers.map(({ text }) => actions.run.response.parse(JSON.parse(text)).run));
  assert.equal(ids.size, 1);
  const other = await operator.json('POST', '/api/actions/echo/runs', { parameters: { word: 'twice' } }, key);
  assert.equal(other.status, 409, other.text);
  const [id = ''] = ids;
  assert.equal((await ended(id)).state, 'succeeded');
  assert.equal((await operator.send('GET', `/api/runs/${id}/output`)).text, 'once\n');
});

test('whatever stands in a parameter is one argument, and no shell sees it', async () => {
  const { run } = await ask('echo', { word: 'a $(id) ; ls | wc' });
  assert.equal((await ended(run)).state, 'succeeded');
  assert.equal((await operator.send('GET', `/api/runs/${run}/output`)).text, 'a $(id) ; ls | wc\n');
});

test('refused and failed attempts are answered with the reason and stand in the archive', async () => {
  const unknown = await operator.json('POST', '/api/actions/no-such-action/runs', { parameters: { x: 1 } });
  assert.equal(unknown.status, 404);
  const bad = await operator.json('POST', '/api/actions/echo/runs', { parameters: { word: 'UPPER' } });
  assert.equal(bad.status, 400);
  assert.match(bad.text, /"path":"word"/);
  const missing = await operator.json('POST', '/api/actions/echo/runs', {});
  assert.equal(missing.status, 400);
  const extra = await operator.json('POST', '/api/actions/echo/runs', { parameters: { word: 'x', more: 1 } });
  assert.equal(extra.status, 400);
  const { items } = await operator.ask(runs.list, { query: { state: 'refused' } });
  assert.deepEqual(items.map(({ action }) => action).sort(), ['echo', 'echo', 'echo', 'no-such-action']);
  for (const run of items) {
    assert.equal(run.requestedBy, 'token:operator');
    assert.equal(run.startedAt, null);
    assert.notEqual(run.reason, '');
  }

  const absent = await ended((await ask('absent')).run);
  assert.equal(absent.state, 'failed to start');
  assert.match(`${absent.spawnError} ${absent.reason}`, /not found|ENOENT|no such/i);
  const failing = await ended((await ask('failing')).run);
  assert.deepEqual([failing.state, failing.exitCode], ['failed', 3]);
  assert.equal((await operator.send('GET', `/api/runs/${failing.id}/output`)).text, 'no luck\n');
  const short = await ended((await ask('short')).run);
  assert.equal(short.state, 'timed out');
});

test('a cancelled run is ended with its whole process group, also when it ignores the request', async () => {
  const { run: id } = await ask('sleeper');
  const live = new Stream(operator, `/api/runs/${id}/output/live`);
  await until('it runs', () => live.output().text.includes('ready'));
  await operator.ask(runs.cancel, { params: { id }, body: { comment: 'enough' } });
  const run = await live.end();
  assert.equal(run.state, 'cancelled');
  assert.match(run.reason, /enough/);
  const late = await operator.json('POST', `/api/runs/${id}/cancel`, { comment: '' });
  assert.equal(late.status, 409);
});

test('the output is live, complete for who comes late, and resumes at any byte', async () => {
  const { run: id } = await ask('counter');
  const path = `/api/runs/${id}/output/live`;
  const first = new Stream(operator, path);
  await until('half of it is here', () => first.output().text.includes(`${LINE}${LINES / 2}\n`));
  const half = first.output().text;
  const late = new Stream(operator, path);
  await until('who comes late has it too', () => late.output().text === half);
  late.leave();
  const bytes = Buffer.byteLength(half);
  const inTheMiddle = bytes - 17;
  const resumed = new Stream(operator, path, { 'last-event-id': String(bytes) });
  const from = new Stream(operator, `${path}?offset=${inTheMiddle}`);
  writeFileSync(gate, '');
  assert.equal((await first.end()).state, 'succeeded');
  await Promise.all([resumed.end(), from.end()]);
  const whole = Array.from({ length: LINES }, (_, line) => `${LINE}${line + 1}\n`).join('');
  assert.equal(first.output().text, whole);
  assert.equal(half + resumed.output().text, whole);
  assert.equal(from.output().from, inTheMiddle);
  assert.equal(from.output().text, Buffer.from(whole).subarray(inTheMiddle).toString());
  const after = new Stream(operator, path);
  await after.end();
  assert.equal(after.output().text, whole);
  assert.equal((await operator.send('GET', `/api/runs/${id}/output`)).text, whole);
  assert.equal((await operator.send('GET', `${path}?offset=-1`)).status, 400);
  assert.equal((await operator.send('GET', '/api/runs/nobody/output/live')).status, 404);
});
