import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findHostUser, switchArgv } from './users.ts';

/** A host that has these answers, by program. */
function host(answers: Readonly<Record<string, string | number>>) {
  const asked: string[][] = [];
  const ask = async (program: string, args: readonly string[]) => {
    asked.push([program, ...args]);
    const answer = answers[program];
    if (answer === undefined) return null;
    return typeof answer === 'number' ? { exitCode: answer, output: '' } : { exitCode: 0, output: answer };
  };
  return { asked, ask };
}

const PASSWD = 'deploy:x:1001:1002:Deploys, mostly:/home/deploy:/bin/bash\n';

test('a user is what getent and id say of it', async () => {
  const { ask, asked } = host({ getent: PASSWD, id: '1002\n' });
  const user = { name: 'deploy', uid: 1001, gid: 1002, groups: [1002], home: '/home/deploy' };
  assert.deepEqual(await findHostUser('deploy', ask), { user });
  assert.deepEqual(asked, [
    ['getent', 'passwd', 'deploy'],
    ['id', '-G', 'deploy'],
  ]);
});

test('further groups are taken only where the host can give them to a process', async () => {
  const groups = { getent: PASSWD, id: '1002 27 999\n' };
  const able = host({ ...groups, setpriv: '' });
  const found = await findHostUser('deploy', able.ask);
  assert.deepEqual('user' in found && found.user.groups, [1002, 27, 999]);
  assert.deepEqual(able.asked.at(-1), ['setpriv', '--reuid', '1001', '--regid', '1002', '--groups', '1002,27,999', '--', 'true']);
  for (const unable of [groups, { ...groups, setpriv: 1 }]) {
    const why = await findHostUser('deploy', host(unable).ask);
    assert.match('reason' in why ? why.reason : '', /further groups.*setpriv of util-linux/);
  }
});

test('an unknown user, a silent tool and nonsense are told apart from a user', async () => {
  const reason = async (answers: Readonly<Record<string, string | number>>) => {
    const found = await findHostUser('deploy', host(answers).ask);
    return 'reason' in found ? found.reason : '';
  };
  assert.match(await reason({ getent: 2, id: 1 }), /no user deploy on this host/);
  assert.match(await reason({ getent: 'deploy:x:-1:::', id: '' }), /no user deploy/);
  assert.match(await reason({ id: '1002' }), /cannot be asked/);
});

test('without further groups the runtime takes the rights itself', () => {
  assert.deepEqual(switchArgv({ uid: 5, gid: 6, groups: [6] }), []);
  assert.deepEqual(switchArgv({ uid: 5, gid: 6, groups: [] }), []);
  assert.deepEqual(switchArgv({ uid: 5, gid: 6, groups: [7] }), ['setpriv', '--reuid', '5', '--regid', '6', '--groups', '6,7', '--']);
});
