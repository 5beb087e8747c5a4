// Old blocks on another disk, as the configuration says it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { series } from '../../src/contract/api/series.ts';
import { audit } from '../../src/contract/api/audit.ts';
import { system } from '../../src/contract/api/system.ts';
import { command } from '../cli/command.ts';
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

test('the command line brings them back for a while, says how far it is, and the audit log who wanted it', async () => {
  const before = await total();
  const env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: 'e2e-administrator-0123456789abcdef' };
  const part = await command(['series', 'snapshot', 'part'], { env });
  assert.match(part.stdout, /\n\d+ blocks are not in it: the cold ones are in \/.*\/cold\/tocsin-[0-9a-f]+\.\n$/);
  const whole = JSON.parse((await command(['series', 'snapshot', 'whole', '--with-cold', '--json'], { env })).stdout);
  assert.deepEqual([whole.leftOut, whole.coldPlace, whole.samples], [0, null, 1_000]);
  assert.equal((await command(['series', 'snapshot', 'none', '--with-cold', '--skip-head'], { env })).code, 1);
  const recall = (...words: string[]) => command(['series', 'recall', ...words], { env });
  const help = await command(['series', '--help'], { env });
  assert.match(help.stdout, /recall: brings the blocks of a time back/);
  assert.equal((await recall()).code, 2);
  assert.equal((await recall('--from', '1h')).stdout, 'There are no cold blocks of that time.\n');
  const planned = await recall('--from', '3d', '--dry-run', '--json');
  const plan = JSON.parse(planned.stdout);
  assert.deepEqual([plan.started, plan.blocks > 0, plan.unreadable], [false, true, []]);
  const done = await recall('--from', '3d', '--keep', '2d', '--reason', 'an audit');
  assert.deepEqual([done.code, done.stderr.trim().split('\n').at(-1)], [0, `${plan.blocks} of ${plan.blocks} blocks`]);
  assert.match(done.stdout, new RegExp(`^${plan.blocks} blocks of .* come back, until .*\\n${plan.blocks} blocks are back\\.\\n$`));
  const status = await program.admin.ask(series.status);
  assert.ok(status.blocks.items.every(({ cold, keptUntil }) => !cold && keptUntil !== null && keptUntil > Date.now() + 47 * HOUR));
  assert.equal(await total(), before);
  assert.match((await recall('--from', '3d', '--keep', '3d')).stdout, /^\d+ blocks are back already, and stay until .*\n$/);
  await program.kill();
  await program.start();
  assert.deepEqual(
    (await program.admin.ask(series.status)).blocks.items.map(({ cold }) => cold),
    status.blocks.items.map(() => false),
    'they stay, also after a restart',
  );
  assert.equal(await total(), before);
  const { items } = await program.admin.ask(audit.list, { query: { limit: '50' } });
  const whys = items.map(({ why }) => why).filter((why) => /cold folder/.test(why));
  assert.ok(
    whys.some((why) => /^brings back \d+ blocks from .* from the cold folder, to stay until .*; because: an audit$/.test(why)),
    whys.join('\n'),
  );
  assert.ok(
    whys.some((why) => /^brought back \d+ blocks/.test(why)),
    whys.join('\n'),
  );
});
