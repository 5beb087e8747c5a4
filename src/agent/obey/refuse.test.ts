import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '../../core/base/sha256.ts';
import { DEFAULT_LIMITS } from './doors.ts';
import { type RunOrder, whyRefused } from './refuse.ts';

const IDLE = { user: 'tocsin', running: 0, spoolBytes: 0, spooledRuns: 0 };

function order(more: Partial<RunOrder> = {}): RunOrder {
  const base = {
    type: 'run',
    run: 'r1',
    fence: 1,
    action: 'clean',
    argv: ['true'],
    script: null,
    http: null,
    runAs: null,
    env: {},
    secrets: [],
    collect: [],
  } as const;
  return { ...base, argv: ['true'], secrets: [], collect: [], timeout: 1_000, outputLimitBytes: 1_000, memoryLimitBytes: null, ...more };
}

test('an ordinary order is executed', () => {
  assert.equal(whyRefused(order({ env: { TOCSIN_ALERT_NAME: 'x' } }), DEFAULT_LIMITS, IDLE), null);
  assert.equal(whyRefused(order(), { ...DEFAULT_LIMITS, allowedActions: ['clean'] }, IDLE), null);
});

test('a name that is no file name is refused', () => {
  for (const run of ['../etc/x', '.hidden', 'a/b', 'a\0', ''])
    assert.match(whyRefused(order({ run }), DEFAULT_LIMITS, IDLE) ?? '', /name of the run/);
});

test('an empty list of actions allows none', () => {
  assert.match(whyRefused(order(), { ...DEFAULT_LIMITS, allowedActions: [] }, IDLE) ?? '', /does not allow the action clean/);
});

test('variables that make other code run are refused', () => {
  for (const name of [
    'LD_PRELOAD',
    'LD_LIBRARY_PATH',
    'BASH_ENV',
    'NODE_OPTIONS',
    'PYTHONPATH',
    'PATH',
    'IFS',
    'a b',
    '',
    '1X',
    'TOCSIN_RUN',
  ]) {
    assert.notEqual(whyRefused(order({ env: { [name]: 'x' } }), DEFAULT_LIMITS, IDLE), null, name);
  }
});

test('a script whose content is not what the order names is refused', () => {
  const content = 'echo all is well\n';
  const script = { at: 1, content, sha256: sha256(content) };
  const of = (more: Partial<typeof script>) =>
    whyRefused(order({ argv: ['/bin/sh', 'x@sha256'], script: { ...script, ...more } }), DEFAULT_LIMITS, IDLE) ?? '';
  assert.equal(of({}), '');
  assert.match(of({ content: `${content}reboot\n` }), /not the one that its SHA-256 names/);
  assert.match(of({ sha256: '' }), /SHA-256/);
  for (const at of [0, 2, -1]) assert.match(of({ at }), /no place in the command/);
});

test('a command runs as the user of the agent or as one that its configuration names, and as nobody else', () => {
  const limits = { ...DEFAULT_LIMITS, allowedUsers: ['deploy'] };
  assert.equal(whyRefused(order({ runAs: 'tocsin' }), DEFAULT_LIMITS, IDLE), null);
  assert.equal(whyRefused(order({ runAs: 'deploy' }), limits, IDLE), null);
  assert.match(whyRefused(order({ runAs: 'deploy' }), DEFAULT_LIMITS, IDLE) ?? '', /does not allow to run as deploy/);
  assert.match(whyRefused(order({ runAs: 'root' }), limits, IDLE) ?? '', /does not allow to run as root/);
  assert.match(whyRefused(order({ runAs: '--all' }), { ...limits, allowedUsers: ['--all'] }, IDLE) ?? '', /name of the user is none/);
  const http = { method: 'GET', url: 'http://x/', headers: {}, body: null, expect: [200] } as const;
  assert.match(whyRefused(order({ runAs: 'deploy', http: { ...http, expect: [200] } }), limits, IDLE) ?? '', /by the agent itself/);
});

test('an agent that is busy or full says so', () => {
  assert.match(whyRefused(order(), DEFAULT_LIMITS, { ...IDLE, running: DEFAULT_LIMITS.mostRunsAtOnce }) ?? '', /no more at once/);
  assert.match(whyRefused(order(), DEFAULT_LIMITS, { ...IDLE, spoolBytes: DEFAULT_LIMITS.mostSpoolBytes }) ?? '', /no room/);
  assert.match(whyRefused(order(), DEFAULT_LIMITS, { ...IDLE, spooledRuns: 5_000 }) ?? '', /has not taken/);
});
