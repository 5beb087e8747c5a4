// Published figures must not rot unseen: the load of `npm run bench:series`, small, beside a real VictoriaMetrics, by CPU time. What programs
// beside it do to caches and clocks is allowed for; how large the distance is says the bench, on a machine that does nothing else.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Fleet } from '../../bench/series-load.ts';
import { Peer } from '../../bench/series-peers.ts';

const SERIES = 8_000;
const BATCH = 2_000;
const STEP = 15_000;
/** What the noise of a busy machine has been seen to do to the ratio of the two. */
const NOISE = 1.5;
const root = mkdtempSync(join(tmpdir(), 'tocsin-load-'));
const peers = ['tocsin', 'victoria-metrics'].map((name) => new Peer(name, root));
after(async () => {
  await Promise.all(peers.map((peer) => peer.stop('SIGKILL')));
  rmSync(root, { recursive: true, force: true });
});

/** CPU seconds of each for the same samples. */
async function write(fleet: Fleet, steps: number, end: number): Promise<readonly number[]> {
  const before = peers.map((peer) => peer.cpuSeconds());
  for (let step = 1; step <= steps; step++) {
    for (let from = 0; from < SERIES; from += BATCH) {
      const body = fleet.body(from, from + BATCH, end - (steps - step) * STEP);
      await Promise.all(peers.map((peer) => peer.client.write('/api/v1/write', body)));
    }
  }
  return peers.map((peer, i) => peer.cpuSeconds() - (before[i] ?? 0));
}

test('samples of known and of new series cost about what VictoriaMetrics spends on them or less, and all are there', async (t) => {
  for (const peer of peers) await peer.start();
  // So old that no rule is woken by it: what rules cost is another figure.
  const end = Math.floor(Date.now() / STEP) * STEP - 60 * STEP;
  const fleet = new Fleet(SERIES, 'known');
  await write(fleet, 20, end - 100 * STEP);
  const known = await write(fleet, 60, end - 40 * STEP);
  const fresh = await write(new Fleet(SERIES, 'new'), 40, end);
  for (const [what, [ours = 0, theirs = 0]] of [['known', known] as const, ['new', fresh] as const]) {
    t.diagnostic(`${what}: ${ours.toFixed(2)} s of CPU, VictoriaMetrics ${theirs.toFixed(2)} s`);
    assert.ok(ours <= theirs * NOISE, `${what}: ${ours.toFixed(2)} s of CPU, VictoriaMetrics ${theirs.toFixed(2)} s`);
  }
  const query = 'sum by (cluster) (count_over_time({job="node"}[40m]))';
  const [ours] = peers;
  const { text } = (await ours?.client.get(`/api/v1/query?${new URLSearchParams({ query, time: String(end / 1000) })}`)) ?? { text: '' };
  const counted = new Map<string, string>();
  for (const { metric, value } of JSON.parse(text.toString()).data.result) counted.set(metric.cluster, value[1]);
  assert.deepEqual(
    [...counted],
    [
      ['known', String(SERIES * 60 + SERIES * 20)],
      ['new', String(SERIES * 40)],
    ],
  );
});
