// The same with a hundred kills.
import { test } from 'node:test';
import { killWriters } from './sample-kills.ts';

test('killed a hundred times while samples are written, it has every answered sample, once', async () => {
  await killWriters(Number(process.env['TOCSIN_KILLS'] ?? 100), Number(process.env['TOCSIN_SEED'] ?? Date.now() % 1_000_000) + 7);
});
