import { stepForeign, foreignIdentity, type ForeignAlert } from '../core/alerts/foreign.ts';
import type { Alert } from '../core/alerts/alert.ts';
import type { AlertStep } from '../core/alerts/step.ts';
import { fingerprint } from '../core/base/labels.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Found } from '../core/change/change.ts';
import type { Store, World } from '../world.ts';
import { fresh } from './change.ts';
import { pullsTriggers } from './commit-steps.ts';
import { Gathering } from './gathering.ts';
import { changeOfStep, commitStep } from './judge.ts';

export interface Ingested {
  readonly fired: number;
  readonly resolved: number;
  readonly repeated: number;
}

type Outcome = keyof Ingested;
type Part = Pick<World, 'store' | 'clock'>;

interface Statement {
  readonly stated: ForeignAlert;
  readonly print: string;
}

/** A step after which there is an alert. */
type Happening = AlertStep & { readonly alert: Alert };

const TRIES = 20;
const TRIES_TOGETHER = 3;
/** Alerts in one commit at most: for its length nothing else happens. */
const MOST_TOGETHER = 128;

/** Statements that wait for their turn. */
interface Waiting {
  readonly settings: Settings;
  readonly part: readonly Statement[];
  readonly done: (outcomes: readonly Outcome[]) => void;
  readonly failed: (error: unknown) => void;
}

/** One lane a store: statements that are decided at the same time would write the same groups, and most of them in vain. */
const lanes = new WeakMap<Store, Waiting[]>();

/** Foreign alerts come in, each deduplicated by its labels. When this returns, all of them are durable. */
export async function ingestAlerts(world: Part, settings: Settings, stated: readonly ForeignAlert[]): Promise<Ingested> {
  const count = { fired: 0, resolved: 0, repeated: 0 };
  for (const part of divide(stated)) {
    const outcomes = await new Promise<readonly Outcome[]>((done, failed) => queue(world, { settings, part, done, failed }));
    for (const outcome of outcomes) count[outcome] += 1;
  }
  return count;
}

function queue(world: Part, waiting: Waiting): void {
  const lane = lanes.get(world.store);
  if (lane !== undefined) {
    lane.push(waiting);
    return;
  }
  const opened = [waiting];
  lanes.set(world.store, opened);
  void workOff(world, opened);
}

async function workOff(world: Part, lane: Waiting[]): Promise<void> {
  for (let first = lane[0]; first !== undefined; first = lane[0]) {
    const turn = takeTurn(lane, first.settings);
    const part = turn.flatMap((one) => one.part);
    try {
      const outcomes = await ingestTogether(world, first.settings, part);
      let at = 0;
      for (const one of turn) one.done(outcomes.slice(at, (at += one.part.length)));
    } catch (error) {
      for (const one of turn) one.failed(error);
    }
  }
  // In the same turn in which nothing waited.
  lanes.delete(world.store);
}

/** The first that waits, and those behind it that can go along. */
function takeTurn(lane: Waiting[], common: Settings): readonly Waiting[] {
  const prints = new Set<string>();
  let count = 0;
  for (const { part, settings } of lane) {
    const fits = prints.size + part.length <= MOST_TOGETHER && settings === common;
    if (count > 0 && (!fits || part.some(({ print }) => prints.has(print)))) break;
    for (const { print } of part) prints.add(print);
    count += 1;
  }
  return lane.splice(0, count);
}

/** Parts that can be decided at once: nothing is said twice in one. */
function divide(stated: readonly ForeignAlert[]): readonly (readonly Statement[])[] {
  const parts: Statement[][] = [];
  let part: Statement[] = [];
  let prints = new Set<string>();
  for (const one of stated) {
    const print = fingerprint(foreignIdentity(one.labels));
    if (part.length === 0 || part.length >= MOST_TOGETHER || prints.has(print)) {
      part = [];
      prints = new Set();
      parts.push(part);
    }
    part.push({ stated: one, print });
    prints.add(print);
  }
  return parts;
}

async function ingestTogether(world: Part, settings: Settings, part: readonly Statement[]): Promise<readonly Outcome[]> {
  for (let attempt = 0; part.length > 1 && attempt < TRIES_TOGETHER; attempt += 1) {
    const now = world.clock.now();
    const rows = await world.store.openAlertsByFingerprint(part.map(({ print }) => print));
    const open = new Map(rows.map((row) => [row.value.fingerprint, row]));
    const gathering = new Gathering(world.store);
    const outcomes: Outcome[] = [];
    const apart: number[] = [];
    for (const [index, one] of part.entries()) {
      const row = open.get(one.print);
      const step = stepOf(row, one.stated, now);
      outcomes.push(outcomeOf(step));
      if (step === null) continue;
      if (pullsTriggers(step, settings)) {
        apart.push(index);
        continue;
      }
      const judged = { row: row ?? fresh('alert', step.alert.id), step };
      gathering.add(await changeOfStep({ store: gathering.store }, settings, judged, now));
    }
    const change = gathering.change(now);
    if (change !== null && (await world.store.commit(change)) === 'stale') continue;
    for (const index of apart) {
      const one = part[index];
      if (one !== undefined) outcomes[index] = await ingestOne(world, settings, one);
    }
    return outcomes;
  }
  const outcomes: Outcome[] = [];
  for (const one of part) outcomes.push(await ingestOne(world, settings, one));
  return outcomes;
}

async function ingestOne(world: Part, settings: Settings, { stated, print }: Statement): Promise<Outcome> {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const now = world.clock.now();
    const [row] = await world.store.openAlertsByFingerprint([print]);
    const step = stepOf(row, stated, now);
    if (step === null) return 'repeated';
    if ((await commitStep(world, settings, { row: row ?? fresh('alert', step.alert.id), step }, now)) === 'done') return outcomeOf(step);
  }
  throw new Error('too much contention: send the alerts again');
}

/** Null: nothing happens; the alert of a rule of ours is judged by that rule alone. */
function stepOf(row: Found<'alert'> | undefined, stated: ForeignAlert, now: Millis): Happening | null {
  if (row !== undefined && row.value.rule !== null) return null;
  const { alert, ...rest } = stepForeign(row?.value ?? null, stated, now);
  return alert === null ? null : { alert, ...rest };
}

function outcomeOf(step: Happening | null): Outcome {
  return step?.transition === 'fired' || step?.transition === 'resolved' ? step.transition : 'repeated';
}
