import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DEFAULT_RULES } from '../../core/series/head.ts';
import { Journal, listSegments } from './journal.ts';
import type { JournalRecord } from './journal-record.ts';
import { type ReplayReport, replaySegment } from './replay.ts';

const root = mkdtempSync(join(tmpdir(), 'tocsin-journal-'));
after(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;

function open(segmentBytes = 1 << 20): { readonly folder: string; readonly journal: Journal } {
  const folder = join(root, String((folders += 1)));
  listSegments(folder);
  return { folder, journal: new Journal({ folder, rules: DEFAULT_RULES, segmentBytes, behind: 0 }) };
}

function record(text: string): JournalRecord {
  return { encoding: 'none', protocol: 1, at: 1_700_000_000_000 + text.length, source: 'tøken', body: Buffer.from(text) };
}

function replay(folder: string): ReplayReport & { readonly bodies: string[] } {
  const bodies: string[] = [];
  const report = { records: 0, torn: 0, corrupt: 0, corruptBytes: 0 };
  for (const { path } of listSegments(folder)) {
    replaySegment(
      path,
      ({ body, source, at, encoding }, rules) => {
        assert.deepEqual(
          { source, encoding, at, rules },
          { source: 'tøken', encoding: 'none', at: 1_700_000_000_000 + body.length, rules: DEFAULT_RULES },
        );
        bodies.push(Buffer.from(body).toString());
      },
      report,
    );
  }
  return { ...report, bodies };
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, i) => `body ${i} ${'x'.repeat(i % 50)}`);

test('what was appended is replayed in order, over segments', async () => {
  const { folder, journal } = open(4_096);
  for (const text of texts(300)) assert.equal(journal.append(record(text)), null);
  await journal.close();
  assert.ok(listSegments(folder).length > 3);
  assert.deepEqual(replay(folder), { bodies: texts(300), records: 300, torn: 0, corrupt: 0, corruptBytes: 0 });
});

test('records larger than the window are read whole', async () => {
  const { folder, journal } = open(64 << 20);
  const large = ['a'.repeat(9 << 20), 'b', 'c'.repeat(5 << 20)];
  for (const text of large) journal.append(record(text));
  await journal.close();
  assert.deepEqual(replay(folder).bodies, large);
});

test('a torn last record is cut off and reported, wherever it was torn; the next replay is clean', async () => {
  const { folder, journal } = open();
  for (const text of texts(10)) journal.append(record(text));
  await journal.close();
  const [segment] = listSegments(folder);
  assert.ok(segment !== undefined);
  const whole = readFileSync(segment.path);
  const last = whole.lastIndexOf('TJR1');
  for (const size of [last + 1, last + 8, last + 20, whole.length - 1]) {
    writeFileSync(segment.path, whole.subarray(0, size));
    assert.deepEqual(replay(folder), { bodies: texts(9), records: 9, torn: 1, corrupt: 0, corruptBytes: 0 });
    assert.equal(statSync(segment.path).size, last);
    assert.deepEqual(replay(folder), { bodies: texts(9), records: 9, torn: 0, corrupt: 0, corruptBytes: 0 });
  }
  writeFileSync(segment.path, Buffer.concat([whole, Buffer.alloc(5_000)]));
  assert.deepEqual(replay(folder), { bodies: texts(10), records: 10, torn: 1, corrupt: 0, corruptBytes: 0 });
});

test('a flipped byte costs its record only, and is told from a torn end', async () => {
  const { folder, journal } = open();
  for (const text of texts(10)) journal.append(record(text));
  await journal.close();
  const [segment] = listSegments(folder);
  assert.ok(segment !== undefined);
  const whole = readFileSync(segment.path);
  const place = whole.indexOf('body 4');
  for (const at of [place, place - 30, place - 40, place - 41, whole.indexOf('body 9') + 2]) {
    const damaged = Buffer.from(whole);
    damaged[at] = (damaged[at] ?? 0) ^ 0x40;
    writeFileSync(segment.path, damaged);
    const outcome = replay(folder);
    assert.equal(outcome.records, 9, `byte ${at}`);
    assert.equal(outcome.corrupt, 1, `byte ${at}`);
    assert.equal(outcome.torn, 0);
    assert.ok(outcome.corruptBytes > 0 && outcome.corruptBytes < 200);
  }
  const headless = Buffer.from(whole);
  headless[20] = (headless[20] ?? 0) ^ 1;
  writeFileSync(segment.path, headless);
  assert.deepEqual(replay(folder), { bodies: [], records: 0, torn: 0, corrupt: 1, corruptBytes: whole.length });
});

test('a full disk refuses and leaves no half record; the journal goes on by itself', async () => {
  const { folder, journal } = open();
  assert.equal(journal.append(record('before')), null);
  journal.rotate();
  symlinkSync('/dev/full', join(folder, '00000002.log'));
  assert.match(String(journal.append(record('lost'))), /ENOSPC/);
  unlinkSync(join(folder, '00000002.log'));
  assert.equal(journal.append(record('after')), null);
  await journal.close();
  assert.deepEqual(replay(folder).bodies, ['before', 'after']);
});

test('segments that are no longer needed are removed, and the size says so', async () => {
  const { folder, journal } = open(1_000);
  for (const text of texts(100)) journal.append(record(text));
  const last = journal.rotate();
  const before = journal.bytes;
  assert.equal(
    before,
    listSegments(folder).reduce((sum, { bytes }) => sum + bytes, 0),
  );
  await journal.remove(last - 1);
  assert.equal(listSegments(folder).length, 1);
  assert.ok(journal.bytes < before);
  await journal.close();
});

test('a sync waits for the segment that was ended before it, too', async () => {
  const { journal } = open(100);
  for (let i = 0; i < 10; i += 1) {
    journal.append(record('x'.repeat(200)));
    await journal.sync();
  }
  await journal.close();
});

test('syncing while syncing shares the work, and everything appended before is synced', async () => {
  const { journal } = open();
  journal.append(record('a'));
  const first = journal.sync();
  journal.append(record('b'));
  await Promise.all([first, journal.sync(), journal.sync()]);
  await journal.close();
});
