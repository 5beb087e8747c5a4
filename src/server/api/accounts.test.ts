import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { InjectOptions } from 'fastify';
import { HOUR, MINUTE } from '../../core/base/time.ts';
import { changeUser } from '../../engine/commands/accounts.ts';
import { PASSWORD, sessionOf, signInFirst, startTestServer, type SignedIn, type TestServer } from '../test-server.test.ts';

const ACTIONS =
  'actions: { clean: { command: [/bin/true] } }\nusers: { filed: { role: viewer, email: filed@example.com } }\nteams: { storage: { members: [bob] } }';

describe('people and tokens', () => {
  let running: TestServer;
  let admin: SignedIn;
  before(async () => {
    running = await startTestServer(ACTIONS);
    admin = await signInFirst(running);
  });
  after(() => running.close());
  const ask = (options: InjectOptions) => running.inject({ ...options, headers: { ...admin, ...options.headers } });
  const invite = async (name: string, role: string): Promise<SignedIn> => {
    const { link } = (await ask({ method: 'POST', url: '/api/users', payload: { name, role } })).json<{ link: string }>();
    const secret = link.split('#')[1];
    return sessionOf(await running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, password: PASSWORD } }));
  };

  test('the list shows those whom a file defines with their place, and teams', async () => {
    await ask({ method: 'POST', url: '/api/users', payload: { name: 'bob', role: 'operator' } });
    const { items } = (await ask({ url: '/api/users' })).json();
    const [alice, bob, filed] = items;
    assert.deepEqual([alice.name, alice.state, alice.role, alice.file], ['alice', 'active', 'admin', null]);
    assert.deepEqual([bob.name, bob.state, bob.teams], ['bob', 'invited', ['storage']]);
    assert.deepEqual([filed.name, filed.state, filed.file, filed.line], ['filed', 'invited', 'tocsin.yml', 2]);
  });

  test('all that is wrong is said at once, and a name is taken once', async () => {
    const bad = await ask({ method: 'POST', url: '/api/users', payload: { name: '../x', role: 'king', admin: true } });
    assert.equal(bad.statusCode, 400);
    const paths = bad.json().error.problems.map((problem: { path: string }) => problem.path);
    assert.deepEqual(paths, ['name', 'role', '']);
    assert.equal((await ask({ method: 'POST', url: '/api/users', payload: { name: 'bob', role: 'viewer' } })).statusCode, 409);
    assert.equal((await ask({ method: 'POST', url: '/api/users', payload: { name: 'filed', role: 'viewer' } })).statusCode, 409);
  });

  test('what a file says is changed in the file', async () => {
    const answer = await ask({ method: 'PUT', url: '/api/users/filed', payload: { role: 'admin' } });
    assert.equal(answer.statusCode, 409);
    assert.match(answer.body, /tocsin\.yml:2/);
    const link = await ask({ method: 'POST', url: '/api/users/filed/link' });
    assert.equal(link.statusCode, 200);
  });

  test('the address of a person is set, changed and removed, and all of it is in the audit log; a file has the word about its own', async () => {
    const payload = { name: 'mail', role: 'operator', email: 'mail@example.com' };
    assert.equal((await ask({ method: 'POST', url: '/api/users', payload })).json().user.email, 'mail@example.com');
    const set = async (name: string, email: unknown) => ask({ method: 'PUT', url: `/api/users/${name}`, payload: { email } });
    assert.equal((await set('mail', 'post@example.com')).json().email, 'post@example.com');
    assert.equal((await set('mail', null)).json().email, null);
    for (const wrong of ['x', 'a@b, c@d', 'A <a@b>', 'a@b\r\nBcc: c@d', '', 5])
      assert.equal((await set('mail', wrong)).statusCode, 400, String(wrong));
    const { items } = await running.store.findAudit({ about: 'user/mail', limit: 10 });
    assert.deepEqual(
      items.slice(0, 2).map(({ why }) => why),
      ['email post@example.com -> none', 'email mail@example.com -> post@example.com'],
    );
    const filed = await set('filed', 'other@example.com');
    assert.equal(filed.statusCode, 409);
    assert.match(filed.body, /tocsin\.yml:2.*the email of filed is written here/);
    assert.equal((await set('filed', 'filed@example.com')).json().email, 'filed@example.com');
  });

  test('disabling ends every session at once; enabling lets in again', async () => {
    const bert = await invite('bert', 'operator');
    const see = async (): Promise<number> => (await running.inject({ url: '/api/v1/status/buildinfo', headers: { ...bert } })).statusCode;
    assert.equal(await see(), 200);
    assert.equal((await ask({ method: 'PUT', url: '/api/users/bert', payload: { disabled: true } })).json().state, 'disabled');
    assert.equal(await see(), 401);
    const login = await running.inject({ method: 'POST', url: '/api/session/login', payload: { name: 'bert', password: PASSWORD } });
    assert.equal(login.statusCode, 401);
    await ask({ method: 'PUT', url: '/api/users/bert', payload: { disabled: false } });
    assert.equal(await see(), 401, 'the old session stays ended');
  });

  test('somebody who can administer always remains, also when two try at the same moment', async () => {
    const last = await ask({ method: 'PUT', url: '/api/users/alice', payload: { disabled: true } });
    assert.equal(last.statusCode, 409);
    assert.match(last.body, /last administrator/);
    await invite('zoe', 'admin');
    const by = { actor: { kind: 'user', name: 'alice' }, role: 'admin', teams: [], actions: null } as const;
    const outcomes = await Promise.all([
      changeUser(running.parts, by, 'alice', { role: 'viewer' }),
      changeUser(running.parts, by, 'zoe', { role: 'viewer' }),
    ]);
    assert.deepEqual(outcomes.map((outcome) => 'ok' in outcome).toSorted(), [false, true]);
    const people = (await running.store.users()).filter(({ value }) => value.role === 'admin');
    assert.equal(people.length, 1);
    await changeUser(running.parts, by, 'alice', { role: 'admin' });
    admin = sessionOf(await running.inject({ method: 'POST', url: '/api/session/login', payload: { name: 'alice', password: PASSWORD } }));
  });

  test('a token is shown once, works at once, keeps its last use to the minute, and ends when it is revoked', async () => {
    const made = await ask({ method: 'POST', url: '/api/tokens', payload: { name: 'grafana', role: 'viewer' } });
    assert.equal(made.statusCode, 201);
    const { secret, token } = made.json();
    const headers = { authorization: `Bearer ${secret}` };
    const see = async (): Promise<number> => (await running.inject({ url: '/api/v1/status/buildinfo', headers })).statusCode;
    assert.equal(await see(), 200);
    const first = running.time.now;
    running.time.pass(MINUTE - 1);
    assert.equal(await see(), 200);
    const listed = async () => (await ask({ url: '/api/tokens' })).json().items.find((one: { name: string }) => one.name === 'grafana');
    assert.equal((await listed()).lastUsedAt, first);
    running.time.pass(1);
    assert.equal(await see(), 200);
    assert.equal((await listed()).lastUsedAt, first + MINUTE);
    assert.doesNotMatch((await ask({ url: '/api/tokens' })).body, new RegExp(secret));
    assert.equal((await ask({ method: 'POST', url: '/api/tokens', payload: { name: 'grafana', role: 'viewer' } })).statusCode, 409);
    assert.equal((await ask({ method: 'DELETE', url: `/api/tokens/${token.id}` })).statusCode, 204);
    assert.equal(await see(), 401);
    assert.equal(await listed(), undefined);
    assert.equal((await ask({ method: 'DELETE', url: `/api/tokens/${token.id}` })).statusCode, 404);
  });

  test('a token ends when it expires, and one for an action must name actions that exist', async () => {
    const made = await ask({ method: 'POST', url: '/api/tokens', payload: { name: 'brief', role: 'viewer', expiresInMs: HOUR } });
    const headers = { authorization: `Bearer ${made.json().secret}` };
    assert.equal((await running.inject({ url: '/api/v1/status/buildinfo', headers })).statusCode, 200);
    running.time.pass(HOUR);
    assert.equal((await running.inject({ url: '/api/v1/status/buildinfo', headers })).statusCode, 401);
    const wrong = { name: 'x', role: 'viewer', actions: ['clean', 'cleen'] };
    const refused = await ask({ method: 'POST', url: '/api/tokens', payload: wrong });
    assert.deepEqual(
      refused.json().error.problems.map((problem: { message: string }) => problem.message),
      ['there is no action cleen', 'a token for certain actions needs the role operator or admin'],
    );
    const good = await ask({ method: 'POST', url: '/api/tokens', payload: { name: 'x', role: 'operator', actions: ['clean'] } });
    assert.equal(good.statusCode, 201);
  });

  test('every change stands in the audit log with who and why', async () => {
    const { items } = await running.store.findAudit({ about: 'user/bert', limit: 50 });
    const lines = items.map(({ who, why }) => `${who.name}: ${why}`);
    assert.deepEqual(lines.toReversed().slice(0, 3), [
      'alice: invited as operator',
      'bert: set a password with a one-time link',
      'alice: disabled',
    ]);
    const tokens = await running.store.findAudit({ about: 'token/grafana', limit: 50 });
    assert.deepEqual(
      tokens.items.map(({ why }) => why),
      ['revoked the token', 'created the token (viewer)'],
    );
  });
});
