import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../base/sha256.ts';
import { parseConfig } from '../config/parse-config.ts';
import type { Action } from './action.ts';
import { describeWork } from './work.ts';

function actionOf(lines: string): Action {
  const text = `actions:\n  a:\n${lines
    .trim()
    .split('\n')
    .map((line) => `    ${line}\n`)
    .join('')}`;
  const { value, problems } = parseConfig([{ path: 'f', text }], {
    builtIn: null,
    attachments: new Map([['s.sh', { text: 'echo "$1"\n' }]]),
  });
  const action = value?.actions.get('a');
  assert.ok(action, JSON.stringify(problems));
  return action;
}

test('a command: its arguments, variables, user and limits, and of a secret its name', () => {
  const action = actionOf(`
command: [/bin/x, --key, "{key}", "{path}"]
parameters: { key: { type: secret }, path: {} }
env: { LANG: C, TOKEN: { secret: token } }
run_as: deploy
timeout: 90s
collect: [/var/log/x.log]`);
  const work = describeWork(action, { key: 'my-key', path: 'a b' });
  assert.deepEqual(work.argv, ['/bin/x', '--key', '***', 'a b']);
  assert.deepEqual(work.env, [
    { name: 'LANG', value: 'C' },
    { name: 'TOKEN', secret: 'token' },
  ]);
  assert.deepEqual([work.runAs, work.timeout, work.collect, work.script, work.http], ['deploy', 90_000, ['/var/log/x.log'], null, null]);
});

test('a script: its whole text, the hash of it, and where it stands in the command', () => {
  const work = describeWork(actionOf('script: { file: s.sh, interpreter: [/bin/sh, -eu], arguments: [now] }'), {});
  assert.deepEqual(work.script, { file: 's.sh', content: 'echo "$1"\n', sha256: sha256('echo "$1"\n'), at: 2 });
  assert.equal(work.argv.at(-1), 'now');
});

test('a request: everything that is sent, secrets by their names, also inside the body', () => {
  const action = actionOf(`
http:
  method: POST
  url: "https://jobs.example.com/jobs/{job}"
  headers: { Authorization: { secret: jobs-key }, X-Why: alert }
  body: { job: "{job}", password: "{password}" }
parameters: { job: {}, password: { type: secret } }`);
  const { http } = describeWork(action, { job: 'a/b', password: 'root-password' });
  assert.equal(http?.url, 'https://jobs.example.com/jobs/a%2Fb');
  assert.deepEqual(http?.headers, [
    { name: 'content-type', value: 'application/json' },
    { name: 'authorization', secret: 'jobs-key' },
    { name: 'x-why', value: 'alert' },
  ]);
  assert.deepEqual(JSON.parse(http?.body ?? ''), { job: 'a/b', password: '{ secret: root-password }' });
});
