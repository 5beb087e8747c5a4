// After a crash the journal has to be read again: the server answers meanwhile, and says what it does not take yet.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Program } from '../e2e/program.ts';
import { remoteWrite, sampleNow } from '../e2e/samples.ts';

/** One sample of each series in a request: their labels are read each time, which takes the longest. Fewer samples than become a block. */
const SERIES = 2_000;
const REQUESTS = 450;

test('while the journal is read the pages answer, writes are to come again, and queries wait', async () => {
  const program = new Program({ config: { built_in: { rules: false, demo: false } }, keepsPort: true, localAgent: false });
  try {
    await program.start();
    const begin = Date.now() - 3_000_000;
    for (let n = 0; n < REQUESTS; n += 1) {
      const series = Array.from({ length: SERIES }, (_, i) => ({
        labels: { __name__: 'journaled', i: String(i), description: 'of some length '.repeat(8) },
        samples: [{ at: begin + n * 6_000, value: n + i }],
      }));
      assert.equal((await remoteWrite(program.admin, series)).status, 204);
    }
    await program.kill();
    await program.launch();
    const { admin } = program;
    const ready = async (): Promise<{ readonly status: number; readonly text: string }> =>
      admin.send('GET', '/readyz').catch(() => ({ status: 0, text: '' }));
    let first = await ready();
    for (; first.status === 0; first = await ready()) await pause(1);
    assert.deepEqual([first.status, first.text], [503, 'Not ready: the series store reads its journal\n']);
    const [alerts, status, write, query] = await Promise.all([
      admin.send('GET', '/api/alerts'),
      admin.send('GET', '/api/status'),
      remoteWrite(admin, [sampleNow('early', 1)]),
      admin.send('GET', '/api/v1/query?query=sum(count_over_time(journaled[1h]))'),
    ]);
    assert.equal(alerts.status, 200);
    assert.match(status.text, /starting: it reads its journal/);
    assert.deepEqual([write.status, write.headers.get('retry-after')], [503, '5']);
    assert.match(query.text, new RegExp(`"${SERIES * REQUESTS}"`));
    await program.listening();
    assert.equal((await ready()).status, 200);
    assert.equal((await remoteWrite(admin, [sampleNow('later', 1)])).status, 204);
  } finally {
    await program.close();
  }
});
