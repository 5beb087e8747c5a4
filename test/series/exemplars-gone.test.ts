// Exemplars go with their samples.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DAY, HOUR } from '../../src/core/base/time.ts';
import { compileMatcher } from '../../src/core/promql/matcher.ts';
import { findExemplars } from '../../src/core/series/find-exemplars.ts';
import { DEFAULT_RULES } from '../../src/core/series/head.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { deleteSamples } from '../../src/io/series/deleting.ts';
import { SeriesEngine } from '../../src/io/series/engine.ts';
import { readExtras } from '../../src/io/series/extras-file.ts';
import { DEFAULT_KEEPING } from '../../src/io/series/keeper.ts';

const MIDNIGHT = 1_700_000_000_000 - (1_700_000_000_000 % DAY);
const NOW = MIDNIGHT + 30 * DAY;
const root = mkdtempSync(join(tmpdir(), 'tocsin-exemplars-gone-'));
after(() => rmSync(root, { recursive: true, force: true }));

function open(name: string, retention: number): SeriesEngine {
  return new SeriesEngine({
    folder: join(root, name),
    rules: { ...DEFAULT_RULES, lateWindow: 100 * DAY, retention },
    bodyLimitBytes: 1 << 24,
    decodedLimitBytes: 1 << 25,
    segmentBytes: 1 << 20,
    minFreeBytes: 0,
    keeping: DEFAULT_KEEPING,
  });
}

/** A sample and an exemplar of each host on each day. */
function fill(engine: SeriesEngine, days: readonly number[], hosts: readonly string[] = ['a', 'b']): void {
  for (const day of days) {
    const at = MIDNIGHT + day * DAY + HOUR;
    const series = hosts.map((host) => ({
      labels: { __name__: 'm', host },
      samples: [{ at, value: day }],
      exemplars: [{ labels: { trace_id: `trace-${host}-${day}` }, value: day, at }],
    }));
    const written = engine.write({ body: encodeWriteRequest(series), encoding: 'none', source: 'test', protocol: 1, at: NOW });
    assert.ok(!('error' in written));
  }
}

function traces(engine: SeriesEngine): string[] {
  const name = compileMatcher({ name: '__name__', op: '=', value: 'm' }).value;
  assert.ok(name !== null);
  const found = findExemplars(engine.head, engine.source.selectors, { sets: [[name]], from: 0, to: NOW });
  return found.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels['trace_id'] ?? '')).sort();
}

const stored = (name: string): string => Buffer.from(readExtras(join(root, name, 'extras.bin')) ?? []).toString('latin1');
const remove = (engine: SeriesEngine, host: string, to: number) =>
  deleteSamples(engine, { selectors: [[{ name: 'host', op: '=', value: host }]], from: 0, to, at: NOW }, (work) => work());

test('what is deleted takes its exemplars along, at once, after a restart, and from the file when it is cleaned', async () => {
  const engine = open('deleted', 365 * DAY);
  fill(engine, [1, 2]);
  await engine.keeper.flushAll();
  assert.match(stored('deleted'), /trace-a-1/);
  assert.equal(await remove(engine, 'a', MIDNIGHT + 2 * DAY), null);
  assert.deepEqual(traces(engine), ['trace-a-2', 'trace-b-1', 'trace-b-2']);
  fill(engine, [1], ['a']);
  assert.deepEqual(traces(engine).length, 4, 'what comes after the deletion stays');
  await engine.journal.close();
  engine.keeper.blocks.close();
  const again = open('deleted', 365 * DAY);
  assert.deepEqual(traces(again), ['trace-a-1', 'trace-a-2', 'trace-b-1', 'trace-b-2']);
  assert.equal(await remove(again, 'a', NOW), null);
  while ((await again.keeper.cleanNext(again.keeper.blocks.lastNumber)) !== null);
  assert.doesNotMatch(stored('deleted'), /trace-a/);
  assert.match(stored('deleted'), /trace-b-1/);
  await again.close();
  const third = open('deleted', 365 * DAY);
  assert.deepEqual(traces(third), ['trace-b-1', 'trace-b-2']);
  await third.close();
});

test('what is past the retention goes, unless it is held', async () => {
  const engine = open('old', 20 * DAY);
  const [from, to] = [MIDNIGHT + DAY, MIDNIGHT + 2 * DAY - 1];
  const selectors = [[{ name: 'host', op: '=', value: 'b' } as const]];
  engine.keeper.holds.add({ name: 'case', match: ['{host="b"}'], selectors, from, to, reason: '', by: '', since: NOW });
  fill(engine, [0, 1, 2, 25]);
  await engine.keeper.flushAll();
  await engine.keeper.keep(NOW);
  assert.deepEqual(traces(engine), ['trace-a-25', 'trace-b-1', 'trace-b-25']);
  assert.doesNotMatch(stored('old'), /trace-a-1|trace-b-0/);
  await engine.close();
  const again = open('old', 20 * DAY);
  assert.deepEqual(traces(again), ['trace-a-25', 'trace-b-1', 'trace-b-25']);
  again.keeper.holds.lift('case');
  await again.keeper.keep(NOW);
  assert.deepEqual(traces(again), ['trace-a-25', 'trace-b-25']);
  await again.close();
});
