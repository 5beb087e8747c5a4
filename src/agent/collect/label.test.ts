import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels } from '../../core/base/labels.ts';
import { metric } from './collector.ts';
import { addLabels, SeriesSource } from './label.ts';

test('labels that a file brings along are kept under another name', () => {
  assert.deepEqual(addLabels({ __name__: 'a', instance: 'db', x: '1' }, { instance: 'web-1', job: 'node' }), {
    __name__: 'a',
    instance: 'web-1',
    exported_instance: 'db',
    x: '1',
    job: 'node',
  });
});

test('a series that is gone is ended once, and may come back', () => {
  const source = new SeriesSource({ job: 'node' });
  const next = (at: number, ...names: string[]): string[] =>
    source
      .next(
        names.map((name, i) => metric(name, i)),
        at,
      )
      .map(({ labels, samples }) => `${formatLabels(labels)} ${samples.map((sample) => `${sample.value}@${sample.at}`).join(' ')}`);
  assert.deepEqual(next(1, 'a', 'b', 'a'), ['a{job="node"} 0@1', 'b{job="node"} 1@1']);
  assert.deepEqual(next(2, 'a'), ['a{job="node"} 0@2', 'b{job="node"} stale@2']);
  assert.deepEqual(next(3, 'a'), ['a{job="node"} 0@3']);
  assert.deepEqual(next(4, 'b'), ['b{job="node"} 0@4', 'a{job="node"} stale@4']);
});
