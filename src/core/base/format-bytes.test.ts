import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes } from './format-bytes.ts';

test('bytes are said in binary units, with about three digits', () => {
  const said = [0, 1, 1023, 1024, 10 * 2 ** 20, 1.5 * 2 ** 20, 15.04 * 2 ** 30, 1023.9 * 2 ** 20, -2048, 2 ** 60].map(formatBytes);
  assert.deepEqual(said, ['0 B', '1 B', '1023 B', '1 KiB', '10 MiB', '1.5 MiB', '15 GiB', '1 GiB', '−2 KiB', '1024 PiB']);
});
