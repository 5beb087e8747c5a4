import type { Millis } from '../core/base/time.ts';
import type { EndKind } from '../core/actions/step-run.ts';
import type { RunReport } from '../engine/receive.ts';
import type { Order } from '../core/actions/order.ts';

/** What an action does on a simulated host. */
export interface Behaviour {
  readonly takes: Millis;
  readonly exitCode: number;
}

export interface AgentEvents {
  now(): Millis;
  /** Calls back after so long. */
  after(wait: Millis, act: () => void): void;
  /** The process begins, once for a run whatever happens. */
  started(run: string, action: string): void;
  /** The process ended by itself, or at its time limit. */
  ended(action: string, exitCode: number): void;
  /** A fact for the server. */
  report(report: RunReport): void;
}

interface Known {
  readonly order: Extract<Order, { readonly type: 'run' }>;
  readonly startedAt: Millis;
  finished: RunReport | null;
}

/**
 * A host's agent as the real one behaves: it remembers its orders durably, starts each at most once, answers a repeated one, keeps what it
 * has to say while the server is out of reach, and calls lost what ran when it died.
 */
export class SimulatedAgent {
  readonly #behaviour: (action: string) => Behaviour;
  readonly #events: AgentEvents;
  readonly #known = new Map<string, Known>();
  connected = true;

  constructor(behaviour: (action: string) => Behaviour, events: AgentEvents) {
    this.#behaviour = behaviour;
    this.#events = events;
  }

  get runs(): readonly string[] {
    return [...this.#known.keys()];
  }

  take(order: Order): void {
    const known = this.#known.get(order.run);
    if (order.type === 'cancel') {
      if (known !== undefined) this.#finish(known, 'cancelled', null);
    } else if (known === undefined) this.#start(order);
    else this.#tell(known);
  }

  /** Says everything it knows once more, as it does when it finds its server again. */
  tellAll(): void {
    for (const known of this.#known.values()) this.#tell(known);
  }

  /** The agent is killed: what ran ends with it, and how is not known. */
  die(): void {
    for (const known of this.#known.values()) this.#finish(known, 'lost', null);
  }

  #start(order: Known['order']): void {
    const known: Known = { order, startedAt: this.#events.now(), finished: null };
    this.#known.set(order.run, known);
    this.#events.started(order.run, order.action);
    this.#tell(known);
    const { takes, exitCode } = this.#behaviour(order.action);
    const inTime = takes <= order.timeout;
    this.#events.after(Math.min(takes, order.timeout), () => {
      if (known.finished !== null) return;
      this.#events.ended(order.action, inTime ? exitCode : -1);
      this.#finish(known, inTime ? 'exit' : 'timeout', inTime ? exitCode : null);
    });
  }

  #finish(known: Known, how: EndKind, exitCode: number | null): void {
    if (known.finished !== null) return;
    const { run, fence } = known.order;
    const silent = { signal: null, message: how === 'lost' ? 'the agent ended while it ran' : '', outputBytes: 0, outputTruncated: false };
    known.finished = { type: 'finished', run, fence, at: this.#events.now(), how, exitCode, ...silent };
    this.#tell(known);
  }

  #tell({ order, startedAt, finished }: Known): void {
    if (!this.connected) return;
    this.#events.report({ type: 'started', run: order.run, fence: order.fence, at: startedAt });
    if (finished !== null) this.#events.report(finished);
  }
}
