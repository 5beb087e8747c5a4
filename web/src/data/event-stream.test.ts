import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventStreamParser } from './event-stream.ts';

const STREAM = ': hello\n\nid: 5\nevent: chunk\ndata: {"a":1}\ndata: more\n\ndata:second\r\n\r\nevent: end\n\n';
const EVENTS = [
  { event: 'chunk', data: '{"a":1}\nmore', id: '5' },
  { event: 'message', data: 'second', id: '5' },
  { event: 'end', data: '', id: '5' },
];

test('events come out whole, comments do not', () => {
  assert.deepEqual(new EventStreamParser().push(STREAM), EVENTS);
});

test('the pieces in which a stream arrives make no difference', () => {
  for (let size = 1; size < 12; size++) {
    const parser = new EventStreamParser();
    const events = [];
    for (let at = 0; at < STREAM.length; at += size) events.push(...parser.push(STREAM.slice(at, at + size)));
    assert.deepEqual(events, EVENTS, `pieces of ${size}`);
  }
});

test('an event without end is refused before it fills the memory', () => {
  const parser = new EventStreamParser();
  assert.throws(() => {
    for (let i = 0; i < 10; i++) parser.push('x'.repeat(1_000_000));
  });
});
