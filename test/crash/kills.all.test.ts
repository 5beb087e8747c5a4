// The same storm with many more kills, one storm after the other, each with its own seed.
import { test } from 'node:test';
import { killStorm } from './kill-storm.ts';

const first = Number(process.env['TOCSIN_SEED'] ?? Date.now() % 1_000_000);
const kills = Number(process.env['TOCSIN_KILLS'] ?? 25);

for (const storm of [1, 2]) {
  test(`storm ${storm}: killed ${kills} times, it keeps every promise`, async () => {
    await killStorm(kills, first + storm);
  });
}
