import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { alerts } from '../../src/contract/api/alerts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import type { AnswerOf } from '../../src/contract/infer.ts';
import type { Api } from '../e2e/api.ts';
import type { Posted } from '../e2e/receivers.ts';
import { remoteWrite, sampleNow } from '../e2e/samples.ts';
import { until } from '../e2e/until.ts';
import { LINES } from './storm-config.ts';
import { isBusy, type Promised, sayAlert } from './storm.ts';

/** For everything to come to its end, in milliseconds. */
const PATIENCE = 60_000;

interface Aftermath {
  readonly promised: Promised;
  readonly got: readonly Posted[];
}

/** `alertname number-or-lane` of all that the channel was told. */
export function toldOf(got: readonly Posted[], status: 'firing' | 'resolved'): Set<string> {
  const alerts = got.flatMap(({ body }) => body.alerts.filter((alert) => alert.status === status));
  return new Set(alerts.map(({ labels }) => `${labels['alertname']} ${labels['number'] ?? labels['lane'] ?? ''}`));
}

/** Lets everything come to its end: alerts are told, then ended, and every run is approved and over. */
export async function calm(alice: Api, { bob, promised, got }: Aftermath & { readonly bob: Api }): Promise<void> {
  const firing = [...[...promised.fired].map((number) => `Foreign ${number}`), ...[...promised.hot].map((lane) => `Hot ${lane}`)];
  const untold = (): string[] => firing.filter((one) => !toldOf(got, 'firing').has(one));
  await until('everybody is told of every alert', () => untold().length === 0, PATIENCE).catch(() =>
    assert.fail(`nobody was told of ${untold().join(', ')}`),
  );
  for (const alert of await allAlerts(bob, 'firing,pending')) {
    const { number, lane } = alert.labels;
    if (number !== undefined) assert.equal((await sayAlert(alice, number, 'resolved')).status, 200);
    if (lane !== undefined) assert.equal((await remoteWrite(alice, [sampleNow('storm_hot', 0, { lane })])).status, 204);
  }
  const unended = (): string[] => [...toldOf(got, 'firing')].filter((one) => !toldOf(got, 'resolved').has(one));
  await until('everybody is told of every end', () => unended().length === 0, PATIENCE).catch(() =>
    assert.fail(`nobody was told of the end of ${unended().join(', ')}`),
  );
  await until(
    'every run is over',
    async () => {
      const { items } = await bob.ask(runs.list, { query: { state: 'awaiting approval,queued,starting,running,cancelling', limit: 500 } });
      for (const run of items.filter(({ state }) => state === 'awaiting approval')) {
        await until('the agent has time', async () => !(await isBusy(bob)));
        await bob.ask(runs.approve, { params: { id: run.id }, body: {} });
      }
      return items.length === 0;
    },
    PATIENCE,
  );
}

export async function holdTo(
  api: Api,
  { promised, got, ledger, kills }: Aftermath & { readonly ledger: string; readonly kills: number },
): Promise<void> {
  const samples = await checkSamples(api, promised);
  const known = await allAlerts(api);
  assert.deepEqual(
    known.filter((alert) => alert.state !== 'resolved').map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    known.filter(({ name }) => name !== 'Foreign' && name !== 'Hot').map(({ annotations }) => annotations['summary']),
    [],
  );
  for (const number of promised.fired)
    assert.ok(
      known.some(({ labels }) => labels['number'] === number),
      `the alert ${number} is lost`,
    );
  for (const id of promised.acknowledged)
    assert.equal(known.find((alert) => alert.id === id)?.acknowledged?.comment, 'mine', `the acknowledgement of ${id} is lost`);

  const all = await allRuns(api);
  for (const [key, id] of promised.runs)
    assert.deepEqual(
      all.filter(({ comment }) => comment === key).map((run) => run.id),
      [id],
      `the request ${key}`,
    );
  for (const alert of known.filter(({ labels }) => labels['act'] === 'yes'))
    assert.equal(all.filter((run) => run.alert === alert.id).length, 1, `runs for the alert ${alert.id}`);
  for (const id of promised.approved)
    assert.equal(all.find((run) => run.id === id)?.approvals[0]?.comment, 'yes', `the approval of ${id} is lost`);
  const started = readFileSync(ledger, 'utf8').trim().split('\n');
  assert.equal(
    new Set(started).size,
    started.length,
    `started twice: ${started.filter((id, at) => started.indexOf(id) !== at).join(', ')}`,
  );
  assert.deepEqual(
    started.filter((id) => !all.some((run) => run.id === id)),
    [],
    'started, and not in the archive',
  );
  for (const run of all) {
    assert.equal(run.state, 'succeeded', `${run.id} (${run.action}): ${run.reason}`);
    const { text } = await api.send('GET', `/api/runs/${run.id}/output`);
    const lines = LINES[run.action] ?? 0;
    const whole = Array.from({ length: lines }, (_, line) => `line ${line + 1} of ${lines}\n`).join('');
    assert.equal(text, whole, `the output of ${run.id}`);
  }
  const tellings = got.flatMap(({ body }) => body.alerts).length;
  const told = toldOf(got, 'firing').size + toldOf(got, 'resolved').size;
  console.log(
    `kills ${kills}, deeds ${promised.deeds} (and ${promised.unanswered} without answer): ${samples} samples, ${known.length} alerts, ` +
      `${promised.acknowledged.size} acknowledgements, ${all.length} runs, ${promised.approved.size} approvals; lost 0, doubled 0; ` +
      `told ${told} times and ${tellings - told} times again`,
  );
}

async function checkSamples(api: Api, promised: Promised): Promise<number> {
  const { text } = await api.send('GET', `/api/v1/query?query=${encodeURIComponent('storm_samples[1h]')}`);
  const { data } = JSON.parse(text) as { data: { result: { metric: { lane: string }; values: [number, string][] }[] } };
  let count = 0;
  for (const [lane, wanted] of promised.samples) {
    const { values = [] } = data.result.find(({ metric }) => metric.lane === lane) ?? {};
    const found = new Map(values.map(([at, value]) => [Math.round(at * 1000), Number(value)]));
    assert.equal(found.size, values.length, `a sample of lane ${lane} stands twice`);
    for (const [at, value] of wanted) assert.equal(found.get(at), value, `the sample of lane ${lane} at ${at}`);
    count += wanted.size;
  }
  return count;
}

async function allAlerts(api: Api, state?: string) {
  const all = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: Record<string, string> = { limit: '500', ...(state !== undefined && { state }), ...(cursor !== '' && { cursor }) };
    const page: AnswerOf<typeof alerts.list> = await api.ask(alerts.list, { query });
    all.push(...page.items);
    cursor = page.next;
  }
  return all;
}

async function allRuns(api: Api) {
  const all = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: Record<string, string> = { limit: '500', ...(cursor !== '' && { cursor }) };
    const page: AnswerOf<typeof runs.list> = await api.ask(runs.list, { query });
    all.push(...page.items);
    cursor = page.next;
  }
  return all;
}
