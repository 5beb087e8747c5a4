import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { newRow, put, runOf } from '../../../test/db/records.ts';
import { SYSTEM } from '../../core/access/actor.ts';
import { formatDecisionToken, requestDigest, type DecisionLink } from '../../core/actions/decision-link.ts';
import type { Run } from '../../core/actions/run.ts';
import { DAY, MINUTE } from '../../core/base/time.ts';
import { newUser } from '../../engine/commands/setup-links.ts';
import { startTestServer, type TestServer } from '../test-server.test.ts';

const CONFIG = `
server: { external_url: "https://tocsin.example.com" }
users:
  alice: { role: operator, email: alice@example.com }
  bob: { role: operator, email: bob@example.com }
  vera: { role: viewer, email: vera@example.com }
actions:
  clean-disk: { description: 'Cleans <b>up</b>', command: [/usr/local/bin/clean-disk], env: { MODE: soft, KEY: { secret: clean-key } } }
  tell-shop:
    http: { method: POST, url: "https://shop.example.com/api", headers: { X-Key: { secret: shop-key } }, body: { note: "a\u202eb <i>" } }
`;
const EVIL = '"><img src=x onerror=alert(1)>';

let server: TestServer;
let run: Run;

beforeEach(async () => {
  server = await startTestServer(CONFIG);
  run = runOf('r1', server.time.now, {
    version: versionOf('clean-disk'),
    runAs: null,
    state: 'awaiting approval',
    reason: 'waits for approval',
    approvalsNeeded: 1,
    approvers: ['user:alice', 'user:carol', 'user:vera'],
    deadline: server.time.now + 30 * MINUTE,
    requestedBy: { kind: 'user', name: 'bob' },
    comment: EVIL,
    argv: ['/usr/local/bin/clean-disk', '--path', EVIL, ''],
    parameters: { path: EVIL, password: '***' },
  });
  await keep(run);
});

afterEach(() => server.close());

function versionOf(action: string): string {
  return server.parts.settings().actions.get(action)?.version ?? '';
}

async function keep(value: Run): Promise<void> {
  const row = await server.store.load('run', value.id);
  await server.store.commit({ at: server.time.now, who: SYSTEM, why: 'test', about: [], writes: [put(row, value)] });
}

async function stored(): Promise<Run | null> {
  return (await server.store.load('run', 'r1')).value;
}

function tokenFor(person: string, change: Partial<DecisionLink> = {}): string {
  const link = { run: run.id, request: requestDigest(run), decision: 'approve', person, expiresAt: run.deadline, ...change } as const;
  return formatDecisionToken(link, server.parts.world.signLink);
}

function open(token: string) {
  return server.inject({ method: 'GET', url: `/decide/${token}` });
}

/** As a browser sends the form: the policy of the page makes it say nothing of where it comes from. */
function send(
  token: string,
  comment = '',
  headers: Readonly<Record<string, string>> = { origin: 'null', 'sec-fetch-site': 'same-origin' },
) {
  const payload = new URLSearchParams({ token, comment }).toString();
  return server.inject({
    method: 'POST',
    url: '/decide',
    payload,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  });
}

test('opening a link shows all that is decided, harmlessly, and decides nothing however often', async () => {
  const before = await stored();
  for (let count = 0; count < 5; count += 1) {
    const page = await open(tokenFor('alice'));
    assert.equal(page.statusCode, 200);
    assert.match(page.body, /<title>Approve clean-disk on web-1\? - Tocsin<\/title>/);
    assert.match(page.body, /Cleans &lt;b&gt;up&lt;\/b&gt;/);
    assert.match(page.body, /<li><bdi>--path<\/bdi><\/li>/);
    assert.match(page.body, /aria-label="empty argument"/);
    assert.match(page.body, /user:bob/);
    assert.match(page.body, /in 30m/);
    assert.match(page.body, /You decide as <strong>alice<\/strong>/);
    assert.doesNotMatch(page.body, /<img|<script|onerror=alert\(1\)>/);
    assert.equal((page.body.match(/<button/g) ?? []).length, 1);
  }
  assert.match((await open(tokenFor('alice', { decision: 'reject' }))).body, /Reject clean-disk on web-1\?/);
  assert.deepEqual(await stored(), before);
});

test('whoever decides sees all of it: variables, a request with its body, secrets by name, and what would hide', async () => {
  const shown = (await open(tokenFor('alice'))).body;
  assert.match(shown, /<li>MODE=<bdi>soft<\/bdi><\/li><li>KEY=<em>secret clean-key<\/em><\/li>/);
  assert.match(shown, /<dt>Runs as<\/dt><dd>the user of the agent<\/dd>/);
  assert.match(shown, /stopped after 5m/);
  run = { ...run, action: 'tell-shop', version: versionOf('tell-shop'), parameters: {} };
  await keep(run);
  const { body } = await open(tokenFor('alice'));
  assert.match(body, /<li><bdi>POST<\/bdi><\/li><li><bdi>https:\/\/shop\.example\.com\/api<\/bdi><\/li>/);
  assert.match(body, /x-key: <em>secret shop-key<\/em>/);
  assert.match(body, /hidden character U\+202E/);
  assert.match(body, /b &lt;i&gt;/);
  assert.match(body, /<dt>Sent by<\/dt><dd>the agent of <bdi>web-1<\/bdi><\/dd>/);
});

test('what cannot be shown any more cannot be approved: the action was changed since', async () => {
  run = { ...run, version: 'another' };
  await keep(run);
  const { body } = await open(tokenFor('alice'));
  assert.match(body, /The action has been changed/);
  assert.doesNotMatch(body, /<form/);
  assert.match((await open(tokenFor('alice', { decision: 'reject' }))).body, /<form/);
});

test('the page can be neither framed, stored, indexed nor left with its address, and runs nothing', async () => {
  const { headers, body } = await open(tokenFor('alice'));
  assert.match(
    String(headers['content-security-policy']),
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
  );
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['cache-control'], 'no-store');
  assert.equal(headers['x-robots-tag'], 'noindex, nofollow');
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.match(body, /<meta name="robots" content="noindex, nofollow">/);
  assert.match(body, /<form method="post" action="\.\.\/decide">/);
});

test('the form decides once, in the name of the person, and the record says by what', async () => {
  const answer = await send(tokenFor('alice'), 'go\r\nahead');
  assert.equal(answer.statusCode, 200);
  assert.match(answer.body, /You approved clean-disk/);
  const after = await stored();
  assert.equal(after?.state, 'queued');
  assert.equal(after?.reason, 'approved by alice by a signed link from mail: go\nahead');
  assert.deepEqual(after?.approvals, [
    { by: { kind: 'user', name: 'alice' }, at: server.time.now, approve: true, comment: 'go\nahead', via: 'mail link' },
  ]);
  const audit = await server.store.findAudit({ about: 'run/r1', limit: 10 });
  assert.deepEqual(
    audit.items.map(({ who, why }) => [who.name, why]),
    [['alice', 'clean-disk: queued, approved by alice by a signed link from mail: go\nahead']],
  );

  for (const decision of ['approve', 'reject'] as const) {
    const again = await send(tokenFor('alice', { decision }), 'again');
    assert.equal(again.statusCode, 409);
    assert.match(again.body, /Nothing is to be decided any more\. Approved by alice by a signed link from mail: go/);
  }
  assert.deepEqual(await stored(), after);
  const opened = await open(tokenFor('alice'));
  assert.equal(opened.statusCode, 200);
  assert.match(opened.body, /clean-disk: queued/);
  assert.doesNotMatch(opened.body, /<form/);
});

test('rejecting ends it', async () => {
  const answer = await send(tokenFor('alice', { decision: 'reject' }), 'not now');
  assert.match(answer.body, /clean-disk is rejected/);
  assert.equal((await stored())?.reason, 'rejected by alice by a signed link from mail: not now');
});

test('whatever is wrong with a link, the answer is the same, and says nothing of the run', async () => {
  const good = tokenFor('alice');
  const bad = [
    `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`,
    good.replace('.a.', '.r.'),
    'x',
    tokenFor('alice', { run: 'r2' }),
    tokenFor('alice', { request: '0'.repeat(32) }),
    tokenFor('nobody'),
    tokenFor('alice', { expiresAt: server.time.now - 7 * DAY }),
  ];
  const answers = [...(await Promise.all(bad.map((token) => open(token)))), ...(await Promise.all(bad.map((token) => send(token))))];
  const [first] = answers;
  assert.match(first?.body ?? '', /This link is not valid/);
  assert.doesNotMatch(first?.body ?? '', /clean-disk|web-1/);
  for (const { statusCode, body } of answers) assert.deepEqual([statusCode, body], [404, first?.body]);
  assert.equal((await stored())?.state, 'awaiting approval');
});

test('what counts is what the person may do at the moment: not one who is not named, a viewer, or disabled', async () => {
  const stranger = await send(tokenFor('bob'));
  assert.equal(stranger.statusCode, 403);
  assert.match(stranger.body, /Only user:alice, user:carol, user:vera may decide this/);
  assert.doesNotMatch((await open(tokenFor('bob'))).body, /<form/);
  const viewer = await send(tokenFor('vera'));
  assert.equal(viewer.statusCode, 403);
  assert.match(viewer.body, /The role viewer may not decide/);

  const carol = { ...newUser('carol', 'operator', server.time.now), email: 'carol@example.com' };
  const write = (value: typeof carol, row = newRow('user', 'carol')) =>
    server.store.commit({ at: server.time.now, who: SYSTEM, why: 'test', about: [], writes: [put(row, value)] });
  await write(carol);
  assert.match((await open(tokenFor('carol'))).body, /<form/);
  const row = await server.store.load('user', 'carol');
  await write({ ...carol, disabled: true }, { ...newRow('user', 'carol'), version: row.version, value: row.value });
  assert.equal((await open(tokenFor('carol'))).statusCode, 404);
  assert.equal((await send(tokenFor('carol'))).statusCode, 404);
  assert.equal((await stored())?.state, 'awaiting approval');
});

test('where two persons are asked for, whoever asked for the run approves it by no link either', async () => {
  run = { ...run, approvalsNeeded: 2, requestedBy: { kind: 'user', name: 'alice' } };
  await keep(run);
  const own = await send(tokenFor('alice'));
  assert.equal(own.statusCode, 409);
  assert.match(own.body, /whoever asked for the run is not one of them/);
  assert.doesNotMatch((await open(tokenFor('alice'))).body, /<form/);
});

test('an expired link decides nothing and says so, for a week', async () => {
  const token = tokenFor('alice');
  server.time.pass(30 * MINUTE);
  const late = await send(token);
  assert.equal(late.statusCode, 409);
  assert.match(late.body, /The time to decide is over/);
  await keep({ ...run, state: 'expired', reason: 'nobody decided within 30m' });
  assert.match((await open(token)).body, /Nobody decided within 30m/);
  server.time.pass(7 * DAY);
  assert.equal((await open(token)).statusCode, 404);
});

test('guesses from one address are slowed down, and stop no good link', async () => {
  const codes = new Set<number>();
  for (let count = 0; count < 40; count += 1) codes.add((await open(`x${count}`)).statusCode);
  assert.deepEqual([...codes], [404, 429]);
  assert.equal((await open(tokenFor('alice'))).statusCode, 200);
  server.time.pass(2_000);
  assert.equal((await open('x')).statusCode, 404);
  const seen = new Set<number>();
  for (let count = 0; count < 40; count += 1) seen.add((await open(tokenFor('alice'))).statusCode);
  assert.deepEqual([...seen], [200, 429], 'nor is one link opened without end');
});

test('what is refused is counted, and no token is written anywhere', async () => {
  const good = tokenFor('alice');
  const tampered = good.replace('.a.', '.r.');
  await open(good);
  await open(tampered);
  await send(tokenFor('bob'));
  await send(good, 'yes');
  await send(good, 'yes');
  await send(good, 'x'.repeat(4_001));
  const refused = [...(server.counters.get('tocsin_decision_links_refused_total')?.values.values() ?? [])];
  assert.deepEqual(
    refused.map(({ labels, value }) => [labels['reason'], value]),
    [
      ['not valid', 1],
      ['forbidden', 1],
      ['conflict', 1],
      ['bad request', 1],
    ],
  );
  const written = JSON.stringify([server.log, [...server.counters.values()].map(({ values }) => [...values.values()])]);
  const audit = JSON.stringify(await server.store.findAudit({ limit: 100 }));
  for (const token of [good, tampered]) {
    const signature = token.split('.').at(-1) ?? '';
    assert.ok(!`${written}${audit}`.includes(signature));
  }
});

test('it decides whatever page the form comes from and whoever is signed in: the token is the authority', async () => {
  const answer = await send(tokenFor('alice'), '', {
    origin: 'https://mail.example.net',
    'sec-fetch-site': 'cross-site',
    cookie: '__Host-tocsin=x',
  });
  assert.equal(answer.statusCode, 200);
  assert.equal((await stored())?.approvals[0]?.by.name, 'alice');
});
