import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formsOf } from './execute.ts';

test('a secret is known in the forms in which tools print it', () => {
  const forms = formsOf('p"ss wörd\n');
  for (const form of ['p"ss wörd\n', 'p"ss wörd', 'p\\"ss wörd', 'p%22ss%20w%C3%B6rd', Buffer.from('p"ss wörd').toString('base64')]) {
    assert.ok(forms.includes(form), form);
  }
});

test('each line of a key is a secret, but nothing short is made of a long one', () => {
  assert.ok(formsOf('-----BEGIN-----\nMIIEvQIBADAN\nab\n-----END-----\n').includes('MIIEvQIBADAN'));
  assert.ok(!formsOf('-----BEGIN-----\nMIIEvQIBADAN\nab\n').includes('ab'));
});

test('a short secret is masked as it is, and half a character breaks nothing', () => {
  assert.deepEqual(formsOf('abc'), ['abc']);
  assert.ok(formsOf('\ud800 broken secret').length > 0);
});
