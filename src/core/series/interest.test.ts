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
  return interest.takeTouched(0).sort();
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

test('samples that are older than a rule reads back do not name it, and those of another series beside them do', () => {
  const head = new Head(1);
  const interest = new Interest(head);
  head.onNewSeries = () => interest.matchNew();
  interest.watch([
    { id: 'short', selectors: [[matcher('host', '=', 'a')]], reach: 60_000 },
    { id: 'long', selectors: [[matcher('host', '=', 'a')]], reach: 600_000 },
    { id: 'any', selectors: [[matcher('__name__', '=', 'cpu')]] },
  ]);
  const write = (now: number, ages: Readonly<Record<string, number>>): string[] => {
    const series = Object.entries(ages).map(([name, age]) => ({
      labels: { __name__: name, host: 'a' },
      samples: [{ at: now - age, value: 1 }],
    }));
    assert.equal(decodeWriteRequest(encodeWriteRequest(series), batch), null);
    head.apply(batch, { source: '', at: now, rules: DEFAULT_RULES }, new Refusals());
    return interest.takeTouched(now).sort();
  };
  const now = 1_800_000_000_000;
  assert.deepEqual(write(now, { cpu: 3_000_000, mem: 3_000_000 }), ['any']);
  assert.deepEqual(write(now, { cpu: 2_000_000, mem: 500_000 }), ['any', 'long']);
  assert.deepEqual(write(now, { cpu: 400_000, mem: 60_001 }), ['any', 'long']);
  assert.deepEqual(write(now, { mem: 60_000 }), ['long', 'short']);
  // The same rules for every series: the first one that is young enough says it.
  assert.deepEqual(write(now + 90_000, { cpu: 80_000, mem: 10_000 }), ['any', 'long', 'short']);
});
