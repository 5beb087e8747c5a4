import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { after, test } from 'node:test';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import { damageOf } from '../../src/io/series/damage.ts';
import type { SeriesEngine } from '../../src/io/series/engine.ts';
import { listSnapshots, sweepSnapshots } from '../../src/io/series/snapshots.ts';
import { NOW, openKept, STEP, timeOf } from './kept-store.ts';

const KILLS = 12;
const root = mkdtempSync(join(tmpdir(), 'tocsin-keeping-kill-'));
after(() => rmSync(root, { recursive: true, force: true }));

/** Runs the storm until it is killed; the lines that it said. */
async function storm(first: number, length: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'keeping-program.ts'), root, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const begun = new Promise<void>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      resolve();
    });
  });
  const closed = once(child, 'close');
  await Promise.race([begun, closed]);
  await pause(length);
  child.kill('SIGKILL');
  await closed;
  assert.equal(child.signalCode, 'SIGKILL', 'it ended by itself');
  return said.split('\n').slice(0, -1);
}

function read(engine: SeriesEngine): Map<number, number> {
  const matcher = compileMatcher({ name: '__name__', op: '=', value: 'kept' }).value;
  assert.ok(matcher !== null);
  const [found] = engine.source.select([matcher], timeOf(0), NOW);
  return new Map(Array.from(found?.times ?? [], (time, i) => [time, found?.values[i] ?? 0]));
}

test('killed while samples are deleted, snapshots made and blocks moved, everything that was answered is true', async () => {
  /** What each sample must be: there, gone, or either, because no answer came. */
  const wanted = new Map<number, 'there' | 'gone' | 'either'>();
  let next = 0;
  const figures = { written: 0, deleted: 0, snapshots: 0, cold: 0, recalled: 0 };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const lines = await storm(next, 50 + Math.random() * 500);
    const first = next;
    for (const line of lines) {
      const [what, a = '', b = '', c = ''] = line.split(' ');
      if (what === 'written') {
        next = Number(a) + STEP;
        for (let i = Number(a); i < next; i += 1) wanted.set(i, 'there');
        figures.written += STEP;
      } else if (what === 'deleting' || what === 'deleted') {
        const end = what === 'deleted' ? Math.min(Number(b), Number(c) - 1) : Number(b);
        for (let i = Number(a); i <= end; i += 1)
          if (wanted.get(i) !== 'gone' && wanted.has(i)) wanted.set(i, what === 'deleted' ? 'gone' : 'either');
        if (what === 'deleted') figures.deleted += 1;
      } else if (what === 'snapshot') figures.snapshots += 1;
      else if (what === 'recalled') figures.recalled += 1;
    }
    // The request that was under way may be there or not.
    for (let i = next; i < next + STEP; i += 1) wanted.set(i, 'either');
    next += STEP;
    assert.ok(next > first);
    sweepSnapshots(join(root, 'series'));
    const engine = openKept(root);
    assert.deepEqual(damageOf(engine), []);
    const found = read(engine);
    for (const [sample, state] of wanted) {
      const value = found.get(timeOf(sample));
      if (state === 'there') assert.equal(value, sample, `sample ${sample} is lost after kill ${kill}`);
      else if (state === 'gone') assert.equal(value, undefined, `sample ${sample} came back after kill ${kill}`);
      else wanted.set(sample, value === undefined ? 'gone' : 'there');
    }
    assert.ok([...found.keys()].every((time) => wanted.has((time - timeOf(0)) / (timeOf(1) - timeOf(0)))));
    figures.cold = engine.keeper.blocks.blocks.filter(({ isCold }) => isCold).length;
    engine.keeper.blocks.close();
  }
  const said = (await listSnapshots(join(root, 'series'))).length;
  assert.ok(said >= figures.snapshots, `${said} snapshots are there, ${figures.snapshots} were answered`);
  assert.ok(figures.deleted > 0 && figures.cold > 0 && figures.snapshots > 0 && figures.recalled > 0, JSON.stringify(figures));
  console.log(`${KILLS} kills: ${JSON.stringify(figures)}`);
});
