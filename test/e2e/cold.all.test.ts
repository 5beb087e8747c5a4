// Old blocks on another disk, as the configuration says it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { series } from '../../src/contract/api/series.ts';
import { system } from '../../src/contract/api/system.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';
import { until } from './until.ts';

const HOUR = 3_600_000;
const place = mkdtempSync(join(tmpdir(), 'tocsin-cold-e2e-'));
const folder = join(place, 'cold');
const program = new Program({
  config: { storage: { series: { cold: { folder, after: '1h' } } }, built_in: { rules: false, demo: false } },
  localAgent: false,
});

after(async () => {
  await program.close();
  rmSync(place, { recursive: true, force: true });
});

async function total(): Promise<string> {
  const query = new URLSearchParams({ query: 'sum(sum_over_time(aged[2d]))' });
  const { text } = await program.admin.send('GET', `/api/v1/query?${query}`);
  return JSON.parse(text).data.result[0]?.value[1] ?? 'none';
}

test('old blocks move by themselves and answer as before; without their folder the series are degraded, and the rest is served', async () => {
  mkdirSync(folder);
  await program.start();
  const start = Date.now() - 30 * HOUR;
  const samples = Array.from({ length: 1_000 }, (_, i) => ({ at: start + i * 60_000, value: i }));
  assert.equal((await remoteWrite(program.admin, [{ labels: { __name__: 'aged' }, samples }])).status, 204);
  const before = await total();
  await program.admin.ask(series.snapshot, { body: { name: 'flushed' } });
  const cold = await until(
    'the blocks are cold',
    async () => {
      const status = await program.admin.ask(series.status);
      return status.blocks.items.length > 0 && status.blocks.items.every((block) => block.cold) ? status.cold : null;
    },
    60_000,
  );
  assert.deepEqual([cold.after, cold.bytes > 0], [HOUR, true]);
  assert.equal(await total(), before);
  await program.kill();
  renameSync(folder, join(place, 'away'));
  await program.start();
  assert.equal(await total(), 'none');
  const { parts } = await program.admin.ask(system.status);
  assert.equal(parts.find(({ name }) => name === 'series')?.state, 'degraded');
  renameSync(join(place, 'away'), folder);
  await until('the blocks are found again', async () => (await total()) === before, 30_000);
});
