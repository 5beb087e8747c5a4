import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { DIALECTS } from './dialects.ts';

const STORM = fileURLToPath(new URL('storm.ts', import.meta.url));

/** The alerts whose commits were answered before the process was killed, after so many of them. */
async function killedStorm(path: string, round: number, after: number): Promise<string[]> {
  const child = spawn(process.execPath, [STORM, path, String(round * 1_000_000)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const answered: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [id, done] = line.split(' ');
    if (id !== undefined && done === 'done') answered.push(id);
    if (answered.length === after) child.kill('SIGKILL');
  }
  return answered;
}

for (const dialect of DIALECTS) {
  describe(`the state database on ${dialect.name}, killed in the middle of commits`, () => {
    it('has every change that was answered, each of them whole', async () => {
      const database = dialect.fresh();
      try {
        const answered: string[] = [];
        for (let round = 0; round < 6; round += 1) {
          answered.push(...(await killedStorm(database.path, round, 100 + 450 * round)));
          const store = await database.open();
          const found = await store.loadAll('alert', answered);
          assert.equal(found.length, answered.length);
          // What was not answered may be there too, but never half of it.
          const due = new Set((await store.agenda(1_000_000)).map((one) => one.id));
          const counts = await store.countAlerts();
          assert.equal(due.size, counts['firing']);
          assert.ok(answered.every((id) => due.has(id)));
          const last = answered.at(-1);
          assert.equal((await store.findAudit({ about: `alert/${last}`, limit: 10 })).items.length, 1);
          await store.close();
        }
      } finally {
        database.remove();
      }
    });
  });
}
