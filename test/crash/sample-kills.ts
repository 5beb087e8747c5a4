import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/contract/api/system.ts';
import { encodeFrame } from '../../src/io/series/journal-record.ts';
import { listSegments } from '../../src/io/series/journal.ts';
import type { Api } from '../e2e/api.ts';
import { Program } from '../e2e/program.ts';
import { METRIC, writeOn, Written } from './sample-writers.ts';
import { seeded } from './seeded.ts';

const SENDERS = 4;
/** A block every few requests, so that most kills come while blocks are written or merged. */
const FLUSH_SAMPLES = 400;
const MAX_LIFE_MS = 450;

/** Kills the program so often while samples are written, and looks after each start whether all of them are there. Prints the figures. */
export async function killWriters(kills: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${kills} kills (TOCSIN_SEED and TOCSIN_KILLS choose others)`);
  const chance = seeded(seed);
  const config = { storage: { series: { flush_samples: FLUSH_SAMPLES } }, built_in: { rules: false, demo: false } };
  const program = new Program({ config, keepsPort: true, localAgent: false });
  const written = new Written();
  const figures = { torn: 0, files: new Set<string>() };
  let over = false;
  let round = 0;
  const before = Date.now();
  try {
    await program.start();
    const writers = { written, chance, api: () => program.admin, isOver: () => over, round: () => round };
    const writing = writeOn(writers, SENDERS);
    for (let kill = 0; kill < kills; kill += 1) {
      const from = Date.now();
      await pause(chance() * MAX_LIFE_MS);
      await program.kill();
      for (const file of filesIn(join(program.data, 'series'))) figures.files.add(file);
      round += 1;
      // What a write leaves that was cut off in the middle, as a power cut may.
      if (chance() < 0.2 && tear(program, chance)) figures.torn += 1;
      const promised = copy(written.answered);
      await program.launch();
      // Every eighth start is killed before it is done.
      if (chance() < 0.125) {
        await pause(chance() * 400);
        await program.kill();
        await program.launch();
      }
      await program.listening();
      await hold(program.admin, promised, written, { from: from - 1_000, to: Date.now() });
    }
    over = true;
    await writing;
    await program.kill();
    await program.start();
    const found = await hold(program.admin, written.answered, written, { from: before, to: Date.now() + 1_000 });
    const { requests, unanswered, samples } = written;
    console.log(
      `kills ${kills}, torn ends ${figures.torn}, files of the store seen ${figures.files.size}: ${samples} samples of ${requests} requests ` +
        `(and ${unanswered} without answer), ${found} there; lost 0, doubled 0`,
    );
  } finally {
    over = true;
    await program.close();
  }
}

interface Window {
  readonly from: number;
  readonly to: number;
}

type Samples = ReadonlyMap<string, ReadonlyMap<number, number>>;

/** Whether what was answered is there, nothing is there that was not sent, and the store finds nothing wrong with itself; the number of samples. */
async function hold(api: Api, answered: Samples, { sent }: Written, { from, to }: Window): Promise<number> {
  const { parts } = await api.ask(system.status);
  const series = parts.find(({ name }) => name === 'series');
  assert.deepEqual([series?.state, series?.message], ['ok', 'takes samples']);
  const expr = `${METRIC}[${to - from}ms]`;
  const { status, text } = await api.send('GET', `/api/v1/query?${new URLSearchParams({ query: expr, time: String(to / 1000) })}`);
  assert.equal(status, 200, text);
  const { data } = JSON.parse(text) as { data: { result: { metric: { lane: string }; values: [number, string][] }[] } };
  const there = new Map(data.result.map(({ metric, values }) => [metric.lane, values]));
  let count = 0;
  for (const [lane, wanted] of answered) {
    const values = there.get(lane) ?? [];
    const found = new Map(values.map(([at, value]) => [Math.round(at * 1000), Number(value)]));
    assert.equal(found.size, values.length, `a sample of lane ${lane} stands twice`);
    const inWindow = [...wanted].filter(([at]) => at > from && at <= to);
    for (const [at, value] of inWindow) assert.equal(found.get(at), value, `the sample of lane ${lane} at ${at}`);
    for (const [at, value] of found) assert.equal(sent.get(lane)?.get(at), value, `nobody sent the sample of lane ${lane} at ${at}`);
    count += found.size;
  }
  return count;
}

function tear(program: Program, chance: () => number): boolean {
  const last = listSegments(join(program.data, 'series/journal')).at(-1);
  if (last === undefined) return false;
  const body = Buffer.from('a body that did not reach its end');
  const record = Buffer.concat([encodeFrame({ encoding: 'snappy', protocol: 1, at: Date.now(), source: 'torn', body }), body]);
  appendFileSync(last.path, record.subarray(0, 1 + Math.floor(chance() * (record.length - 1))));
  return true;
}

function copy(samples: Samples): Samples {
  return new Map([...samples].map(([lane, values]) => [lane, new Map(values)]));
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder, { recursive: true }).map(String) : [];
}
