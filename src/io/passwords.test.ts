import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashPassword, verifyPassword } from './passwords.ts';

test('a password fits its own hash and no other, and two hashes of it differ', async () => {
  const [first, second] = await Promise.all([hashPassword('correct horse'), hashPassword('correct horse')]);
  assert.notEqual(first, second);
  assert.match(first, /^\$argon2id\$v=19\$m=32768,t=3,p=1\$/);
  assert.equal(await verifyPassword('correct horse', first), true);
  assert.equal(await verifyPassword('correct horse ', first), false);
});

test('a hash that another argon2 made is understood', async () => {
  // RFC 9106 has no vector without secret and data; this one is from the reference implementation: argon2 somesalt -id -t 2 -m 16 -p 1.
  const stored = '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  assert.equal(await verifyPassword('password', stored), true);
  assert.equal(await verifyPassword('Password', stored), false);
});

test('what is no hash, or asks for too much, fits nothing', async () => {
  for (const stored of ['', 'plain', '$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc']) {
    assert.equal(await verifyPassword('password', stored), false);
  }
});

test('many at once are all answered, a few at a time', async () => {
  const stored = '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc';
  const answers = await Promise.all(Array.from({ length: 50 }, () => verifyPassword('password', stored)));
  assert.deepEqual(new Set(answers), new Set([false]));
});
