import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compileMatcher, type CompiledMatcher } from '../promql/matcher.ts';
import { encodeWriteRequest } from '../wire/encode-write.ts';
import { decodeWriteRequest } from '../wire/remote-write.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { DEFAULT_RULES, Head } from './head.ts';
import { Interest } from './interest.ts';
import { Refusals } from './refusal.ts';

const batch = new WriteBatch();

function touch(head: Head, interest: Interest, ...names: string[]): string[] {
  const series = names.map((name) => ({ labels: { __name__: name, host: 'a' }, samples: [{ at: head.samples + 1, value: 1 }] }));
  assert.equal(decodeWriteRequest(encodeWriteRequest(series), batch), null);
  head.apply(batch, { source: '', at: 0, rules: DEFAULT_RULES }, new Refusals());
  return interest.takeTouched().sort();
}

function matcher(name: string, op: '=' | '=~', value: string): CompiledMatcher {
  const { value: compiled } = compileMatcher({ name, op, value });
  assert.ok(compiled !== null);
  return compiled;
}

test('a batch names each rule that reads one of its series, once, also for series that are new', () => {
  const head = new Head(1);
  const interest = new Interest(head);
  head.onNewSeries = () => interest.matchNew();
  assert.deepEqual(touch(head, interest, 'cpu', 'mem'), []);
  interest.watch([
    { id: 'cpu', selectors: [[matcher('__name__', '=', 'cpu')]] },
    { id: 'both', selectors: [[matcher('__name__', '=', 'cpu')], [matcher('__name__', '=', 'new')]] },
    { id: 'all', selectors: [[matcher('host', '=~', 'a|b')]] },
  ]);
  assert.deepEqual(touch(head, interest, 'cpu'), ['all', 'both', 'cpu']);
  assert.deepEqual(touch(head, interest, 'mem'), ['all']);
  assert.deepEqual(touch(head, interest, 'new'), ['all', 'both']);
  assert.deepEqual(touch(head, interest, 'new', 'mem', 'cpu'), ['all', 'both', 'cpu']);
  interest.watch([{ id: 'mem', selectors: [[matcher('__name__', '=', 'mem')]] }]);
  assert.deepEqual(touch(head, interest, 'new', 'cpu'), []);
  assert.deepEqual(touch(head, interest, 'mem'), ['mem']);
});
