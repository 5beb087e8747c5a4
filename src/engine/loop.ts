import { expireForeign } from '../core/alerts/foreign.ts';
import { SYSTEM } from '../core/access/actor.ts';
import { MINUTE, NEVER, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Due, DueKind } from '../core/change/change.ts';
import type { World } from '../world.ts';
import { performRun, verifyRun } from './act.ts';
import { find, isFound, sleepUntil } from './change.ts';
import { flushGroup } from './dispatch.ts';
import { evaluateRule, type Evaluation } from './evaluate.ts';
import { evaluateRules, type Judgement } from './evaluate-rules.ts';
import { commitStep } from './judge.ts';
import { Lanes } from './lanes.ts';
import { OneAtATime } from './one-at-a-time.ts';
import { performMessage } from './perform.ts';
import { watchHost } from './receive.ts';
import { retain } from './retain.ts';
import type { RuleSchedule } from './rule-schedule.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';
import { watch } from './watchdog.ts';

type Handler = (world: World, settings: Settings, id: string, now: Millis) => Promise<void>;

/** The closed list of everything that can ever happen by itself. */
const HANDLERS: Record<Exclude<DueKind, 'alert'>, Handler> = {
  group: flushGroup,
  message: performMessage,
  run: performRun,
  verify: verifyRun,
  host: watchHost,
  watchdog: watch,
  retain,
};

/** Deeds in progress at once; more wait for the next round. */
const AT_ONCE = 64;
/** Of these, messages on their way to all channels and to one: a receiver that hangs delays neither other receivers nor anything else. */
const SENDS_TO_ONE = 12;
const SENDS = 'messages';
/** Runs are looked at one after the other, so that each sees what the one before has started; their commands run side by side. */
const STARTS = 'runs';
const LIMITS: Readonly<Record<string, number>> = { [SENDS]: 48, [STARTS]: 1 };
/** After so many failures in a row a moment counts as stuck, and that is an alert. */
const STUCK_AFTER = 5;
/** Rules that are judged in one go; each waits for the others. */
const RULES_TOGETHER = 256;
const MAX_BACKOFF: Millis = 5 * MINUTE;

/** By what a rule was judged, and since when. */
interface Judged {
  readonly settings: Settings;
  readonly start: Millis;
}

/** Does everything whose moment has come. The caller owns the clock: a real loop sleeps between rounds, a simulation jumps. */
export class Loop {
  readonly #world: World;
  readonly #settings: () => Settings;
  readonly #rules: RuleSchedule;
  readonly #busy = new Set<string>();
  readonly #lanes = new Lanes((lane) => LIMITS[lane] ?? SENDS_TO_ONE);
  readonly #judging = new OneAtATime<Evaluation>();

  constructor(world: World, settings: () => Settings, rules: RuleSchedule) {
    this.#world = world;
    this.#settings = settings;
    this.#rules = rules;
  }

  /** Starts what is due and not yet in progress; what it gives ends when that is done. A slow receiver holds up nobody else. */
  async round(): Promise<readonly Promise<void>[]> {
    const rules = this.#rules.take(this.#world.clock.now());
    const started: Promise<void>[] = [];
    for (let at = 0; at < rules.length; at += RULES_TOGETHER) started.push(this.#evaluateAll(rules.slice(at, at + RULES_TOGETHER)));
    const due = await this.#world.store.due(this.#world.clock.now(), AT_ONCE + this.#busy.size + this.#lanes.waiting);
    for (const moment of due) {
      if (this.#busy.size >= AT_ONCE) break;
      const key = `${moment.kind}/${moment.id}`;
      if (this.#isTaken(key)) continue;
      const lanes = await this.#lanesOf(moment);
      if (!this.#lanes.enter(key, lanes)) continue;
      this.#busy.add(key);
      const done = (): void => {
        this.#busy.delete(key);
        this.#lanes.leave(lanes);
      };
      started.push(this.#handle(moment).finally(done));
    }
    return started;
  }

  #isTaken(key: string): boolean {
    return this.#busy.has(key) || this.#lanes.isWaiting(key);
  }

  async #lanesOf({ kind, id }: Due): Promise<readonly string[]> {
    if (kind === 'run') return [STARTS];
    const message = kind === 'message' ? await find(this.#world.store, 'message', id) : null;
    return message === null ? [] : [`channel ${message.value.channel}`, SENDS];
  }

  /** The next moment at which a round would start something that is not in progress. */
  async next(): Promise<Millis> {
    const rules = this.#rules.next() ?? NEVER;
    // Whatever ends first lets the next begin.
    if (this.#busy.size >= AT_ONCE) return rules;
    const upcoming = await this.#world.store.agenda(this.#busy.size + this.#lanes.waiting + 1);
    const durable = upcoming.find((moment) => !this.#isTaken(`${moment.kind}/${moment.id}`))?.at ?? NEVER;
    return Math.min(durable, rules);
  }

  /** Those that are slow, or are being judged already, are judged alone, so that the others do not wait for them. */
  async #evaluateAll(names: readonly string[]): Promise<void> {
    const { clock } = this.#world;
    const settings = this.#settings();
    const start = clock.now();
    const alone = names.filter((name) => this.#judging.isBusy(name)).map((name) => this.#evaluate(name));
    const together = alone.length === 0 ? names : names.filter((name) => !this.#judging.isBusy(name));
    const judging = evaluateRules(this.#world, settings, together, start);
    this.#judging.hold(together, judging);
    let judgements: ReadonlyMap<string, Judgement> = new Map();
    let failure: unknown = new Error('it was left out');
    try {
      judgements = await judging;
    } catch (error) {
      failure = error;
    }
    const after: Promise<void>[] = [];
    for (const name of together) {
      const judgement = judgements.get(name) ?? { outcome: 'thrown', error: failure };
      if (judgement.outcome === 'alone') alone.push(this.#evaluate(name));
      else if (judgement.outcome === 'thrown') after.push(this.#fail(name, judgement.error, { settings, start }));
      else if (this.#finish(name, judgement.outcome, { settings, start })) after.push(this.#recover(name, settings));
    }
    await Promise.all([...alone, ...after]);
  }

  async #evaluate(name: string): Promise<void> {
    const settings = this.#settings();
    const start = this.#world.clock.now();
    let outcome: Evaluation['outcome'];
    try {
      ({ outcome } = await this.#judge(name));
    } catch (error) {
      return this.#fail(name, error, { settings, start });
    }
    if (this.#finish(name, outcome, { settings, start })) await this.#recover(name, settings);
  }

  async #fail(name: string, error: unknown, judged: Judged): Promise<void> {
    this.#world.log.error('a rule could not be judged', { rule: name, error: String(error) });
    const labels = { alertname: 'RuleFailing', rule: name } as const;
    const summary = `The rule ${name} cannot be judged: ${String(error)}`;
    await raiseTrouble(this.#world, judged.settings, labels, summary).catch(() => {});
    this.#finish(name, 'failed', judged);
  }

  /** Whether the trouble with the rule is over. */
  #finish(name: string, outcome: Evaluation['outcome'], { settings, start }: Judged): boolean {
    const now = this.#world.clock.now();
    return this.#rules.finish(name, { outcome, every: settings.rules.get(name)?.every ?? null, took: now - start }, now);
  }

  #recover(name: string, settings: Settings): Promise<void> {
    return clearTrouble(this.#world, settings, { alertname: 'RuleFailing', rule: name });
  }

  /** However many of its alerts are due, a rule is asked once. */
  #judge(name: string): Promise<Evaluation> {
    return this.#judging.do(name, () => evaluateRule(this.#world, this.#settings(), name, this.#world.clock.now()));
  }

  /** A pending alert's hold time is over, or a foreign alert was not repeated. */
  async #judgeAlert(id: string): Promise<void> {
    const { store, clock } = this.#world;
    const row = await store.load('alert', id);
    if (!isFound(row) || row.value.state === 'resolved') return sleepUntil(this.#world, row, { kind: 'alert', at: NEVER });
    if (row.value.rule !== null) {
      const { wakeAt, outcome } = await this.#judge(row.value.rule);
      const judged = await store.load('alert', id);
      const at = outcome === 'done' ? (wakeAt.get(id) ?? NEVER) : clock.now() + SECOND;
      return sleepUntil(this.#world, judged, { kind: 'alert', at });
    }
    const now = clock.now();
    const step = expireForeign(row.value, now);
    if (step.transition !== null) await commitStep(this.#world, this.#settings(), { row, step }, now);
    else await sleepUntil(this.#world, row, { kind: 'alert', at: step.wakeAt });
  }

  async #handle(moment: Due): Promise<void> {
    try {
      if (moment.kind === 'alert') await this.#judgeAlert(moment.id);
      else await HANDLERS[moment.kind](this.#world, this.#settings(), moment.id, this.#world.clock.now());
    } catch (error) {
      await this.#postpone(moment, error);
    }
  }

  /** A handler that throws stays due and backs off; after a while it is shown as stuck. */
  async #postpone(moment: Due, error: unknown): Promise<void> {
    const { store, clock, log } = this.#world;
    const failures = moment.failures + 1;
    log.error('a moment could not be handled', { kind: moment.kind, id: moment.id, failures, error: String(error) });
    const now = clock.now();
    const at = now + Math.min(MAX_BACKOFF, 2 ** Math.min(failures, 20) * SECOND);
    await store.commit({
      at: now,
      who: SYSTEM,
      why: 'failed, tries again',
      about: [],
      writes: [{ op: 'wake', kind: moment.kind, id: moment.id, at, failures }],
    });
    if (failures === STUCK_AFTER) {
      const labels = { alertname: 'Stuck', kind: moment.kind, id: moment.id, severity: 'error' } as const;
      await raiseTrouble(
        this.#world,
        this.#settings(),
        labels,
        `Something that should have happened fails again and again: ${String(error)}`,
      );
    }
  }
}
