import { test } from 'node:test';
import { killWriters } from './sample-kills.ts';

test('killed while samples are written, merged and moved to blocks, it has every answered sample, once', async () => {
  await killWriters(Number(process.env['TOCSIN_KILLS'] ?? 6), Number(process.env['TOCSIN_SEED'] ?? Date.now() % 1_000_000));
});
