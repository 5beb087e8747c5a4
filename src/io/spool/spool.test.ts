import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openLog } from '../log.ts';
import { type ManualClock, openManualClock } from '../../../test/doors/manual-clock.ts';
import { type MemoryFiles, openMemoryFiles } from '../../../test/doors/memory-files.ts';
import { Spool, type SpoolLimits } from './spool.ts';

const LIMITS: SpoolLimits = { bytes: 1 << 20, age: 3_600_000, memoryBytes: 100, whenFull: 'drop' };
const log = openLog({ level: 'error', now: () => 0, write: () => {} });

async function openSpool(files: MemoryFiles, clock: ManualClock, limits = LIMITS): Promise<Spool> {
  const spool = new Spool('/data/spool', { files, clock, log }, limits);
  await spool.open();
  return spool;
}

const batch = (text: string, at = 1_000_000) => ({ at, payload: Buffer.from(text) });

async function takeAll(spool: Spool, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < most) {
    const waiting = await spool.peek();
    if (waiting === null) break;
    taken.push(Buffer.from(waiting.payload).toString());
    await spool.drop();
  }
  return taken;
}

const numbers = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `batch ${from + i}`);

test('first in, first out; a batch stays until it is dropped', async () => {
  const spool = await openSpool(openMemoryFiles(), openManualClock(1_000_000));
  await spool.append(batch('a'));
  await spool.append(batch('b'));
  assert.equal(Buffer.from((await spool.peek())?.payload ?? []).toString(), 'a');
  assert.deepEqual(await takeAll(spool), ['a', 'b']);
  assert.equal(await spool.peek(), null);
  assert.equal(spool.state().bytes, 0);
});

test('what was not delivered is there after the agent was killed, in order, however many files it is in', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const limits = { ...LIMITS, bytes: 16 * 4_096 };
  const killed = await openSpool(files, clock, limits);
  for (const text of numbers(0, 1_000)) await killed.append(batch(text));
  assert.ok([...files.content.keys()].filter((path) => path.endsWith('.segment')).length > 3);
  const next = await openSpool(files, clock, limits);
  assert.deepEqual(await takeAll(next), numbers(0, 1_000));
});

test('a restart delivers at most again what was delivered in the last second', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const killed = await openSpool(files, clock);
  for (const text of numbers(0, 100)) await killed.append(batch(text));
  await takeAll(killed, 50);
  await clock.advance(1_000);
  await takeAll(killed, 1);
  await takeAll(killed, 9);
  assert.deepEqual(await takeAll(await openSpool(files, clock)), numbers(51, 100));
});

test('a half-written end is cut off, and writing goes on', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const killed = await openSpool(files, clock);
  await killed.append(batch('whole'));
  await killed.append(batch('torn off'));
  const [path = ''] = [...files.content.keys()];
  files.content.set(path, Buffer.from(files.content.get(path)?.subarray(0, -3) ?? []));
  const spool = await openSpool(files, clock);
  await spool.append(batch('next'));
  assert.deepEqual(await takeAll(spool), ['whole', 'next']);
  assert.ok(spool.state().droppedBytes > 0);
});

test('damage inside a file costs what is behind it in that file, not the next file', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const limits = { ...LIMITS, bytes: 16 * 4_096 };
  const killed = await openSpool(files, clock, limits);
  for (const text of numbers(0, 400)) await killed.append(batch(text));
  const [path = ''] = [...files.content.keys()].sort();
  const first = files.content.get(path) ?? Buffer.alloc(0);
  first[30] = (first[30] ?? 0) ^ 1;
  const taken = await takeAll(await openSpool(files, clock, limits));
  assert.equal(taken[0], 'batch 0');
  assert.equal(taken.at(-1), 'batch 399');
  assert.ok(taken.length > 200 && taken.length < 400);
});

test('beyond its size the oldest goes, and is counted', async () => {
  const limits = { ...LIMITS, bytes: 16 * 4_096 };
  const spool = await openSpool(openMemoryFiles(), openManualClock(1_000_000), limits);
  for (const text of numbers(0, 10_000)) await spool.append(batch(text));
  const { bytes, droppedBytes } = spool.state();
  assert.ok(bytes <= limits.bytes && bytes > limits.bytes / 2, `${bytes}`);
  assert.ok(droppedBytes > 100_000);
  const taken = await takeAll(spool);
  assert.deepEqual(taken, numbers(10_000 - taken.length, 10_000));
});

test('what is too old is not delivered', async () => {
  const clock = openManualClock(1_000_000);
  const spool = await openSpool(openMemoryFiles(), clock);
  await spool.append(batch('old', clock.now()));
  await clock.advance(1_800_000);
  await spool.append(batch('new', clock.now()));
  await clock.advance(1_800_001);
  assert.deepEqual(await takeAll(spool), ['new']);
});

test('while the disk fails a bounded number waits in memory, and goes to disk when it works again', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const spool = await openSpool(files, clock);
  await spool.append(batch('on disk'));
  files.failure = new Error('ENOSPC');
  for (const text of numbers(0, 10)) await spool.append(batch(text));
  assert.ok(spool.state().bytes < 200);
  assert.ok(spool.state().diskFailures >= 10);
  files.failure = null;
  await spool.append(batch('later'));
  assert.deepEqual(await takeAll(await openSpool(files, clock)), ['on disk', ...numbers(6, 10), 'later']);
});

test('a folder that cannot be used from the start still lets samples through', async () => {
  const files = openMemoryFiles();
  files.failure = new Error('EACCES');
  const spool = await openSpool(files, openManualClock(1_000_000));
  await spool.append(batch('a'));
  assert.deepEqual(await takeAll(spool), ['a']);
});

test('delivered at once, the file is emptied and nothing is synced; behind, it is synced once a second at most', async () => {
  const files = openMemoryFiles();
  const clock = openManualClock(1_000_000);
  const spool = await openSpool(files, clock);
  for (const text of numbers(0, 100)) {
    await spool.append(batch(text));
    await takeAll(spool);
  }
  assert.equal(files.syncs, 0);
  assert.deepEqual(
    [...files.content.values()].map(({ length }) => length),
    [0],
  );
  for (const text of numbers(0, 30)) {
    await spool.append(batch(text));
    await clock.advance(100);
  }
  assert.equal(files.syncs, 3);
});

test('whoever waits is told of the next batch', async () => {
  const spool = await openSpool(openMemoryFiles(), openManualClock(1_000_000));
  let arrived = false;
  const waiting = spool.arrival(new AbortController().signal).then(() => (arrived = true));
  await spool.peek();
  assert.equal(arrived, false);
  await spool.append(batch('a'));
  await waiting;
  const controller = new AbortController();
  await spool.drop();
  const ended = spool.arrival(controller.signal);
  controller.abort();
  await ended;
});

test('whatever is appended, delivered, and killed in between: nothing is lost, and order holds', async () => {
  const step = fc.oneof(fc.constant('append'), fc.constant('deliver'), fc.constant('kill'), fc.constant('wait'));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
      const files = openMemoryFiles();
      const clock = openManualClock(1_000_000);
      const limits = { ...LIMITS, bytes: 4_096 * 16 };
      let spool = await openSpool(files, clock, limits);
      let appended = 0;
      const delivered: number[] = [];
      const deliver = async (): Promise<boolean> => {
        const [text] = await takeAll(spool, 1);
        if (text === undefined) return false;
        delivered.push(Number(text.trim()));
        return true;
      };
      for (const one of steps) {
        if (one === 'append') await spool.append(batch(String(appended++).padEnd(900)));
        else if (one === 'deliver') await deliver();
        else if (one === 'kill') spool = await openSpool(files, clock, limits);
        else await clock.advance(1_500);
      }
      while (await deliver());
      assert.deepEqual(
        [...new Set(delivered)],
        Array.from({ length: appended }, (_, i) => i),
      );
    }),
    { numRuns: 60 },
  );
});

test('a spool that refuses keeps what it has and says that it is full, or that the disk is', async () => {
  const files = openMemoryFiles();
  const spool = await openSpool(files, openManualClock(1_000_000), { ...LIMITS, bytes: 100, whenFull: 'refuse' });
  assert.equal(await spool.append(batch('a'.repeat(50))), 'taken');
  assert.equal(await spool.append(batch('b'.repeat(50))), 'full');
  assert.equal(await spool.append(batch('c')), 'taken');
  assert.equal(await spool.append({ at: 1_000_000, payload: new Uint8Array(9 << 20) }), 'too-large');
  assert.deepEqual(await takeAll(spool), ['a'.repeat(50), 'c']);
  files.failure = new Error('ENOSPC');
  assert.equal(await spool.append(batch('d')), 'unwritable');
  files.failure = null;
  assert.equal(await spool.append(batch('e')), 'taken');
  assert.deepEqual(await takeAll(spool), ['e']);
});
