import { setTimeout as pause } from 'node:timers/promises';
import { actions } from '../../src/contract/api/actions.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import type { Answered, Api } from '../e2e/api.ts';
import { remoteWrite } from '../e2e/samples.ts';

/** What the server has answered with success, and must therefore hold for ever. */
export class Promised {
  /** Series -> time -> value. */
  readonly samples = new Map<string, Map<number, number>>();
  /** Foreign alerts by their number. */
  readonly fired = new Set<string>();
  readonly acknowledged = new Set<string>();
  /** Idempotency key -> run. */
  readonly runs = new Map<string, string>();
  readonly approved = new Set<string>();
  /** Lanes of the rule that were made hot. */
  readonly hot = new Set<string>();
  /** All that was answered with success, and all that got no answer. */
  deeds = 0;
  unanswered = 0;
}

export interface Storm {
  readonly promised: Promised;
  readonly chance: () => number;
  readonly alice: () => Api;
  readonly bob: () => Api;
  readonly isOver: () => boolean;
  /** Whether the channel was told that this alert fires. */
  readonly wasTold: (number: string) => boolean;
}

type Deed = (storm: Storm, index: number) => Promise<void>;

/** Everything at once, until it is over. Each lane does one thing after the other. */
export async function rage(storm: Storm): Promise<void> {
  const lanes: readonly Deed[] = [writeSamples, fireAlert, endAlert, askForRun, askForRun, approve, acknowledge, heat];
  await Promise.all(lanes.map((deed, lane) => goOn(storm, deed, lane)));
}

async function goOn(storm: Storm, deed: Deed, lane: number): Promise<void> {
  for (let index = 0; !storm.isOver(); index += 1) {
    try {
      await deed(storm, index * 100 + lane);
    } catch {
      storm.promised.unanswered += 1;
    }
    await pause(10 + storm.chance() * 50);
  }
}

/** Counts a success; what was not one counts as unanswered. */
function isTaken({ promised }: Storm, answer: Answered): boolean {
  const taken = answer.status >= 200 && answer.status < 300;
  if (taken) promised.deeds += 1;
  else promised.unanswered += 1;
  return taken;
}

const writeSamples: Deed = async (storm, index) => {
  const at = Date.now();
  const written = Array.from({ length: 20 }, (_, lane) => ({ lane: String(lane), value: index + lane / 100 }));
  const series = written.map(({ lane, value }) => ({ labels: { __name__: 'storm_samples', lane }, samples: [{ at, value }] }));
  if (!isTaken(storm, await remoteWrite(storm.alice(), series))) return;
  for (const { lane, value } of written) {
    const known = storm.promised.samples.get(lane) ?? new Map<number, number>();
    storm.promised.samples.set(lane, known.set(at, value));
  }
};

/** Both doors for foreign alerts; every third alert pulls a trigger. */
const fireAlert: Deed = async (storm, index) => {
  if (await isBusy(storm.alice())) return;
  const number = String(index);
  if (isTaken(storm, await sayAlert(storm.alice(), number, 'firing'))) storm.promised.fired.add(number);
};

export function sayAlert(api: Api, number: string, status: 'firing' | 'resolved'): Promise<Answered> {
  const labels = { alertname: 'Foreign', number, act: Number(number) % 3 === 0 ? 'yes' : 'no' };
  return api.json('POST', '/api/hooks/alertmanager', { version: '4', status, alerts: [{ labels, status, annotations: {} }] });
}

const endAlert: Deed = async (storm) => {
  const told = [...storm.promised.fired].filter((number) => storm.wasTold(number));
  const number = told[Math.floor(storm.chance() * told.length)];
  if (number !== undefined) isTaken(storm, await sayAlert(storm.alice(), number, 'resolved'));
};

/** An agent executes 32 commands at once and refuses more: the storm stays clearly below. */
export async function isBusy(api: Api): Promise<boolean> {
  const { items } = await api.ask(runs.list, { query: { state: 'queued,starting,running', limit: 12 } });
  return items.length === 12;
}

/** The same request again and again until it is answered: the key makes it one. */
const askForRun: Deed = async (storm, index) => {
  if (await isBusy(storm.alice())) return;
  const key = `key-${index}`;
  const action = ['quick', 'quick', 'slow', 'guarded'][Math.floor(storm.chance() * 4)] ?? 'quick';
  while (!storm.isOver()) {
    const answer = await storm
      .alice()
      .json('POST', `/api/actions/${action}/runs`, { comment: key }, { 'idempotency-key': key })
      .catch(() => null);
    if (answer !== null && isTaken(storm, answer)) {
      storm.promised.runs.set(key, actions.run.response.parse(JSON.parse(answer.text)).run);
      return;
    }
    await pause(30);
  }
};

const approve: Deed = async (storm) => {
  if (await isBusy(storm.bob())) return;
  const { items } = await storm.bob().ask(runs.list, { query: { state: 'awaiting approval', limit: 500 } });
  const run = items[Math.floor(storm.chance() * items.length)];
  if (run === undefined) return;
  if (isTaken(storm, await storm.bob().json('POST', `/api/runs/${run.id}/approve`, { comment: 'yes' })))
    storm.promised.approved.add(run.id);
};

const acknowledge: Deed = async (storm) => {
  const { items } = await storm.bob().ask(alerts.list, { query: { state: 'firing', limit: 500 } });
  const open = items.filter((alert) => alert.acknowledged === null);
  const alert = open[Math.floor(storm.chance() * open.length)];
  if (alert === undefined) return;
  if (isTaken(storm, await storm.bob().json('POST', `/api/alerts/${alert.id}/acknowledge`, { comment: 'mine' })))
    storm.promised.acknowledged.add(alert.id);
};

/** A lane of the rule becomes hot and stays so. */
const heat: Deed = async (storm, index) => {
  const lane = String(index % 5);
  const series = [{ labels: { __name__: 'storm_hot', lane }, samples: [{ at: Date.now(), value: 1 }] }];
  if (isTaken(storm, await remoteWrite(storm.alice(), series))) storm.promised.hot.add(lane);
};
