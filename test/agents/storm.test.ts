import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { obeyElsewhere, order, type RunOrder, script, temporaryFolder } from './agent-side.ts';
import { Remembered, startServerSide } from './server-side.ts';

const RUNS = 24;
const KILLS = 12;
const LINES = 40;

/** Each command leaves a mark that it was started, and prints numbered lines for a fifth of a second. */
function command(folder: string, run: string): RunOrder {
  const code = `require('fs').appendFileSync(${JSON.stringify(join(folder, `${run}.started`))}, 'x');
    let n = 0; const t = setInterval(() => { console.log('${run} ' + n++); if (n === ${LINES}) clearInterval(t); }, 5)`;
  return order(run, script(code));
}

test('agent and server are killed again and again: nothing is started twice, no output is doubled, every end is known', async (t) => {
  const folder = temporaryFolder();
  const remembered = new Remembered();
  let server = await startServerSide(remembered);
  let agent = obeyElsewhere(server.url, folder.path);
  const orders = Array.from({ length: RUNS }, (_, index) => command(folder.path, `run-${index}`));
  const isOver = ({ run }: RunOrder): boolean => remembered.of(run, 'finished').length > 0;
  try {
    for (let kill = 0, sent = 0; kill < KILLS || !orders.every(isOver); ) {
      await remembered.until('connected', () => server.hub.isConnected('box'));
      sent = Math.min(RUNS, sent + 2);
      // As the engine does: what is not over is ordered again when nobody knows of its start.
      for (const each of orders.slice(0, sent)) if (!isOver(each)) await server.hub.deliver('box', each);
      await new Promise((resolve) => setTimeout(resolve, 20 + ((kill * 67) % 260)));
      if (kill >= KILLS) continue;
      kill += 1;
      if (kill % 3 === 0) {
        await server.close();
        server = await startServerSide(remembered, server.port);
      } else {
        agent.kill('SIGKILL');
        await agent.exited;
        agent = obeyElsewhere(server.url, folder.path);
      }
    }
    await remembered.until('nothing is kept', () => !readdirSync(join(folder.path, 'runs')).some((name) => name.endsWith('.run')));
    const outcomes = new Map<string, number>();
    for (const { run } of orders) {
      const path = join(folder.path, `${run}.started`);
      assert.ok(!existsSync(path) || readFileSync(path, 'utf8') === 'x', `${run} was started twice`);
      const numbered = Array.from({ length: LINES }, (_, n) => `${run} ${n}\n`).join('');
      const text = remembered.text(run);
      const hows = new Set(remembered.of(run, 'finished').map(({ how }) => how));
      assert.equal(hows.size, 1, `${run} ended as ${[...hows].join(' and ')}`);
      const [how = ''] = hows;
      assert.ok(how === 'exit' ? text === numbered : numbered.startsWith(text), `${run}, ${how}: ${text}`);
      outcomes.set(how, (outcomes.get(how) ?? 0) + 1);
    }
    t.diagnostic(`${KILLS} kills, ${RUNS} runs: ${[...outcomes].map(([how, count]) => `${count} ${how}`).join(', ')}`);
  } finally {
    agent.kill('SIGKILL');
    await server.close();
    folder.remove();
  }
});
