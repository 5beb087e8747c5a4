import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { OutputPiece, OutputStream } from './output/frame.ts';
import { openOutputs, type Outputs } from './outputs.ts';

async function withFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-outputs-'));
  try {
    await test(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function piece(offset: number, text: string, stream: OutputStream = 'stdout', at = 1_000): OutputPiece {
  return { offset, at, stream, bytes: Buffer.from(text) };
}

async function textOf(outputs: Outputs, run: string, from = 0, limitBytes = 10): Promise<string> {
  let text = '';
  let at = from;
  for (;;) {
    const pieces = await outputs.read(run, at, limitBytes);
    if (pieces.length === 0) return text;
    for (const one of pieces) {
      assert.equal(one.offset, at);
      text += Buffer.from(one.bytes).toString('latin1');
      at += one.bytes.length;
    }
  }
}

describe('the outputs of runs', () => {
  it('are there from any byte on, with stream and moment, also after the program was opened anew', () =>
    withFolder(async (folder) => {
      const first = await openOutputs(folder);
      assert.equal(await first.append('r1', piece(0, 'one ', 'stdout', 5)), 4);
      assert.equal(await first.append('r1', piece(4, 'two', 'stderr', 6)), 7);
      await first.close();
      const outputs = await openOutputs(folder);
      assert.equal(await outputs.length('r1'), 7);
      assert.deepEqual(
        (await outputs.read('r1', 2, 100)).map(({ offset, at, stream, bytes }) => [offset, at, stream, Buffer.from(bytes).toString()]),
        [
          [2, 5, 'stdout', 'e '],
          [4, 6, 'stderr', 'two'],
        ],
      );
      assert.deepEqual(await outputs.read('r1', 7, 100), []);
      assert.deepEqual([await outputs.length('other'), await outputs.read('other', 0, 10)], [0, []]);
      assert.deepEqual(readdirSync(folder), ['r1.out']);
      assert.equal(statSync(join(folder, 'r1.out')).mode & 0o777, 0o600);
      await outputs.close();
    }));

  it('take every byte once: what comes again is passed over, what comes after a gap is not taken', () =>
    withFolder(async (folder) => {
      const outputs = await openOutputs(folder);
      assert.equal(await outputs.append('r1', piece(3, 'late')), 0);
      await outputs.append('r1', piece(0, 'abcd'));
      assert.equal(await outputs.append('r1', piece(0, 'abcd')), 4);
      assert.equal(await outputs.append('r1', piece(2, 'cdef')), 6);
      assert.equal(await outputs.append('r1', piece(7, 'gap')), 6);
      assert.equal(await textOf(outputs, 'r1'), 'abcdef');
      await outputs.close();
    }));

  it('tell who watches', () =>
    withFolder(async (folder) => {
      const outputs = await openOutputs(folder);
      let calls = 0;
      const stop = outputs.watch('r1', () => void (calls += 1));
      await outputs.append('r1', piece(0, 'a'));
      await outputs.append('r1', piece(0, 'a'));
      await outputs.append('r2', piece(0, 'a'));
      stop();
      await outputs.append('r1', piece(1, 'b'));
      assert.equal(calls, 1);
      await outputs.close();
    }));

  it('lose a torn end and nothing else', () =>
    withFolder(async (folder) => {
      const before = await openOutputs(folder);
      await before.append('r1', piece(0, 'whole'));
      await before.append('r1', piece(5, 'torn in the middle'));
      await before.close();
      const path = join(folder, 'r1.out');
      truncateSync(path, statSync(path).size - 4);
      const outputs = await openOutputs(folder);
      assert.equal(await outputs.length('r1'), 5);
      assert.equal(await outputs.append('r1', piece(5, ' again')), 11);
      await outputs.close();
      // A power cut may leave zeros, or anything else, where the end should be.
      appendFileSync(path, Buffer.alloc(5_000));
      const zeros = await openOutputs(folder);
      assert.equal(await textOf(zeros, 'r1'), 'whole again');
      await zeros.close();
      const bytes = readFileSync(path);
      bytes[bytes.length - 1] = 0;
      writeFileSync(path, bytes);
      const changed = await openOutputs(folder);
      assert.equal(await textOf(changed, 'r1'), 'whole');
      await changed.close();
    }));

  it('refuse a name that is no id', () =>
    withFolder(async (folder) => {
      const outputs = await openOutputs(folder);
      for (const run of ['../state', '..', '', 'a/b', 'a\0b', '/etc/passwd', 'x'.repeat(200)]) {
        await assert.rejects(outputs.append(run, piece(0, 'x')), /no id of a run/);
        await assert.rejects(outputs.read(run, 0, 1), /no id of a run/);
        await assert.rejects(outputs.remove(run), /no id of a run/);
      }
      assert.deepEqual(readdirSync(folder), []);
      await outputs.close();
    }));

  it('become small when the run has ended, read the same, and still take what comes late', () =>
    withFolder(async (folder) => {
      const outputs = await openOutputs(folder);
      const line = 'removed /var/log/something-that-is-long.log, and the next one\n';
      const text = line.repeat(20_000);
      for (let at = 0; at < text.length; at += 100_000) await outputs.append('r1', piece(at, text.slice(at, at + 100_000)));
      await outputs.finish('r1');
      await outputs.finish('r1');
      assert.deepEqual(readdirSync(folder), ['r1.packed']);
      assert.ok(statSync(join(folder, 'r1.packed')).size < text.length / 50);
      assert.equal(await outputs.length('r1'), text.length);
      assert.equal(await textOf(outputs, 'r1', 0, 300_000), text);
      assert.equal(await textOf(outputs, 'r1', 777_777, 50_000), text.slice(777_777));
      assert.equal(await outputs.append('r1', piece(text.length, 'late')), text.length + 4);
      assert.deepEqual(await outputs.unfinished(), ['r1']);
      assert.equal(await textOf(outputs, 'r1', 1_000_000, 50_000), `${text}late`.slice(1_000_000));
      await outputs.finish('r1');
      await outputs.close();
      const again = await openOutputs(folder);
      assert.equal(await textOf(again, 'r1', 1_000_000, 50_000), `${text}late`.slice(1_000_000));
      await again.remove('r1');
      assert.deepEqual([readdirSync(folder), await again.length('r1')], [[], 0]);
      await again.close();
    }));

  it('survive death between the two forms', () =>
    withFolder(async (folder) => {
      const first = await openOutputs(folder);
      await first.append('r1', piece(0, 'abc'));
      const live = readFileSync(join(folder, 'r1.out'));
      await first.finish('r1');
      await first.close();
      writeFileSync(join(folder, 'r1.out'), live);
      writeFileSync(join(folder, 'r1.packed.tmp'), 'half');
      const second = await openOutputs(folder);
      assert.equal(await textOf(second, 'r1'), 'abc');
      assert.deepEqual(readdirSync(folder), ['r1.packed']);
      await second.close();
    }));

  it('are the same as one text in memory, whatever is done at the same time', async () => {
    const act = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({
          type: fc.constant('append' as const),
          run: fc.nat({ max: 1 }),
          back: fc.nat({ max: 3 }),
          length: fc.nat({ max: 90_000 }),
        }),
      },
      { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('finish' as const, 'reopen' as const), run: fc.nat({ max: 1 }) }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), (acts) =>
        withFolder(async (folder) => {
          let outputs = await openOutputs(folder);
          const texts = ['', ''];
          const pending: Promise<unknown>[] = [];
          for (const one of acts) {
            const run = `run-${one.run}`;
            if (one.type === 'append') {
              const text = texts[one.run] ?? '';
              const offset = Math.max(0, text.length - one.back);
              const fresh = String.fromCharCode(97 + (pending.length % 26)).repeat(one.length);
              pending.push(outputs.append(run, piece(offset, text.slice(offset) + fresh)));
              texts[one.run] = text + fresh;
            } else if (one.type === 'finish') pending.push(outputs.finish(run));
            else {
              await Promise.all(pending);
              await outputs.close();
              outputs = await openOutputs(folder);
            }
          }
          await Promise.all(pending);
          for (const [run, text] of texts.entries()) {
            const middle = Math.floor(text.length / 2);
            assert.equal(await textOf(outputs, `run-${run}`, middle, 40_000), text.slice(middle));
          }
          await outputs.close();
        }),
      ),
      { numRuns: 40 },
    );
  });
});
