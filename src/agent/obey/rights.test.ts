import assert from 'node:assert/strict';
import { test } from 'node:test';
import { takeRights } from './rights.ts';

const deploy = { name: 'deploy', uid: 1001, gid: 1001, groups: [1001], home: '/home/deploy' };
const exec = {
  ownUser: () => 'tocsin',
  findUser: async (name: string) => (name === 'deploy' ? { user: deploy } : { reason: `it cannot run as ${name}: there is none` }),
};

test('without run_as, and with the own user, nothing is taken', async () => {
  assert.deepEqual(await takeRights({ runAs: null }, exec), { user: null, env: {} });
  assert.deepEqual(await takeRights({ runAs: 'tocsin' }, exec), { user: null, env: { USER: 'tocsin', LOGNAME: 'tocsin' } });
});

test('the process of another user is told who it is', async () => {
  const env = { HOME: '/home/deploy', USER: 'deploy', LOGNAME: 'deploy' };
  assert.deepEqual(await takeRights({ runAs: 'deploy' }, exec), { user: deploy, env });
});

test('what cannot be taken is a reason', async () => {
  assert.deepEqual(await takeRights({ runAs: 'ghost' }, exec), { reason: 'it cannot run as ghost: there is none' });
});
