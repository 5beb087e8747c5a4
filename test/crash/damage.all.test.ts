// The files of the series store are damaged behind the back of the real program: it tells what from what, says so, and serves the rest.
import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { alerts } from '../../src/contract/api/alerts.ts';
import { system } from '../../src/contract/api/system.ts';
import { DAY, SECOND } from '../../src/core/base/time.ts';
import { SEGMENT_HEADER_BYTES } from '../../src/io/series/journal-record.ts';
import { Program } from '../e2e/program.ts';
import { remoteWrite } from '../e2e/samples.ts';
import { until } from '../e2e/until.ts';

const DAYS = 4;
const IN_BLOCK = 120;
const IN_RECORD = 20;
const RECORDS = 3;

const program = new Program({
  config: { storage: { series: { flush_samples: 100 } }, built_in: { rules: false, demo: false } },
  localAgent: false,
});
const folder = join(program.data, 'series');
const whole = join(program.root, 'whole');
const now = Date.now();

/** Series are named for the block they are in, or for the record of the journal; what is expected of each is how many samples it has. */
const ALL: Readonly<Record<string, number>> = Object.fromEntries([
  ...Array.from({ length: DAYS }, (_, day) => [`block ${day}`, IN_BLOCK]),
  ...Array.from({ length: RECORDS }, (_, record) => [`record ${record}`, IN_RECORD]),
]);
const without = (...names: readonly string[]): typeof ALL =>
  Object.fromEntries(Object.entries(ALL).filter(([name]) => !names.includes(name)));

before(async () => {
  await program.start();
  for (let day = 0; day < DAYS; day += 1) {
    await write(`block ${day}`, now - (DAYS - day) * DAY, IN_BLOCK);
    await until('the block is written', async () => (await seriesPart()).figures['blocks'] === day + 1);
  }
  for (let record = 0; record < RECORDS; record += 1) await write(`record ${record}`, now - 600 * SECOND, IN_RECORD);
  await program.kill();
  cpSync(folder, whole, { recursive: true });
});
after(() => program.close());

async function write(part: string, from: number, count: number): Promise<void> {
  // Values that no chunk can leave out, so that each block has bytes of them.
  const samples = Array.from({ length: count }, (_, i) => ({ at: from + i * SECOND, value: Math.sin(i) }));
  assert.equal((await remoteWrite(program.admin, [{ labels: { __name__: 'stored', part }, samples }])).status, 204);
}

async function seriesPart() {
  const { parts } = await program.admin.ask(system.status);
  const part = parts.find(({ name }) => name === 'series');
  assert.ok(part !== undefined);
  return part;
}

async function stored(): Promise<Record<string, number>> {
  const { text } = await program.admin.send('GET', '/api/v1/query?query=count_over_time(stored[9d])');
  const { data } = JSON.parse(text) as { data: { result: { metric: { part: string }; value: [number, string] }[] } };
  return Object.fromEntries(data.result.map(({ metric, value }) => [metric.part, Number(value[1])]));
}

async function openAlerts(): Promise<string[]> {
  const { items } = await program.admin.ask(alerts.list, { query: { state: 'firing' } });
  return items.map(({ name, annotations }) => `${name}: ${annotations['summary']}`);
}

function blocks(): string[] {
  return readdirSync(join(folder, 'blocks'))
    .filter((name) => name.endsWith('.block'))
    .sort()
    .map((name) => join(folder, 'blocks', name));
}

function journal(): string {
  const [segment = '', ...more] = readdirSync(join(folder, 'journal')).filter((name) => name.endsWith('.log'));
  assert.deepEqual(more, []);
  return join(folder, 'journal', segment);
}

/** Negative places count from the end. */
function flip(path: string, place: number): void {
  const bytes = readFileSync(path);
  const at = place < 0 ? bytes.length + place : place;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

/** Where the chunks of a block end and the index begins. */
function indexAt(path: string): number {
  const bytes = readFileSync(path);
  const footer = bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8), bytes.length - 8).toString();
  return (JSON.parse(footer) as { readonly indexAt: number }).indexAt;
}

interface Case {
  readonly what: string;
  readonly damage: () => void;
  readonly left: typeof ALL;
  /** What status, log and alert say; null: nothing, because nothing that was answered is lost. */
  readonly said: string | null;
}

const block = (number: number): string => blocks()[number] ?? '';
const cases: readonly Case[] = [
  { what: 'nothing', damage: () => {}, left: ALL, said: null },
  {
    what: 'a record that was torn off at the end of the journal',
    damage: () => appendFileSync(journal(), readFileSync(journal()).subarray(SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES + 60)),
    left: ALL,
    said: null,
  },
  {
    what: 'a byte in the middle of the journal',
    damage: () => flip(journal(), SEGMENT_HEADER_BYTES + 50),
    left: without('record 0'),
    said: 'journal: damaged at one place',
  },
  {
    what: 'a byte in the last record of the journal',
    damage: () => flip(journal(), -5),
    left: without('record 2'),
    said: 'journal: damaged at one place',
  },
  {
    what: 'the head of a journal segment',
    damage: () => flip(journal(), 12),
    left: without('record 0', 'record 1', 'record 2'),
    said: 'journal: damaged at one place',
  },
  { what: 'a missing block', damage: () => rmSync(block(0)), left: without('block 0'), said: 'blocks/00000001.block: the file is missing' },
  {
    what: 'the footer of a block',
    damage: () => flip(block(1), -30),
    left: without('block 1'),
    said: 'blocks/00000002.block: the footer is damaged',
  },
  {
    what: 'the index of a block',
    damage: () => flip(block(2), indexAt(block(2)) + 3),
    left: without('block 2'),
    said: 'blocks/00000003.block: the index is damaged',
  },
  {
    what: 'a block that was cut off',
    damage: () => writeFileSync(block(3), readFileSync(block(3)).subarray(0, 100)),
    left: without('block 3'),
    said: 'blocks/00000004.block: ',
  },
  {
    what: 'the list of blocks is missing',
    damage: () => rmSync(join(folder, 'blocks/blocks.json')),
    left: ALL,
    said: 'blocks/blocks.json: the list of blocks was missing',
  },
  {
    what: 'the list of blocks is damaged',
    damage: () => flip(join(folder, 'blocks/blocks.json'), 0),
    left: ALL,
    said: 'blocks/blocks.json: the list of blocks was damaged',
  },
];

test('damage of journal, blocks and their list is told apart and reported, and the rest is served', async (t) => {
  for (const { what, damage, left, said } of cases) {
    await t.test(what, async () => {
      rmSync(folder, { recursive: true, force: true });
      cpSync(whole, folder, { recursive: true });
      damage();
      await program.start();
      try {
        assert.deepEqual(await stored(), left);
        const { state, message } = await seriesPart();
        assert.equal(state, said === null ? 'ok' : 'degraded');
        if (said === null) {
          await until('no alert is open', async () => (await openAlerts()).length === 0);
          return;
        }
        assert.ok(message.includes(said), message);
        const named = await until('the alert fires', async () => (await openAlerts()).find((one) => one.includes(said)));
        assert.match(named, /^SamplesDamaged: Stored samples are damaged, /);
        assert.match(program.said, /level=error msg="stored samples are damaged, the rest is served"/);
        await write('after', now - 300 * SECOND, IN_RECORD);
        assert.deepEqual(await stored(), { ...left, after: IN_RECORD }, 'it takes samples');
      } finally {
        await program.kill();
      }
    });
  }
});

test('a damaged chunk shows when it is read: what it held is missing, and the status says so', async () => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(whole, folder, { recursive: true });
  flip(block(1), 20);
  await program.start();
  const found = await stored();
  assert.ok((found['block 1'] ?? 0) < IN_BLOCK);
  assert.deepEqual({ ...found, 'block 1': IN_BLOCK }, ALL);
  const { state, message } = await seriesPart();
  assert.deepEqual([state, message], ['degraded', 'damaged: blocks/00000002.block: some of its chunks are damaged']);
});
