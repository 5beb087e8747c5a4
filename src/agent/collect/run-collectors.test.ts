import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels } from '../../core/base/labels.ts';
import { openManualClock } from '../../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../../test/doors/memory-files.ts';
import { type Collector, metric } from './collector.ts';
import { openCollectorRuns } from './run-collectors.ts';

const good: Collector = { name: 'good', collect: async () => [metric('good', 1)] };
const bad: Collector = { name: 'bad', collect: async () => Promise.reject(new Error('broken')) };
const throwing: Collector = {
  name: 'throwing',
  collect: () => {
    throw new Error('at once');
  },
};

test('one that fails, throws or hangs takes nothing from the others, is told once, and is not started twice', async () => {
  const clock = openManualClock(0);
  const from = { files: openMemoryFiles(), clock, proc: '', sys: '', root: '' };
  const told: string[] = [];
  const runs = openCollectorRuns((collector, why) => told.push(`${collector}: ${why}`));
  let started = 0;
  let comeBack: (() => void) | null = null;
  const hanging: Collector = {
    name: 'hanging',
    collect: () => {
      started += 1;
      return new Promise((resolve) => (comeBack = () => resolve([metric('late', 1)])));
    },
  };
  const run = async (): Promise<string[]> => {
    const running = runs.run([bad, hanging, throwing, good], from, 1_000);
    await clock.advance(1_000);
    const { metrics, outcomes } = await running;
    const success = outcomes.filter(({ labels }) => formatLabels(labels).includes('success'));
    return [...metrics.map(({ labels }) => formatLabels(labels)), ...success.map(({ labels, value }) => `${labels['collector']} ${value}`)];
  };
  assert.deepEqual(await run(), ['good', 'bad 0', 'hanging 0', 'throwing 0', 'good 1']);
  assert.deepEqual(await run(), ['good', 'bad 0', 'hanging 0', 'throwing 0', 'good 1']);
  assert.equal(started, 1);
  assert.deepEqual(told.toSorted(), ['bad: broken', 'hanging: it took longer than 1000 ms', 'throwing: at once']);
  (comeBack as (() => void) | null)?.();
  await clock.advance(1);
  assert.equal((await run()).includes('late'), false);
  assert.equal(started, 2);
});

test('how long each took', async () => {
  const clock = openManualClock(0);
  const slow: Collector = { name: 'slow', collect: async (from) => from.clock.wait(250).then(() => []) };
  const running = openCollectorRuns(() => {}).run([slow, good], { files: openMemoryFiles(), clock, proc: '', sys: '', root: '' }, 1_000);
  await clock.advance(300);
  const { outcomes } = await running;
  assert.deepEqual(
    outcomes.filter(({ labels }) => labels['__name__']?.includes('duration')).map(({ value }) => value),
    [0.25, 0],
  );
});
