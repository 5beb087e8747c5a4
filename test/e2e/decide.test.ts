// Approving from mail with a real server, a real mail server and a real agent: whoever is asked decides by a link, without signing in.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from '../../src/contract/api/audit.ts';
import { actions } from '../../src/contract/api/actions.ts';
import { users } from '../../src/contract/api/account.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { formatDecisionToken, requestDigest } from '../../src/core/actions/decision-link.ts';
import { openStore } from '../../src/io/db/open-store.ts';
import { openSecrets } from '../../src/io/secrets.ts';
import { Api, type Answered } from './api.ts';
import { Program } from './program.ts';
import { openMailbox } from './receivers.ts';
import { until } from './until.ts';

const mailbox = await openMailbox();
const program = new Program({ config: {}, keepsPort: true });
const notes = join(program.root, 'notes.txt');
let alice: Api;
let visitor: Api;

before(async () => {
  const approval = { by: ['team:storage'], count: 2, notify: ['team:storage'] };
  const command = [process.execPath, '-e', 'require("node:fs").appendFileSync(process.argv[1], "once\\n")', notes];
  program.configure({
    channels: { post: { type: 'email', to: ['ops@example.com'], smtp: { host: '127.0.0.1', port: mailbox.port, security: 'none' } } },
    teams: { storage: { members: ['alice', 'bob', 'carol'] } },
    actions: {
      note: { description: 'Writes a note', command, approval: { ...approval, expires: '10m' } },
      hurry: { command, approval: { ...approval, count: 1, expires: '2s' } },
    },
  });
  await program.start();
  alice = await program.person('alice', 'operator', 'alice@example.com');
  await program.person('bob', 'operator', 'bob@example.com');
  await program.person('carol', 'operator');
  await program.person('dora', 'operator', 'dora@example.com');
  await program.admin.ask(users.change, { params: { name: 'carol' }, body: { email: 'carol@example.com' } });
  await program.agentIsHere();
  visitor = new Api(program.url);
});

after(async () => {
  await program.close();
  await mailbox.close();
});

async function ask(action: string): Promise<string> {
  return (await alice.ask(actions.run, { params: { name: action }, body: { parameters: {}, comment: 'please' } })).run;
}

interface Links {
  readonly approve: string;
  readonly reject: string;
}

/** The links of the mail that somebody got about the newest run; null: a mail without. */
async function linksOf(person: string, action: string, count = 1): Promise<Links | null> {
  const mine = () =>
    mailbox.got.filter(({ to, subject }) => to?.[0]?.address === `${person}@example.com` && subject?.includes(action) === true);
  const mail = await until(`${person} has mail`, () => mine().length >= count && mine().at(-1));
  assert.equal(mail.to?.length, 1);
  const [, approve] = /^Approve: (\S+)$/m.exec(mail.text ?? '') ?? [];
  const [, reject] = /^Reject: (\S+)$/m.exec(mail.text ?? '') ?? [];
  if (approve === undefined || reject === undefined) return null;
  assert.ok(mail.html?.includes(`href="${approve}"`));
  return { approve, reject };
}

async function mustHaveLinks(person: string, action: string, count = 1): Promise<Links> {
  const links = await linksOf(person, action, count);
  assert.ok(links !== null, `${person} has links`);
  return links;
}

function open(link: string): Promise<Answered> {
  return visitor.send('GET', new URL(link).pathname);
}

/** What a browser does with the form of the page. */
async function submit(link: string, comment = ''): Promise<Answered> {
  const token = link.slice(link.lastIndexOf('/') + 1);
  const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: 'null', 'sec-fetch-site': 'same-origin' };
  return visitor.send('POST', '/decide', { body: new URLSearchParams({ token, comment }).toString(), headers });
}

/** A link as the server would sign it, for somebody to whom it sends none. */
async function mint(id: string, person: string): Promise<string> {
  const store = await openStore({ path: join(program.data, 'state.db') });
  try {
    const secrets = await openSecrets({
      folder: program.data,
      boxes: store.secrets,
      key: null,
      keyFile: null,
      env: {},
      now: () => Date.now(),
    });
    const run = (await store.load('run', id)).value;
    assert.ok(run !== null);
    const link = { run: id, request: requestDigest(run), decision: 'approve', person, expiresAt: run.deadline } as const;
    return `${program.url}/decide/${formatDecisionToken(link, secrets.signLink)}`;
  } finally {
    await store.close();
  }
}

const stateOf = async (id: string): Promise<string> => (await alice.ask(runs.get, { params: { id } })).run.state;

test('two persons approve by the links of their mails, after a restart too, and it runs once', async () => {
  const id = await ask('note');
  assert.equal(await linksOf('alice', 'note'), null, 'whoever asked is told, and may not decide');
  const bob = await mustHaveLinks('bob', 'note');
  const carol = await mustHaveLinks('carol', 'note');

  for (const link of [bob.approve, bob.reject, carol.reject, bob.approve]) {
    const page = await open(link);
    assert.equal(page.status, 200);
    assert.match(page.text, /Exactly this would run/);
    assert.equal((await visitor.send('HEAD', new URL(link).pathname)).text, '');
  }
  assert.match((await open(bob.approve)).text, /<bdi>require\(&quot;node:fs&quot;\)/);
  assert.equal(await stateOf(id), 'awaiting approval', 'a mail server that opens every link decides nothing');

  await program.kill();
  await program.start();
  await program.agentIsHere();
  const first = await submit(bob.approve, 'fine <b>with</b> me');
  assert.equal(first.status, 200);
  assert.match(first.text, /You approved note/);
  assert.match(first.text, /fine &lt;b&gt;with&lt;\/b&gt; me/);
  assert.equal(await stateOf(id), 'awaiting approval');
  assert.equal((await submit(bob.approve)).status, 409, 'nobody counts twice');
  const own = await submit(await mint(id, 'alice'));
  assert.deepEqual([own.status, /whoever asked for the run is not one of them/.test(own.text)], [409, true]);
  const stranger = await submit(await mint(id, 'dora'));
  assert.deepEqual([stranger.status, /Only team:storage may decide this/.test(stranger.text)], [403, true]);
  const tampered = await submit(`${carol.approve.slice(0, -2)}xx`);
  assert.deepEqual([tampered.status, /This link is not valid/.test(tampered.text)], [404, true]);
  assert.equal((await open(carol.approve.replace('.a.', '.r.'))).status, 404);
  assert.equal(existsSync(notes), false);

  assert.equal((await submit(carol.approve, 'go')).status, 200);
  await until('it has run', async () => (await stateOf(id)) === 'succeeded');
  const late = await submit(carol.reject);
  assert.equal(late.status, 409);
  assert.match(late.text, /note: succeeded/);
  assert.match((await open(bob.approve)).text, /note: succeeded/);
  assert.equal(readFileSync(notes, 'utf8'), 'once\n');

  const { run, timeline } = await alice.ask(runs.get, { params: { id } });
  assert.deepEqual(
    run.approvals.map(({ by, comment, via }) => [by, comment, via]),
    [
      ['user:bob', 'fine <b>with</b> me', 'mail link'],
      ['user:carol', 'go', 'mail link'],
    ],
  );
  const story = timeline.map(({ who, why }) => `${who} ${why}`).join('\n');
  assert.match(story, /user:carol note: queued, approved by carol by a signed link from mail: go/);
  assert.match(story, /told bob by post/);
});

test('a link of somebody who was disabled meanwhile is worth nothing', async () => {
  const id = await ask('note');
  const bob = await mustHaveLinks('bob', 'note', 2);
  await program.admin.ask(users.change, { params: { name: 'bob' }, body: { disabled: true } });
  assert.equal((await open(bob.approve)).status, 404);
  assert.equal((await submit(bob.approve)).status, 404);
  await program.admin.ask(users.change, { params: { name: 'bob' }, body: { disabled: false, role: 'viewer' } });
  assert.equal((await submit(bob.approve)).status, 403);
  assert.equal(await stateOf(id), 'awaiting approval');
  await program.admin.ask(users.change, { params: { name: 'bob' }, body: { role: 'operator' } });
  assert.match((await submit(bob.reject, 'no')).text, /note is rejected/);
  assert.equal(await stateOf(id), 'rejected');
});

test('an expired link says that it is too late', async () => {
  const id = await ask('hurry');
  const carol = await mustHaveLinks('carol', 'hurry');
  await until('it expires', async () => (await stateOf(id)) === 'expired');
  const page = await open(carol.approve);
  assert.equal(page.status, 200);
  assert.match(page.text, /hurry: expired/);
  assert.doesNotMatch(page.text, /<form/);
  assert.equal((await submit(carol.approve)).status, 409);
  assert.equal(readFileSync(notes, 'utf8'), 'once\n');
});

test('no link stands in the log, the metrics, the audit log or the data folder', async () => {
  const signatures = mailbox.got.flatMap(({ text }) =>
    Array.from((text ?? '').matchAll(/\/decide\/\S+\.([\w-]{43})$/gm), ([, signature]) => signature ?? ''),
  );
  assert.ok(signatures.length >= 8, String(signatures.length));
  const places = [program.said, (await program.admin.send('GET', '/metrics')).text];
  assert.match(places[1] ?? '', /tocsin_decision_links_refused_total\{reason="forbidden"\}/);
  places.push(JSON.stringify(await program.admin.ask(audit.list, { query: { limit: 500 } })));
  for (const name of readdirSync(program.data, { recursive: true, withFileTypes: true })) {
    if (name.isFile()) places.push(readFileSync(join(name.parentPath, name.name), 'latin1'));
  }
  for (const signature of signatures) for (const place of places) assert.ok(!place.includes(signature));
});
