import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { parseConfig } from '../config/parse-config.ts';
import { mailChannelOf, notifiedOf } from './notified.ts';

const CHANNELS = `channels:
  hook: { type: webhook, url: "https://example.com/hook" }
  ops-mail: { type: email, to: [ops@example.com], smtp: { host: mail.example.com } }
`;
const PEOPLE = `users:
  alice: { role: operator, email: alice@example.com }
  bob: { role: operator }
teams: { storage: { members: [alice, bob, carol] } }
`;

function parse(approval: string, more = '') {
  return parseConfig(
    [{ path: 'f', text: `${CHANNELS}${more}${PEOPLE}route: { channel: hook }\nactions: { a: { command: [a], approval: ${approval} } }\n` }],
    {
      builtIn: null,
    },
  );
}

function problems(approval: string, more = ''): string {
  return parse(approval, more).problems.map(formatProblem).join('\n');
}

test('channels are told as they are, persons and the members of teams each once', () => {
  const { value, problems: found } = parse('{ by: [team:storage], notify: [hook, team:storage, "user:alice", hook, "user:dora"] }');
  assert.deepEqual(found, []);
  const policy = value?.actions.get('a')?.approval;
  assert.ok(value !== null && policy != null);
  assert.deepEqual(notifiedOf(policy, value.teams), { channels: ['hook'], persons: ['alice', 'bob', 'carol', 'dora'] });
  assert.equal(mailChannelOf(policy, value.channels), 'ops-mail');
  assert.equal(value.users.get('alice')?.email, 'alice@example.com');
});

test('a configuration that asks for mails which cannot go says so', () => {
  assert.match(problems('{ notify: [nowhere] }'), /no channel is called "nowhere"/);
  assert.match(problems('{ notify: ["team:storrage"] }'), /no team is called "storrage".*storage/);
  assert.match(problems('{ notify: ["user:bob"] }'), /user:bob has no email in f:/);
  assert.match(problems('{ notify: ["user:alice"], mail_channel: hook }'), /no channel of type email is called "hook"/);
  assert.match(problems('{ notify: ["user:alice"], mail_channel: op-mail }'), /no channel of type email is called "op-mail".*ops-mail/);
  const second = '  more-mail: { type: email, to: [more@example.com], smtp: { host: mail.example.com } }\n';
  assert.match(problems('{ notify: ["user:alice"] }', second), /say by which channel, mail_channel: ops-mail/);
  assert.equal(problems('{ notify: ["user:alice"], mail_channel: more-mail }', second), '');
  assert.equal(problems('{ notify: [ops-mail] }', second), '', 'channels need none');
});

test('the address of a user is one address and nothing else', () => {
  const user = (email: string) =>
    parseConfig([{ path: 'f', text: `users: { alice: { role: viewer, email: ${JSON.stringify(email)} } }` }], { builtIn: null });
  for (const good of ['alice@example.com', "o'neil+ops@mail.example.com", 'ops@localhost', 'ä@example.com']) {
    assert.equal(user(good).value?.users.get('alice')?.email, good);
  }
  for (const bad of [
    'alice',
    '@example.com',
    'alice@',
    'a b@example.com',
    'a@b, c@d',
    'Alice <alice@example.com>',
    'a@b\nBcc: c@d',
    `${'a'.repeat(250)}@example.com`,
  ]) {
    assert.equal(user(bad).value, null, bad);
  }
});
