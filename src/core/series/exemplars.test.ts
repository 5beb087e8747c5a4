import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMetadata, encodeWriteRequest, type WriteExemplar } from '../wire/encode-write.ts';
import { decodeWriteRequest } from '../wire/remote-write.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { DEFAULT_RULES, Head } from './head.ts';
import { Refusals } from './refusal.ts';

const NOW = 1_700_000_000_000;
const batch = new WriteBatch();

function send(head: Head, body: Uint8Array): Record<string, unknown> {
  assert.equal(decodeWriteRequest(body.slice(), batch), null);
  return { ...head.apply(batch, { source: 'test', at: NOW, rules: DEFAULT_RULES }, new Refusals()) };
}

function exemplars(head: Head, name: string, list: readonly WriteExemplar[]): Record<string, unknown> {
  return send(head, encodeWriteRequest([{ labels: { __name__: name }, samples: [], exemplars: list }]));
}

const trace = (id: string, value: number, at: number): WriteExemplar => ({ labels: { trace_id: id }, value, at });

test('exemplars are kept in the order of time, the same one once', () => {
  const head = new Head(1);
  assert.deepEqual(exemplars(head, 'm', [trace('b', 2, NOW), trace('a', 1, NOW - 5)]), { samples: 0, series: 1, exemplars: 2 });
  exemplars(head, 'm', [trace('a', 1, NOW - 5), trace('a', 1.5, NOW - 5)]);
  assert.deepEqual(
    head.exemplars.of(0, 0, NOW).map(({ labels, value, time }) => [labels['trace_id'], value, time]),
    [
      ['a', 1, NOW - 5],
      ['a', 1.5, NOW - 5],
      ['b', 2, NOW],
    ],
  );
  assert.equal(head.exemplars.of(0, NOW, NOW).length, 1);
});

test('for new exemplars the oldest go, and what is too large is refused', () => {
  const head = new Head(1, 3);
  for (let i = 0; i < 5; i += 1) exemplars(head, `m${i % 2}`, [trace(String(i), i, NOW + i)]);
  const kept = [0, 1].map((ref) => head.exemplars.of(ref, 0, NOW + 9).map(({ value }) => value));
  assert.deepEqual([kept, head.exemplars.size, head.exemplars.displaced], [[[2, 4], [3]], 3, 2]);
  exemplars(head, 'm0', [trace('x'.repeat(300), 9, NOW)]);
  assert.deepEqual([head.exemplars.size, head.exemplars.refused], [3, 1]);
  const crowd = new Head(1);
  exemplars(
    crowd,
    'm',
    Array.from({ length: 600 }, (_, i) => trace(String(i), i, NOW + i)),
  );
  assert.deepEqual([crowd.exemplars.size, crowd.exemplars.of(0, 0, NOW + 999)[0]?.value], [512, 88]);
  const none = new Head(1, 0);
  exemplars(none, 'm', [trace('a', 1, NOW)]);
  assert.deepEqual([none.exemplars.size, none.exemplars.refused], [0, 1]);
});

test('what is said of metrics is kept once; of other opinions the first few', () => {
  const head = new Head(1);
  const up = { name: 'up', type: 'gauge', help: 'Is it up?', unit: '' } as const;
  const many = Array.from({ length: 6 }, (_, i) => ({ ...up, help: `Opinion ${i}` }));
  send(head, encodeMetadata([up, up, { ...up, name: 'b', type: 'histogram', unit: 'seconds' }, { ...up, name: '' }]));
  const { name: _name, ...said } = up;
  assert.deepEqual(
    [...head.catalogue.all],
    [
      ['up', [said]],
      ['b', [{ ...said, type: 'histogram', unit: 'seconds' }]],
    ],
  );
  send(head, encodeMetadata(many));
  assert.equal(head.catalogue.all.get('up')?.length, 4);
});
