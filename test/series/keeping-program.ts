// Writes, deletes, makes snapshots, moves blocks to a cold folder and back until it is killed, and says what was answered.
import { mkdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { DAY } from '../../src/core/base/time.ts';
import { deleteSamples } from '../../src/io/series/deleting.ts';
import { encodeWriteRequest } from '../../src/core/wire/encode-write.ts';
import { Recall } from '../../src/io/series/recall.ts';
import { snapshotContent } from '../../src/io/series/snapshot-content.ts';
import { finishSnapshot, linkSnapshot } from '../../src/io/series/snapshots.ts';
import { NOW, openKept, STEP, timeOf } from './kept-store.ts';

const [root = '', first = '0'] = process.argv.slice(2);
const say = (line: string): void => {
  writeSync(1, `${line}\n`);
};

mkdirSync(join(root, 'cold'), { recursive: true });
const engine = openKept(root);
let next = Number(first);
for (let round = 0; ; round += 1) {
  const samples = Array.from({ length: STEP }, (_, i) => ({ at: timeOf(next + i), value: next + i }));
  const body = encodeWriteRequest([{ labels: { __name__: 'kept' }, samples }]);
  if (!('error' in engine.write({ body, encoding: 'none', source: 'storm', protocol: 1, at: NOW }))) say(`written ${next}`);
  next += STEP;
  if (round % 3 === 0) await engine.keeper.flushAll();
  if (round % 5 === 4) {
    const from = Math.floor(Math.random() * next);
    const to = from + Math.floor(Math.random() * STEP * 2);
    say(`deleting ${from} ${to}`);
    const ask = { selectors: [[{ name: '__name__', op: '=', value: 'kept' } as const]], from: timeOf(from), to: timeOf(to), at: NOW };
    if ((await deleteSamples(engine, ask, (work) => work())) === null) say(`deleted ${from} ${to} ${next}`);
  }
  if (round % 7 === 6) {
    const name = `s${next}`;
    await engine.keeper.flushAll();
    const content = snapshotContent(engine.keeper.blocks);
    const folder = join(root, 'series');
    if ((linkSnapshot(folder, name, content) ?? (await finishSnapshot(folder, { name, at: NOW }, content))) === null)
      say(`snapshot ${name} ${content.figures.samples}`);
  }
  if (round % 4 === 1) await engine.keeper.cleanNext(engine.keeper.blocks.lastNumber);
  if (round % 6 === 5) {
    const recall = new Recall();
    const from = timeOf(Math.floor(Math.random() * next));
    // They go again with the next look.
    recall.begin(engine.keeper, { from, to: from + 2 * DAY, until: NOW, at: NOW });
    while (await recall.next(engine.keeper, () => NOW));
    if (recall.status !== null && recall.status.done > 0) say(`recalled ${recall.status.done}`);
  }
  await engine.keeper.keep(NOW);
}
