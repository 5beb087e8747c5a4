// Commits as fast as it can and says on its standard output which ones were answered; meant to be killed.
import { SYSTEM } from '../../src/core/access/actor.ts';
import { openStore } from '../../src/io/db/open-store.ts';
import { alertOf, newRow } from './records.ts';

const store = await openStore({ path: process.argv[2] ?? '' });
const from = Number(process.argv[3]);

async function one(lane: number): Promise<void> {
  for (let index = 0; ; index += 1) {
    const alert = alertOf({ alertname: 'Storm', lane: `${lane}`, index: `${index}` }, from + index);
    const row = newRow('alert', alert.id);
    const writes = [
      { op: 'put', row, value: alert },
      { op: 'wake', kind: 'alert', id: alert.id, at: index },
    ] as const;
    const result = await store.commit({ at: from, who: SYSTEM, why: 'storm', about: [`alert/${alert.id}`], writes });
    if (result === 'done') process.stdout.write(`${alert.id} done\n`);
  }
}

await Promise.all([0, 1, 2, 3].map((lane) => one(lane)));
