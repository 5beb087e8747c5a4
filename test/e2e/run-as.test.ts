// Actions as another user of the host, and what somebody who decides about a run is shown.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { sha256 } from '../../src/core/base/sha256.ts';
import type { Api } from './api.ts';
import { Program } from './program.ts';
import { until } from './until.ts';

const SCRIPT = '# who am I\nid -un\necho "$HOME"\n';
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const approval = { by: ['role:admin', 'role:operator'], count: 2 };

const program = new Program({
  config: {
    actions: {
      who: { command: ['/usr/bin/id'], run_as: 'nobody', env: { LANG: 'C' } },
      'who-script': {
        script: { file: 'who.sh', interpreter: ['/bin/sh', '-eu'], arguments: ['{word}'] },
        parameters: { word: {} },
        run_as: 'nobody',
        approval,
      },
      forbidden: { command: ['/usr/bin/id'], run_as: 'daemon' },
      ghost: { command: ['/usr/bin/id'], run_as: 'no-such-user' },
      restart: {
        http: {
          method: 'POST',
          url: 'http://127.0.0.1:9/jobs/{job}',
          headers: { Authorization: { secret: 'jobs-key' }, 'X-Reason': 'an alert' },
          body: { job: '{job}', password: '{password}' },
        },
        parameters: { job: {}, password: { type: 'secret' } },
        timeout: '30s',
        approval,
      },
    },
    built_in: { rules: false, demo: false },
  },
});
let alice: Api;
let bob: Api;

before(async () => {
  mkdirSync(join(program.data, 'agent'), { recursive: true });
  writeFileSync(join(program.data, 'agent/agent.yml'), 'actions: { run_as: [nobody, no-such-user] }\n');
  writeFileSync(join(dirname(program.configFile), 'who.sh'), SCRIPT);
  await program.start();
  await program.agentIsHere();
  alice = await program.person('alice', 'operator');
  bob = await program.person('bob', 'operator');
});
after(() => program.close());

async function ask(name: string, parameters: Readonly<Record<string, string>> = {}): Promise<string> {
  return (await alice.ask(actions.run, { params: { name }, body: { parameters } })).run;
}

const detailOf = (api: Api, id: string) => api.ask(runs.get, { params: { id } });

async function ended(id: string) {
  const run = await until('it ended', async () => {
    const detail = await detailOf(program.admin, id);
    return detail.run.final && detail.run;
  });
  return { run, output: (await program.admin.send('GET', `/api/runs/${id}/output`)).text };
}

/** As root: that it ran as this user. Else: that it was refused, and why. */
function assertRanAs({ run, output }: Awaited<ReturnType<typeof ended>>, expected: RegExp): void {
  assert.equal(run.runAs, 'nobody');
  if (isRoot) {
    assert.equal(run.state, 'succeeded');
    assert.match(output, expected);
  } else {
    assert.equal(run.state, 'refused');
    assert.match(run.reason, /cannot run as nobody: /);
  }
}

test('a command runs as the user that the action names and the host allows', async () => {
  const id = await ask('who');
  const numbers = execFileSync('id', ['nobody'], { encoding: 'utf8' }).trim();
  assertRanAs(await ended(id), new RegExp(`^${numbers.replaceAll(/[()]/g, String.raw`\$&`)}$`, 'm'));
  const { work } = await detailOf(alice, id);
  assert.deepEqual(work?.env, [{ name: 'LANG', value: 'C', secret: null }]);
});

test('a user that the host does not allow, or does not have, is a refusal in the archive', async () => {
  const { run: forbidden } = await ended(await ask('forbidden'));
  assert.deepEqual([forbidden.state, forbidden.runAs, forbidden.startedAt], ['refused', 'daemon', null]);
  assert.match(forbidden.reason, /refused by the agent: The configuration of this agent does not allow to run as daemon/);
  const { run: ghost } = await ended(await ask('ghost'));
  assert.equal(ghost.state, 'refused');
  assert.match(ghost.reason, isRoot ? /there is no user no-such-user on this host/ : /cannot run as no-such-user/);
  const list = await alice.ask(runs.list, { query: { state: 'refused' } });
  const kept = list.items.map(({ action }) => action);
  assert.ok(kept.includes('forbidden') && kept.includes('ghost'));
});

test('whoever decides about a script reads it, and whoever may not decide reads why', async () => {
  const preview = await alice.ask(actions.preview, { params: { name: 'who-script' }, body: { parameters: { word: 'x' } } });
  assert.equal(preview.runAs, 'nobody');
  const id = await ask('who-script', { word: 'a b' });
  const seen = await detailOf(bob, id);
  assert.deepEqual([seen.run.mayDecide, seen.run.whyNot, seen.run.runAs], [true, null, 'nobody']);
  assert.deepEqual(seen.work?.script, { file: 'who.sh', sha256: sha256(SCRIPT), content: SCRIPT, at: 2 });
  assert.deepEqual(seen.work?.argv.slice(0, 2), ['/bin/sh', '-eu']);
  assert.equal(seen.work?.argv.at(-1), 'a b');

  const mine = await detailOf(alice, id);
  assert.equal(mine.run.mayDecide, false);
  assert.match(mine.run.whyNot ?? '', /^You asked for this run/);
  const denied = await alice.json('POST', `/api/runs/${id}/approve`, {});
  assert.equal(denied.status, 409);
  await bob.ask(runs.approve, { params: { id } });
  assert.match((await detailOf(bob, id)).run.whyNot ?? '', /^You have decided this already/);
  await program.admin.ask(runs.approve, { params: { id } });
  const { run, output } = await ended(id);
  assertRanAs({ run, output }, /^nobody\n\/\S*\n$/);
});

test('whoever decides about a request sees all that is sent, but no secret', async () => {
  const id = await ask('restart', { job: 'a/b', password: 'root-password' });
  const { work } = await detailOf(bob, id);
  assert.deepEqual(work?.http?.headers, [
    { name: 'content-type', value: 'application/json', secret: null },
    { name: 'authorization', value: null, secret: 'jobs-key' },
    { name: 'x-reason', value: 'an alert', secret: null },
  ]);
  assert.deepEqual([work?.http?.method, work?.http?.url, work?.timeoutMs], ['POST', 'http://127.0.0.1:9/jobs/a%2Fb', 30_000]);
  assert.deepEqual(JSON.parse(work?.http?.body ?? ''), { job: 'a/b', password: '{ secret: root-password }' });
});

test('what cannot start any more because the action was changed is not shown as if it could', async () => {
  const id = await ask('who-script', { word: 'x' });
  writeFileSync(join(dirname(program.configFile), 'who.sh'), `${SCRIPT}id\n`);
  assert.equal((await program.admin.send('POST', '/-/reload')).status, 200);
  assert.equal((await detailOf(bob, id)).work, null);
});
