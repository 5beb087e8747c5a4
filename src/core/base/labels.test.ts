import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashText } from './hash.ts';
import { fingerprint, formatLabels, labelsKey } from './labels.ts';

test('the hash is FNV-1a 64 as published', () => {
  assert.equal(hashText(''), 'cbf29ce484222325');
  assert.equal(hashText('a'), 'af63dc4c8601ec8c');
  assert.equal(hashText('foobar'), '85944171f73967e8');
});

test('the fingerprint is the one that Alertmanager computes', () => {
  let hash = 0xcbf29ce484222325n;
  const bytes = [...Buffer.from('alertname'), 0xff, ...Buffer.from('Grün 🔔'), 0xff, ...Buffer.from('job'), 0xff, ...Buffer.from(''), 0xff];
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  assert.equal(fingerprint({ job: '', alertname: 'Grün 🔔' }), hash.toString(16).padStart(16, '0'));
});

test('equal sets have one key whatever their order, and different ones different keys', () => {
  assert.equal(labelsKey({ a: '1', b: '2' }), labelsKey({ b: '2', a: '1' }));
  assert.notEqual(labelsKey({ a: '1', b: '2' }), labelsKey({ a: '12', b: '' }));
});

test('labels print as PromQL', () => {
  assert.equal(formatLabels({ __name__: 'up', job: 'a"b' }), 'up{job="a\\"b"}');
  assert.equal(formatLabels({ __name__: 'up' }), 'up');
  assert.equal(formatLabels({}), '{}');
});
