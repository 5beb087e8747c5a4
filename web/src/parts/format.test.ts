import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  formatAgo,
  formatBytes,
  formatCountdown,
  formatFigure,
  formatLength,
  formatNumber,
  formatSi,
  formatValue,
  plural,
} from './format.ts';

test('lengths of time show their two largest units', () => {
  const cases: [number, string][] = [
    [0, '0 s'],
    [850, '850 ms'],
    [4230, '4.2 s'],
    [59_400, '59 s'],
    [200_000, '3 min 20 s'],
    [3_599_900, '60 min'],
    [7_500_000, '2 h 5 min'],
    [187_200_000, '2 d 4 h'],
  ];
  for (const [ms, text] of cases) assert.equal(formatLength(ms), text);
});

test('ages are one unit, the present is just now, the future says in', () => {
  assert.equal(formatAgo(1000, 3000), 'just now');
  assert.equal(formatAgo(0, 42_000), '42 s ago');
  assert.equal(formatAgo(0, 3 * 60_000 + 59_000), '3 min ago');
  assert.equal(formatAgo(0, 50 * 3_600_000), '2 d ago');
  assert.equal(formatAgo(90_000, 0), 'in 1 min');
});

test('a countdown ticks down to zero and stays there', () => {
  assert.equal(formatCountdown(1_781_000, 0), '29:41');
  assert.equal(formatCountdown(3_912_000, 0), '1:05:12');
  assert.equal(formatCountdown(0, 5000), '0:00');
});

test('bytes use binary units and never show 1024 of one', () => {
  assert.equal(formatBytes(0), '0 B');
  assert.equal(formatBytes(1023), '1023 B');
  assert.equal(formatBytes(1024), '1 KiB');
  assert.equal(formatBytes(1_048_570), '1 MiB');
  assert.equal(formatBytes(3.14 * 2 ** 30), '3.14 GiB');
  assert.equal(formatBytes(-2048), '−2 KiB');
});

test('values carry their unit, a missing one is a dash', () => {
  assert.equal(formatValue(42.123, 'percent'), '42.1 %');
  assert.equal(formatValue(2048, 'bytes/s'), '2 KiB/s');
  assert.equal(formatValue(0.012, 'seconds'), '12 ms');
  assert.equal(formatValue(null, 'percent'), '–');
  assert.equal(formatValue(Number.NaN, 'number'), '–');
});

test('numbers are grouped, and extreme ones get an exponent', () => {
  assert.equal(formatNumber(1_234_567), '1 234 567');
  assert.equal(formatNumber(0.25), '0.25');
  assert.equal(formatNumber(0.00001), '1.00 e-5');
  assert.equal(formatNumber(-12), '−12');
  assert.equal(plural(1, 'host'), '1 host');
  assert.equal(plural(3, 'host'), '3 hosts');
});

test('figures of the status carry the unit that their name ends with', () => {
  assert.deepEqual(formatFigure('memory_bytes', 3_781_840), { name: 'memory', text: '3.61 MiB' });
  assert.deepEqual(formatFigure('late_ms', 0), { name: 'late', text: '0 s' });
  assert.deepEqual(formatFigure('alerts_firing', 1200), { name: 'alerts firing', text: '1 200' });
  assert.deepEqual(formatFigure('bytes', 12), { name: 'bytes', text: '12' });
  assert.deepEqual(formatFigure('size', '4 MiB'), { name: 'size', text: '4 MiB' });
});

test('large numbers may carry the prefix of their size, and seconds keep their sign', () => {
  assert.equal(formatSi(999), '999');
  assert.equal(formatSi(1000), '1 k');
  assert.equal(formatSi(999_999), '1 M');
  assert.equal(formatSi(-45_678_900), '−45.68 M');
  assert.equal(formatSi(Number.POSITIVE_INFINITY), '∞');
  assert.equal(formatValue(12_345, 'per second'), '12.35 k/s');
  assert.equal(formatValue(0.1234, 'ratio'), '12.3 %');
  assert.equal(formatValue(-90, 'seconds'), '−1 min 30 s');
  assert.equal(formatValue(0.000_25, 'seconds'), '250 µs');
});
