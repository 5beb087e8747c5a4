import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../access/actor.ts';
import { whyNotDecide } from './may-decide.ts';
import type { Run } from './run.ts';

type Part = Pick<Run, 'state' | 'approvals' | 'approvalsNeeded' | 'approvers' | 'requestedBy'>;

const waiting: Part = {
  state: 'awaiting approval',
  approvals: [],
  approvalsNeeded: 1,
  approvers: ['team:storage'],
  requestedBy: { kind: 'user', name: 'alice' },
};

function person(name: string, more: Partial<Principal> = {}): Principal {
  return { actor: { kind: 'user', name }, role: 'operator', teams: ['storage'], actions: null, ...more };
}

test('whoever may decide hears of no hindrance', () => {
  assert.equal(whyNotDecide(waiting, person('bob')), null);
  assert.equal(whyNotDecide(waiting, person('alice')), null);
  assert.equal(whyNotDecide({ ...waiting, state: 'running' }, person('eve', { role: 'viewer' })), null);
});

test('whoever may not hears why', () => {
  const two = { ...waiting, approvalsNeeded: 2 };
  assert.match(whyNotDecide(two, person('alice')) ?? '', /^You asked for this run/);
  const decided = { ...two, approvals: [{ by: person('bob').actor, at: 1, approve: true, comment: '' }] };
  assert.match(whyNotDecide(decided, person('bob')) ?? '', /^You have decided this already/);
  assert.match(whyNotDecide(waiting, person('carol', { teams: [] })) ?? '', /^Only team:storage may decide this/);
  assert.match(whyNotDecide(waiting, person('eve', { role: 'viewer' })) ?? '', /^The role viewer may not decide/);
});
