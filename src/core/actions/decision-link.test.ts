import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runOf } from '../../../test/db/records.ts';
import { sha256 } from '../base/sha256.ts';
import { formatDecisionToken, parseDecisionToken, requestDigest, type DecisionLink } from './decision-link.ts';

const sign = (text: string): string => sha256(`key ${text}`);
const run = runOf('r0190-ab', 1_000, { argv: ['clean', '--path', '/var/log'], parameters: { path: '/var/log', depth: 2 } });
const link: DecisionLink = { run: run.id, request: requestDigest(run), decision: 'approve', person: 'alice', expiresAt: 1_800_000_000_000 };

test('a token says what was signed, for people of every name', () => {
  const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(names, fc.constantFrom('approve', 'reject'), fc.integer({ min: 0, max: 2 ** 45 }), (person, decision, expiresAt) => {
      const wanted = { ...link, person, decision, expiresAt };
      const token = formatDecisionToken(wanted, sign);
      assert.match(token, /^[A-Za-z0-9._-]+$/, 'nothing in it needs to be escaped in an address');
      assert.deepEqual(parseDecisionToken(token, sign), wanted);
    }),
  );
});

test('no other token is taken: not one character may change, nor the key', () => {
  const token = formatDecisionToken(link, sign);
  for (let at = 0; at < token.length; at += 1) {
    for (const char of ['0', '1', 'a', 'r', 'f', '.', '-', 'Z']) {
      const other = token.slice(0, at) + char + token.slice(at + 1);
      if (other !== token) assert.equal(parseDecisionToken(other, sign), null, other);
    }
  }
  for (const other of [
    '',
    '.',
    `${token}0`,
    token.slice(0, -1),
    `${token}.${token}`,
    ` ${token}`,
    `${token}\n`,
    token.toUpperCase(),
    'x'.repeat(100_000),
  ]) {
    assert.equal(parseDecisionToken(other, sign), null, other.slice(0, 300));
  }
  assert.equal(
    parseDecisionToken(token, (text) => sha256(`another ${text}`)),
    null,
  );
});

test('one person cannot make the link of another out of their own', () => {
  const token = formatDecisionToken(link, sign);
  const asBob = token.replace('616c696365', '626f62');
  assert.notEqual(asBob, token);
  assert.equal(parseDecisionToken(asBob, sign), null);
  assert.equal(parseDecisionToken(token.replace('.a.', '.r.'), sign), null);
});

test('the request is what is approved: what runs, where and on whose word; not what becomes of it', () => {
  const digest = requestDigest(run);
  const parameters = { depth: 2, path: '/var/log' };
  for (const same of [{ parameters }, { state: 'queued' }, { deadline: 5 }, { reason: 'x' }, { fence: 3 }, { finishedAt: 9 }] as const) {
    assert.equal(requestDigest({ ...run, ...same }), digest, JSON.stringify(same));
  }
  const others = [
    { argv: ['clean', '--path', '/'] },
    { argv: ['clean', '--path /var/log'] },
    { parameters: { path: '/', depth: 2 } },
    { host: 'web-2' },
    { version: 'other' },
    { action: 'other' },
    { id: 'r2' },
    { triggeredAt: 1_001 },
    { approvers: ['user:mallory'] },
    { approvalsNeeded: 7 },
  ];
  for (const other of others) assert.notEqual(requestDigest({ ...run, ...other }), digest, JSON.stringify(other));
});
