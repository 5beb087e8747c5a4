import type { Hello } from '../../contract/agent.ts';
import type { Order } from '../../core/actions/order.ts';
import type { Agents, Log } from '../../world.ts';

/** Where the orders of one connected agent go. */
export interface OrderSink {
  /** False: it does not take any more. */
  send(line: string): boolean;
  close(): void;
}

export interface HubParts {
  readonly log: Log;
  /** An agent is here, and orders can be delivered to it. */
  readonly onHello: (host: string, hello: Hello) => Promise<void>;
  /** Its connection is gone, and no newer one is there. */
  readonly onGone: (host: string) => Promise<void>;
}

interface Greeting {
  readonly session: string;
  readonly hello: Hello;
}

interface Attached {
  readonly session: string;
  readonly sink: OrderSink;
}

/** Who is connected. Of two that speak for one host the newer one is meant. */
export class Hub implements Agents {
  readonly #parts: HubParts;
  readonly #greetings = new Map<string, Greeting>();
  readonly #attached = new Map<string, Attached>();
  #open = true;

  constructor(parts: HubParts) {
    this.#parts = parts;
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** The hosts that are connected now. */
  get hosts(): readonly string[] {
    return [...this.#attached.keys()];
  }

  isConnected(host: string): boolean {
    return this.#attached.has(host);
  }

  deliver(host: string, order: Order): Promise<'delivered' | 'away'> {
    const attached = this.#attached.get(host);
    if (attached === undefined) return Promise.resolve('away');
    if (attached.sink.send(`${JSON.stringify(order)}\n`)) return Promise.resolve('delivered');
    this.#parts.log.warn('an agent takes no more orders: disconnected', { host });
    attached.sink.close();
    return Promise.resolve('away');
  }

  /** An agent said hello; the session is what it asks for orders with. */
  greet(session: string, hello: Hello): void {
    this.#greetings.set(hello.host, { session, hello });
  }

  /** Whether this is the newest session of the host. */
  knows(host: string, session: string): boolean {
    return this.#open && this.#greetings.get(host)?.session === session;
  }

  /** From now on the orders of the host go here. */
  attach(host: string, session: string, sink: OrderSink): void {
    const greeting = this.#greetings.get(host);
    const older = this.#attached.get(host);
    this.#attached.set(host, { session, sink });
    if (older !== undefined) {
      this.#parts.log.warn('a newer connection replaces the one of this agent', { host });
      older.sink.close();
    }
    if (greeting !== undefined) this.#tell(this.#parts.onHello(host, greeting.hello), host);
  }

  /** The connection of this session is gone. */
  detach(host: string, session: string): void {
    if (this.#attached.get(host)?.session !== session) return;
    this.#attached.delete(host);
    if (this.#greetings.get(host)?.session === session) this.#greetings.delete(host);
    // When it is the server that goes, nothing is to be said about the agent.
    if (this.#open) this.#tell(this.#parts.onGone(host), host);
  }

  /** Ends all connections and takes no new ones. */
  close(): void {
    this.#open = false;
    for (const { sink } of this.#attached.values()) sink.close();
  }

  #tell(told: Promise<void>, host: string): void {
    told.catch((error: unknown) =>
      this.#parts.log.error('the coming or going of an agent could not be kept', { host, error: String(error) }),
    );
  }
}
