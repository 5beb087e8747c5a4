import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Columns } from './columns.ts';
import { timeOrder } from './time-order.ts';

test('places come in the order of time, equal times in the order of their places', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 }), { maxLength: 8 }), (parts) => {
      const times = Float64Array.from(parts.flatMap((part) => part.toSorted((a, b) => a - b)));
      const order = timeOrder(times, times.length);
      const expected = Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
      assert.deepEqual([...order], expected);
    }),
  );
});

test('sorted columns hold each time once, with the first value that was added for it', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 }), fc.boolean(), (list, withStarts) => {
      const columns = new Columns(4);
      for (const [place, time] of list.entries()) {
        columns.add(time, place, place % 2);
        if (withStarts && place % 3 === 0) columns.start(columns.size - 1, columns.size, place + 1);
      }
      columns.sort();
      const expected = [...new Set(list)].sort((a, b) => a - b).map((time) => [time, list.indexOf(time)] as const);
      const { times, values, stale, size, starts } = columns;
      assert.deepEqual(
        Array.from({ length: size }, (_, i) => [times[i], values[i]]),
        expected,
      );
      assert.ok(expected.every(([, place], i) => stale[i] === place % 2));
      if (starts !== null) assert.ok(expected.every(([, place], i) => starts[i] === (place % 3 === 0 ? place + 1 : 0)));
    }),
  );
});
