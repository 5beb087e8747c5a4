import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { systemFiles } from '../../io/files.ts';
import { type OutputStream, RunFile, START } from './run-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'tocsin-run-file-'));
after(() => rmSync(folder, { recursive: true }));
let names = 0;
function freshPath(): string {
  names += 1;
  return join(folder, `${names}.run`);
}

type Written = readonly (readonly [OutputStream, string])[];
const pieces = fc.array(fc.tuple(fc.constantFrom<OutputStream>('stdout', 'stderr', 'note'), fc.string({ minLength: 1, maxLength: 40 })), {
  maxLength: 12,
});

async function write(file: RunFile, written: Written): Promise<void> {
  for (const [index, [stream, text]] of written.entries()) {
    if (index === 3) await file.appendFact({ type: 'started', at: 1, pid: 2, startedTicks: '3', boot: '4' }, 1);
    await file.appendOutput([{ stream, at: index, bytes: Buffer.from(text) }]);
  }
}

async function readAll(file: RunFile, from = START, limitBytes = 30): Promise<{ text: string; offsets: number[] }> {
  let place = from;
  let text = '';
  const offsets: number[] = [];
  for (;;) {
    const { chunks, next } = await file.read(place, limitBytes, 3);
    if (chunks.length === 0) return { text, offsets };
    for (const chunk of chunks) {
      offsets.push(chunk.offset);
      text += Buffer.from(chunk.bytes).toString('latin1');
    }
    place = next;
  }
}

function whole(written: Written): string {
  return Buffer.concat(written.map(([, text]) => Buffer.from(text))).toString('latin1');
}

test('what was written is read again, from any byte on, also by the next program', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(400), async (written, at) => {
      const path = freshPath();
      const first = new RunFile(systemFiles, path);
      await write(first, written);
      await first.close();
      const second = new RunFile(systemFiles, path);
      const facts = await second.load();
      assert.equal(facts.length, written.length > 3 ? 1 : 0);
      const text = whole(written);
      assert.equal(second.outputBytes, text.length);
      const offset = Math.min(at, text.length);
      const place = await second.seek(offset);
      assert.equal(place.offset, offset);
      assert.equal((await readAll(second, place)).text, text.slice(offset));
      await second.remove();
    }),
    { numRuns: 60 },
  );
});

test('a file that was cut anywhere, or ends in rubbish, gives its whole frames, and can be continued', async () => {
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(1_000), fc.string({ maxLength: 30 }), async (written, cut, rubbish) => {
      const path = freshPath();
      const first = new RunFile(systemFiles, path);
      await write(first, written);
      await first.close();
      const size = written.length === 0 ? 0 : statSync(path).size;
      if (size > 0) truncateSync(path, Math.min(cut, size));
      writeFileSync(path, rubbish, { flag: 'a' });
      const second = new RunFile(systemFiles, path);
      await second.load();
      const before = await readAll(second);
      assert.ok(whole(written).startsWith(before.text));
      await second.appendOutput([{ stream: 'stdout', at: 1, bytes: Buffer.from('more') }]);
      assert.equal((await readAll(second)).text, `${before.text}more`);
      await second.remove();
    }),
    { numRuns: 60 },
  );
});

test('output beyond the size of a frame is split, and offsets go on', async () => {
  const file = new RunFile(systemFiles, freshPath());
  const bytes = Buffer.alloc((1 << 19) + 7, 'x');
  await file.appendOutput([{ stream: 'stdout', at: 1, bytes }]);
  const { text, offsets } = await readAll(file, START, 1 << 20);
  assert.equal(text.length, bytes.length);
  assert.deepEqual(offsets, [0, 1 << 18, 1 << 19]);
  await file.remove();
});
