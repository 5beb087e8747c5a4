import type { Millis } from '../core/base/time.ts';
import type { RunReport } from '../engine/receive.ts';
import type { Order } from '../world.ts';

/** What an action does on a simulated host. */
export interface Behaviour {
  readonly takes: Millis;
  readonly exitCode: number;
}

export interface AgentEvents {
  /** Called when the process begins, once for a run whatever happens. */
  started(run: string, action: string): void;
  /** A fact the agent owes the server after so long. */
  report(after: Millis, report: RunReport): void;
  /** The process ends after so long with this exit code. */
  ended(after: Millis, action: string, exitCode: number): void;
}

/** A host's agent as the real one behaves: it remembers its orders durably, starts each at most once, and answers a repeated one. */
export class SimulatedAgent {
  readonly #behaviour: (action: string) => Behaviour;
  readonly #events: AgentEvents;
  readonly #known = new Map<string, { readonly fence: number; readonly reports: RunReport[] }>();
  connected = true;

  constructor(behaviour: (action: string) => Behaviour, events: AgentEvents) {
    this.#behaviour = behaviour;
    this.#events = events;
  }

  get runs(): readonly string[] {
    return [...this.#known.keys()];
  }

  take(order: Order, now: Millis): void {
    const known = this.#known.get(order.run);
    if (order.type === 'cancel') {
      if (known?.reports.length === 1) this.#finish(order.run, { at: now, how: 'cancelled', exitCode: null, after: 0 });
      return;
    }
    if (known !== undefined) {
      for (const report of known.reports) this.#events.report(0, report);
      return;
    }
    const started: RunReport = { type: 'started', run: order.run, fence: order.fence, at: now };
    this.#known.set(order.run, { fence: order.fence, reports: [started] });
    this.#events.started(order.run, order.action);
    this.#events.report(0, started);
    const { takes, exitCode } = this.#behaviour(order.action);
    const inTime = takes <= order.timeout;
    this.#events.ended(Math.min(takes, order.timeout), order.action, inTime ? exitCode : -1);
    this.#finish(
      order.run,
      inTime
        ? { at: now + takes, how: 'exit', exitCode, after: takes }
        : { at: now + order.timeout, how: 'timeout', exitCode: null, after: order.timeout },
    );
  }

  #finish(
    run: string,
    end: { readonly at: Millis; readonly how: 'exit' | 'timeout' | 'cancelled'; readonly exitCode: number | null; readonly after: Millis },
  ): void {
    const known = this.#known.get(run);
    if (known === undefined) return;
    const silent = { signal: null, message: '', outputBytes: 0, outputTruncated: false };
    const report: RunReport = { type: 'finished', run, fence: known.fence, at: end.at, how: end.how, exitCode: end.exitCode, ...silent };
    this.#events.report(end.after, report);
    known.reports.push(report);
  }
}
