import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DAY, HOUR, MINUTE, SECOND } from '../../core/base/time.ts';
import { ensureFirstAdministrator, needsSetup } from '../../engine/commands/setup-links.ts';
import { PASSWORD, sessionOf, settingsOf, signInFirst, startTestServer, type SignedIn, type TestServer } from '../test-server.test.ts';

const login = (test1: TestServer, name: string, password: string, remoteAddress = '10.0.0.1') =>
  test1.inject({ method: 'POST', url: '/api/session/login', payload: { name, password }, remoteAddress });
const state = async (test1: TestServer, headers: object = {}) =>
  (await test1.inject({ url: '/api/session', headers: { ...headers } })).json();

describe('the first start', () => {
  test('gives a link whose secret stands behind #; it creates the administrator once', async () => {
    const running = await startTestServer();
    assert.equal((await state(running)).needsSetup, true);
    const link = await ensureFirstAdministrator(running.parts, null);
    assert.match(link ?? '', /^http:\/\/127\.0\.0\.1:4780\/setup#[0-9a-f]{64}$/);
    const secret = link?.split('#')[1] ?? '';
    const described = await running.inject({ method: 'POST', url: '/api/session/link', payload: { secret } });
    assert.deepEqual(described.json(), { purpose: 'administrator', user: null, role: 'admin' });
    const weak = await running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name: 'alice', password: 'short' } });
    assert.equal(weak.statusCode, 400);
    assert.deepEqual(weak.json().error.problems, [{ path: 'password', message: 'at least 10 characters' }]);
    const used = await running.inject({
      method: 'POST',
      url: '/api/session/setup',
      payload: { secret, name: 'alice', password: PASSWORD },
    });
    assert.equal(used.statusCode, 200);
    assert.match(String(used.headers['set-cookie']), /^tocsin=[0-9a-f]{64}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/);
    assert.equal(used.json().role, 'admin');
    assert.equal((await state(running)).needsSetup, false);
    const again = await running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name: 'eve', password: PASSWORD } });
    assert.equal(again.statusCode, 404);
    assert.match(again.body, /has been used/);
    assert.equal(await ensureFirstAdministrator(running.parts, null), null, 'no link when there is an administrator');
    await running.close();
  });

  test('a new link voids the earlier one, and after a day it has expired', async () => {
    const running = await startTestServer();
    const first = (await ensureFirstAdministrator(running.parts, null))?.split('#')[1];
    const second = (await ensureFirstAdministrator(running.parts, null))?.split('#')[1];
    const describeIt = async (secret: string | undefined): Promise<number> =>
      (await running.inject({ method: 'POST', url: '/api/session/link', payload: { secret } })).statusCode;
    assert.equal(await describeIt(first), 404);
    assert.equal(await describeIt(second), 200);
    running.time.pass(DAY);
    assert.equal(await describeIt(second), 404);
    await running.close();
  });

  test('two people with the same link at the same moment: one becomes the administrator', async () => {
    const running = await startTestServer();
    const secret = (await ensureFirstAdministrator(running.parts, null))?.split('#')[1];
    const use = (name: string) =>
      running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name, password: PASSWORD } });
    const codes = (await Promise.all([use('alice'), use('bob')])).map((answer) => answer.statusCode);
    assert.deepEqual(codes.toSorted(), [200, 404]);
    assert.equal((await running.store.users()).length, 1);
    await running.close();
  });

  test('a password from the environment makes the user admin, once', async () => {
    const running = await startTestServer();
    assert.equal(await ensureFirstAdministrator(running.parts, PASSWORD), null);
    assert.equal((await login(running, 'admin', PASSWORD)).statusCode, 200);
    await ensureFirstAdministrator(running.parts, 'something else entirely');
    assert.equal((await login(running, 'admin', PASSWORD)).statusCode, 200);
    await running.close();
  });
});

describe('signing in', () => {
  let running: TestServer;
  let alice: SignedIn;
  before(async () => {
    running = await startTestServer();
    alice = await signInFirst(running);
  });
  after(() => running.close());

  test('a session lasts 12 hours after its last use', async () => {
    const me = sessionOf(await login(running, 'alice', PASSWORD));
    running.time.pass(11 * HOUR);
    assert.equal((await state(running, me)).me.name, 'alice');
    running.time.pass(11 * HOUR);
    assert.equal((await state(running, me)).me.name, 'alice');
    running.time.pass(12 * HOUR);
    assert.equal((await state(running, me)).me, null);
    assert.equal((await running.inject({ url: '/api/users', headers: { ...me } })).statusCode, 401);
  });

  test('and 30 days at most, however much it is used', async () => {
    const me = sessionOf(await login(running, 'alice', PASSWORD));
    for (let hours = 0; hours < 30 * 24 - 6; hours += 6) {
      assert.equal((await state(running, me)).me?.name, 'alice', `after ${hours} hours`);
      running.time.pass(6 * HOUR);
    }
    running.time.pass(6 * HOUR);
    assert.equal((await state(running, me)).me, null);
  });

  test('changes need the CSRF token and an own origin; reading does not', async () => {
    const { cookie, ...csrf } = sessionOf(await login(running, 'alice', PASSWORD));
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await running.inject({ method: 'POST', url: '/-/reload', headers: { cookie, host: 'tocsin.test', ...headers } })).statusCode;
    assert.equal((await running.inject({ url: '/api/users', headers: { cookie } })).statusCode, 200);
    assert.equal(await post({}), 403);
    assert.equal(await post({ 'x-csrf-token': 'wrong' }), 403);
    assert.equal(await post(csrf), 200);
    assert.equal(await post({ ...csrf, origin: 'http://tocsin.test' }), 200);
    assert.equal(await post({ ...csrf, origin: 'http://127.0.0.1:4780' }), 200, 'the external_url');
    assert.equal(await post({ ...csrf, origin: 'http://evil.test' }), 403);
    assert.equal(await post({ ...csrf, origin: 'null' }), 403);
    assert.equal(await post({ ...csrf, 'sec-fetch-site': 'cross-site' }), 403);
  });

  test('signing out ends the session, and only that one', async () => {
    const one = sessionOf(await login(running, 'alice', PASSWORD));
    const two = sessionOf(await login(running, 'alice', PASSWORD));
    const foreign = await running.inject({ method: 'POST', url: '/api/session/logout', headers: { cookie: one.cookie } });
    assert.equal(foreign.statusCode, 403, 'another page cannot sign somebody out');
    const out = await running.inject({ method: 'POST', url: '/api/session/logout', headers: { ...one } });
    assert.equal(out.statusCode, 204);
    assert.match(String(out.headers['set-cookie']), /^tocsin=; Path=\/; Max-Age=0/);
    assert.equal((await state(running, one)).me, null);
    assert.equal((await state(running, two)).me.name, 'alice');
  });

  test('changing the password needs the current one and ends the other sessions', async () => {
    const one = sessionOf(await login(running, 'alice', PASSWORD));
    const two = sessionOf(await login(running, 'alice', PASSWORD));
    const change = async (current: string, next: string): Promise<number> =>
      (await running.inject({ method: 'POST', url: '/api/session/password', headers: { ...one }, payload: { current, next } })).statusCode;
    assert.equal(await change('wrong', 'another good password'), 400);
    assert.equal(await change(PASSWORD, 'another good password'), 204);
    assert.equal((await state(running, one)).me.name, 'alice');
    assert.equal((await state(running, two)).me, null);
    assert.equal((await login(running, 'alice', PASSWORD)).statusCode, 401);
    assert.equal(await change('another good password', PASSWORD), 204);
  });

  test('a person keeps at most twenty sessions; the ones used longest ago go', async () => {
    const first = sessionOf(await login(running, 'alice', PASSWORD, '10.9.0.1'));
    for (let count = 0; count < 20; count++) {
      running.time.pass(SECOND);
      await login(running, 'alice', PASSWORD, `10.9.1.${count}`);
    }
    assert.equal((await running.store.sessions('alice')).length, 20);
    assert.equal((await state(running, first)).me, null);
    assert.notEqual(alice.cookie, first.cookie);
  });

  test('under https the cookie is secure and bound to the host', async () => {
    const secure = await startTestServer('server: { external_url: "https://tocsin.example.com" }');
    const me = await signInFirst(secure);
    assert.match(me.cookie, /^__Host-tocsin=/);
    const again = await login(secure, 'alice', PASSWORD);
    assert.match(String(again.headers['set-cookie']), /; HttpOnly; SameSite=Lax; Secure$/);
    assert.equal(again.headers['strict-transport-security'], 'max-age=31536000');
    await secure.close();
  });
});

describe('guessing', () => {
  test('wrong passwords lock for longer and longer; the right one then waits too', async () => {
    const running = await startTestServer();
    await signInFirst(running);
    const codes: number[] = [];
    for (let count = 0; count < 5; count++) codes.push((await login(running, 'alice', 'wrong', `10.1.0.${count}`)).statusCode);
    assert.deepEqual(codes, [401, 401, 401, 401, 401]);
    const locked = await login(running, 'alice', PASSWORD);
    assert.equal(locked.statusCode, 429);
    assert.match(locked.body, /wait 5 seconds/);
    running.time.pass(5 * SECOND);
    assert.equal((await login(running, 'alice', 'wrong')).statusCode, 401);
    assert.match((await login(running, 'alice', PASSWORD)).body, /wait 10 seconds/);
    running.time.pass(10 * SECOND);
    assert.equal((await login(running, 'alice', PASSWORD)).statusCode, 200);
    assert.equal((await login(running, 'alice', 'wrong')).statusCode, 401, 'a good login forgives');
    await running.close();
  });

  test('a name that nobody has answers and locks exactly like one that somebody has', async () => {
    const running = await startTestServer();
    await signInFirst(running);
    const tries = async (name: string): Promise<string[]> => {
      const answers: string[] = [];
      for (let count = 0; count < 7; count++) {
        const answer = await login(running, name, 'wrong', `10.2.${name.length}.${count}`);
        answers.push(`${answer.statusCode} ${answer.body}`);
      }
      return answers;
    };
    assert.deepEqual(await tries('nobody'), await tries('alice'));
    await running.close();
  });

  test('one address gets thirty attempts and then one every two seconds, whatever name it tries and whatever its headers say', async () => {
    const running = await startTestServer();
    await signInFirst(running);
    const attempt = async (count: number): Promise<number> =>
      (
        await running.inject({
          method: 'POST',
          url: '/api/session/login',
          payload: { name: `n${count}`, password: 'x' },
          remoteAddress: '10.3.0.1',
          headers: { 'x-forwarded-for': `10.4.0.${count}` },
        })
      ).statusCode;
    const codes: number[] = [];
    for (let count = 0; count < 31; count++) codes.push(await attempt(count));
    assert.deepEqual(codes.slice(0, 30), Array(30).fill(401));
    assert.equal(codes[30], 429);
    running.time.pass(2 * SECOND);
    assert.equal(await attempt(31), 401);
    assert.equal(await attempt(32), 429);
    assert.equal((await login(running, 'alice', PASSWORD, '10.3.0.2')).statusCode, 200, 'others are not held up');
    await running.close();
  });

  test('somebody who was invited cannot sign in before they have set a password', async () => {
    const running = await startTestServer();
    const admin = await signInFirst(running);
    const invited = await running.inject({
      method: 'POST',
      url: '/api/users',
      headers: { ...admin },
      payload: { name: 'bob', role: 'operator' },
    });
    assert.equal(invited.statusCode, 201);
    assert.equal((await login(running, 'bob', '')).statusCode, 401);
    const secret = String(invited.json().link).split('#')[1];
    const set = await running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name: 'eve', password: PASSWORD } });
    assert.equal(set.json().name, 'bob', 'the link says who it is for');
    assert.equal((await login(running, 'bob', PASSWORD)).statusCode, 200);
    await running.close();
  });
});

test('a person whom a file makes administrator sets the password through a link of the first start', async () => {
  const running = await startTestServer('users: { carol: { role: admin }, dan: { role: viewer } }');
  assert.equal(await needsSetup(running.parts), true);
  const secret = (await ensureFirstAdministrator(running.parts, null))?.split('#')[1];
  const use = (name: string) =>
    running.inject({ method: 'POST', url: '/api/session/setup', payload: { secret, name, password: PASSWORD } });
  assert.match((await use('dan')).body, /A file defines dan as viewer/);
  assert.equal((await use('carol')).statusCode, 200);
  assert.equal(settingsOf().users.size, 0);
  running.time.pass(MINUTE);
  assert.equal((await login(running, 'carol', PASSWORD)).json().role, 'admin');
  await running.close();
});
