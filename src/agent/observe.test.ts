import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openLog } from '../io/log.ts';
import { openManualClock } from '../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../test/doors/memory-files.ts';
import { readWriteRequest, type WrittenSample } from '../../test/doors/write-request.ts';
import { Spool } from '../io/spool/spool.ts';
import { type Collector, metric } from './collect/collector.ts';
import { observe } from './observe.ts';

const START = 1_000_003_000;

/** An agent that observes a machine with one number; `take` gives what it has spooled since the last time, without its own series. */
async function observing(start = START) {
  const clock = openManualClock(start);
  const files = openMemoryFiles({ '/text/a.prom': 'from_file 1\n' });
  const log = openLog({ level: 'error', now: () => 0, write: () => {} });
  const spool = new Spool('/spool', { files, clock, log });
  await spool.open();
  const state = { value: 5 as number | null, isHanging: false };
  const number: Collector = {
    name: 'number',
    collect: async () => {
      if (state.isHanging) await new Promise(() => {});
      return state.value === null ? [] : [metric('number', state.value)];
    },
  };
  const controller = new AbortController();
  const done = observe(
    {
      interval: 10_000,
      labels: { instance: 'web-1', job: 'node', site: 'paris' },
      textfileFolder: '/text',
      collectors: [number],
      sources: { files, clock, proc: '/proc', sys: '/sys', root: '' },
      version: '1.2.3',
      spool,
      counts: { delivered: 0, refused: 0, failures: 0 },
      log,
    },
    controller.signal,
  );
  const all = async (): Promise<WrittenSample[]> => {
    const samples: WrittenSample[] = [];
    for (let batch = await spool.peek(); batch !== null; batch = await spool.peek()) {
      samples.push(...readWriteRequest(batch.payload, 'zstd'));
      await spool.drop();
    }
    return samples;
  };
  const take = async (): Promise<string[]> => {
    const samples = (await all()).filter(({ series }) => /^(number|from_file|x)\b/.test(series));
    return samples.map(({ series, value, at }) => `${series.replace(/\{.*/, '')} ${value} @${(at - 1_000_000_000) / 1_000}`);
  };
  const stop = async (): Promise<void> => {
    controller.abort();
    await done;
  };
  return { clock, files, state, all, take, stop };
}

test('samples carry aligned moments: every two seconds in the first interval, then every ten', async () => {
  const { clock, take, stop } = await observing();
  await clock.advance(30_000);
  const moments = (await take()).filter((line) => line.startsWith('number')).map((line) => line.replace(/.*@/, ''));
  assert.deepEqual(moments, ['4', '6', '8', '10', '12', '14', '20', '30']);
  await stop();
});

test('every series has its host and the labels of the configuration, and the heartbeat is among them', async () => {
  const { clock, all, stop } = await observing();
  await clock.advance(1_000);
  const samples = await all();
  assert.ok(
    samples.every(({ series }) => series.includes('instance="web-1"') && series.includes('job="node"') && series.includes('site="paris"')),
  );
  const names = samples.map(({ series }) => series.replace(/\{.*/, ''));
  for (const name of ['tocsin_agent_up', 'tocsin_agent_info', 'tocsin_agent_resident_memory_bytes', 'node_scrape_collector_success']) {
    assert.ok(names.includes(name), name);
  }
  const versioned = samples.filter(({ series }) => series.includes('version='));
  assert.deepEqual(
    versioned.map(({ series }) => series.replace(/\{.*/, '')),
    ['tocsin_agent_info'],
  );
  await stop();
});

test('what is gone ends at once; what hangs is a gap, and nobody else waits for it', async () => {
  const { clock, state, take, stop } = await observing(1_000_009_000);
  await clock.advance(20_000);
  await take();
  state.value = null;
  await clock.advance(10_000);
  assert.deepEqual(await take(), ['number stale @30', 'from_file 1 @30']);
  state.value = 6;
  await clock.advance(10_000);
  state.isHanging = true;
  await clock.advance(20_000);
  assert.deepEqual(await take(), ['number 6 @40', 'from_file 1 @40', 'number stale @50', 'from_file 1 @50', 'from_file 1 @60']);
  await stop();
});

test('a sleep of the machine leaves a gap: no samples of the past, no zeros', async () => {
  const { clock, take, stop } = await observing(1_000_009_000);
  await clock.advance(20_000);
  await take();
  clock.set(1_000_333_000);
  await clock.advance(20_000);
  const numbers = (await take()).filter((line) => line.startsWith('number'));
  assert.deepEqual(numbers, ['number 5 @340', 'number 5 @350']);
  await stop();
});

test('a clock that is set back a little does not measure a moment twice', async () => {
  const { clock, take, stop } = await observing(1_000_009_000);
  await clock.advance(31_000);
  await take();
  clock.set(1_000_035_000);
  await clock.advance(20_000);
  const numbers = (await take()).filter((line) => line.startsWith('number'));
  assert.deepEqual(numbers, ['number 5 @50']);
  await stop();
});

test('a textfile that changes is shipped within a second, and one that goes away ends', async () => {
  const { clock, files, take, stop } = await observing(1_000_009_000);
  await clock.advance(21_500);
  await take();
  files.put('/text/b.prom', 'x 1\n');
  await clock.advance(500);
  assert.deepEqual(await take(), ['from_file 1 @31', 'x 1 @31']);
  files.content.delete('/text/b.prom');
  files.touch('/text/b.prom');
  await clock.advance(1_100);
  assert.deepEqual(await take(), ['from_file 1 @32', 'x stale @32']);
  files.touch('/text/notes.txt');
  await clock.advance(3_000);
  assert.deepEqual(await take(), []);
  await stop();
});

test('a file that changes without end is read once a second', async () => {
  const { clock, files, take, stop } = await observing(1_000_009_000);
  await clock.advance(11_500);
  await take();
  for (let i = 0; i < 80; i++) {
    files.put('/text/a.prom', `from_file ${i}\n`);
    await clock.advance(100);
  }
  const reads = (await take()).filter((line) => line.startsWith('from_file'));
  assert.ok(reads.length >= 7 && reads.length <= 9, `${reads.length}`);
  await stop();
});
