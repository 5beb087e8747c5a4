import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keepRising, parseCpuTimes } from './cpu.ts';

const times = (idle: number, iowait: number): ReturnType<typeof parseCpuTimes> => parseCpuTimes(`cpu0 1 0 1 ${idle} ${iowait} 0 0 0 0 0\n`);

test('a counter that trembles stays where it was', () => {
  const kept = keepRising(times(1_000, 500), times(1_010, 490));
  assert.deepEqual(kept.get('0')?.slice(3, 5), [10.1, 5]);
});

test('a processor that was taken out and put back begins anew', () => {
  const kept = keepRising(times(100_000, 500), times(10, 2));
  assert.deepEqual(kept.get('0')?.slice(3, 5), [0.1, 0.02]);
  assert.deepEqual([...keepRising(kept, new Map()).keys()], []);
});
