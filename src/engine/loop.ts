import { expireForeign } from '../core/alerts/foreign.ts';
import { SYSTEM } from '../core/access/actor.ts';
import { MINUTE, NEVER, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Due, DueKind, World } from '../world.ts';
import { performRun, verifyRun } from './act.ts';
import { isFound, sleepUntil } from './change.ts';
import { flushGroup } from './dispatch.ts';
import { evaluateRule } from './evaluate.ts';
import { commitStep } from './judge.ts';
import { performMessage } from './perform.ts';
import { watchHost } from './receive.ts';
import { retain } from './retain.ts';
import type { RuleSchedule } from './rule-schedule.ts';
import { clearTrouble, raiseTrouble } from './trouble.ts';
import { watch } from './watchdog.ts';

type Handler = (world: World, settings: Settings, id: string, now: Millis) => Promise<void>;

/** The closed list of everything that can ever happen by itself. */
const HANDLERS: Record<DueKind, Handler> = {
  alert: judgeAlert,
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
/** After so many failures in a row a moment counts as stuck, and that is an alert. */
const STUCK_AFTER = 5;
const MAX_BACKOFF: Millis = 5 * MINUTE;

/** Does everything whose moment has come. The caller owns the clock: a real loop sleeps between rounds, a simulation jumps. */
export class Loop {
  readonly #world: World;
  readonly #settings: () => Settings;
  readonly #rules: RuleSchedule;
  readonly #busy = new Set<string>();

  constructor(world: World, settings: () => Settings, rules: RuleSchedule) {
    this.#world = world;
    this.#settings = settings;
    this.#rules = rules;
  }

  /** Starts what is due and not yet in progress; what it gives ends when that is done. A slow receiver holds up nobody else. */
  async round(): Promise<readonly Promise<void>[]> {
    const started = this.#rules.take(this.#world.clock.now()).map((name) => this.#evaluate(name));
    const due = await this.#world.store.due(this.#world.clock.now(), AT_ONCE + this.#busy.size);
    for (const moment of due) {
      if (this.#busy.size >= AT_ONCE) break;
      const key = `${moment.kind}/${moment.id}`;
      if (this.#busy.has(key)) continue;
      this.#busy.add(key);
      started.push(this.#handle(moment).finally(() => this.#busy.delete(key)));
    }
    return started;
  }

  /** The next moment at which a round would start something that is not in progress. */
  async next(): Promise<Millis> {
    const upcoming = await this.#world.store.agenda(this.#busy.size + 1);
    const durable = upcoming.find((moment) => !this.#busy.has(`${moment.kind}/${moment.id}`))?.at ?? NEVER;
    return Math.min(durable, this.#rules.next() ?? NEVER);
  }

  async #evaluate(name: string): Promise<void> {
    const { clock, log } = this.#world;
    const settings = this.#settings();
    const start = clock.now();
    let outcome: 'done' | 'stale' | 'failed' = 'failed';
    try {
      ({ outcome } = await evaluateRule(this.#world, settings, name, start));
    } catch (error) {
      log.error('a rule could not be judged', { rule: name, error: String(error) });
      const labels = { alertname: 'RuleFailing', rule: name } as const;
      await raiseTrouble(this.#world, settings, labels, `The rule ${name} cannot be judged: ${String(error)}`).catch(() => {});
    }
    const every = settings.rules.get(name)?.every ?? null;
    const recovered = this.#rules.finish(name, { outcome, every, took: clock.now() - start }, clock.now());
    if (recovered) await clearTrouble(this.#world, settings, { alertname: 'RuleFailing', rule: name });
  }

  async #handle(moment: Due): Promise<void> {
    try {
      await HANDLERS[moment.kind](this.#world, this.#settings(), moment.id, this.#world.clock.now());
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

/** A pending alert's hold time is over, or a foreign alert was not repeated. */
async function judgeAlert(world: World, settings: Settings, id: string, now: Millis): Promise<void> {
  const row = await world.store.load('alert', id);
  if (!isFound(row) || row.value.state === 'resolved') return sleepUntil(world, row, { kind: 'alert', at: NEVER });
  if (row.value.rule === null) {
    const step = expireForeign(row.value, now);
    if (step.transition !== null) await commitStep(world, settings, { row, step }, now);
    else await sleepUntil(world, row, { kind: 'alert', at: step.wakeAt });
    return;
  }
  const { wakeAt, outcome } = await evaluateRule(world, settings, row.value.rule, now);
  const judged = await world.store.load('alert', id);
  await sleepUntil(world, judged, { kind: 'alert', at: outcome === 'done' ? (wakeAt.get(id) ?? NEVER) : now + SECOND });
}
