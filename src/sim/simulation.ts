import { sha256 } from '../core/base/sha256.ts';
import { NEVER, SECOND, type Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { boot, rulesWithAlerts } from '../engine/boot.ts';
import { Loop } from '../engine/loop.ts';
import { receiveGone, receiveHello, receiveRunReport, type RunReport } from '../engine/receive.ts';
import { regroup } from '../engine/regroup.ts';
import { RuleSchedule } from '../engine/rule-schedule.ts';
import { openStore, type StateStore } from '../io/db/open-store.ts';
import type { Asked, Message, Personal } from '../core/notify/group.ts';
import type { Change } from '../core/change/change.ts';
import type { SendOutcome, World } from '../world.ts';
import { seededRandom } from './seeded-random.ts';
import { SimulatedAgent, type Behaviour } from './simulated-agent.ts';
import { answerQuestion, SimulatedSeries } from './simulated-series.ts';

export interface SimulationOptions {
  readonly settings: Settings;
  readonly start: Millis;
  readonly seed: number;
  readonly hosts: readonly string[];
  readonly behaviour: (action: string) => Behaviour;
  /** Probability that a send fails. */
  readonly failRate?: number;
  /** Probability that a commit finds its rows changed. */
  readonly staleRate?: number;
  /** Servers that share the database. */
  readonly servers?: number;
  /** The distance of two samples. */
  readonly sampleEvery?: Millis;
}

/** The process is dead: whatever it still tries fails. */
class Crash extends Error {}

interface Server {
  readonly world: World;
  readonly loop: Loop;
  readonly schedule: RuleSchedule;
  alive: boolean;
}

interface Planned {
  readonly at: Millis;
  readonly order: number;
  readonly what: string | null;
  readonly act: (simulation: Simulation) => Promise<void> | void;
}

/** The whole product in simulated time: the real engine, core and state database; outside it a script. Same seed, same history. */
export class Simulation {
  readonly trace: string[] = [];
  /** Runs whose process began, in order. */
  readonly started: string[] = [];
  /** Messages that reached their receiver, in order. */
  readonly received: Message[] = [];
  /** Those of them that went to one person, with their links. */
  readonly mails: (Personal & { readonly asked: Asked })[] = [];
  readonly series: SimulatedSeries;
  /** The next server to do a deed dies just before it, or just after with the outcome not yet recorded. */
  crash: 'before' | 'after' | null = null;
  /** Commits for which the database fails, null for none. */
  failCommit: ((change: Change) => boolean) | null = null;
  /** Called when an action's process ends by itself. */
  onActionEnd: (action: string, exitCode: number) => void = () => {};
  readonly #options: SimulationOptions;
  readonly #random: ReturnType<typeof seededRandom>;
  readonly #agents = new Map<string, SimulatedAgent>();
  readonly #planned: Planned[] = [];
  #servers: Server[] = [];
  #settings: Settings;
  #store: StateStore | null = null;
  #now: Millis;
  #failRate: number;
  #orders = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#settings = options.settings;
    this.#now = options.start;
    this.#failRate = options.failRate ?? 0;
    this.#random = seededRandom(options.seed);
    this.series = new SimulatedSeries(options.start, options.sampleEvery ?? 10 * SECOND);
    for (const host of options.hosts) this.#agents.set(host, this.#newAgent(host));
  }

  get now(): Millis {
    return this.#now;
  }

  get store(): StateStore {
    if (this.#store === null) throw new Error('the simulation has not begun');
    return this.#store;
  }

  /** The world of the first server that is alive: for what people and machines ask of it. */
  get world(): World {
    const server = this.#servers.find((candidate) => candidate.alive);
    if (server === undefined) throw new Error('the simulation has not begun');
    return server.world;
  }

  get settings(): Settings {
    return this.#settings;
  }

  /** Another configuration counts for whatever is decided from now on; what a server does when it begins with one is not done. */
  configure(settings: Settings): void {
    this.#settings = settings;
  }

  /** Every server takes over another configuration. */
  async reload(settings: Settings): Promise<void> {
    this.configure(settings);
    for (const { world, schedule, alive } of this.#servers) {
      if (!alive) continue;
      schedule.replace(settings, await rulesWithAlerts(world), this.#now);
      await regroup(world, settings);
    }
  }

  log(line: string): void {
    const seconds = (this.#now - this.#options.start) / SECOND;
    this.trace.push(`${seconds.toFixed(0).padStart(8)}s ${line}`);
  }

  /** Something happens after so long; `what` stands in the trace unless it is null. */
  at(offset: Millis, what: string | null, act: Planned['act']): this {
    this.#plan(this.#options.start + offset, what, act);
    return this;
  }

  failSends(rate: number): void {
    this.#failRate = rate;
  }

  /** Also back. A real loop looks at the clock every second, so it is looked at here. */
  jumpClock(by: Millis): void {
    this.#now += by;
    for (const { schedule } of this.#servers) schedule.touch([], this.#now);
  }

  async connectAgent(host: string, change: { readonly connected: boolean }): Promise<void> {
    const agent = this.#agents.get(host);
    if (agent === undefined) return;
    agent.connected = change.connected;
    if (!change.connected) return receiveGone(this.world, this.#settings, host);
    await this.#hello(host);
    agent.tellAll();
  }

  /** The agent is killed and starts again: what it executed ends, and nobody knows how. */
  async restartAgent(host: string): Promise<void> {
    const agent = this.#agents.get(host);
    if (agent === undefined) return;
    await this.connectAgent(host, { connected: false });
    agent.die();
    await this.connectAgent(host, { connected: true });
  }

  /** Plays until so long after the start. */
  async until(offset: Millis): Promise<this> {
    if (this.#store === null) await this.#begin();
    const end = this.#options.start + offset;
    let idle = 0;
    for (;;) {
      const moments = await Promise.all(this.#servers.map((server) => server.loop.next()));
      const next = Math.min(...moments, this.#planned[0]?.at ?? NEVER);
      if (next > end) break;
      idle = next > this.#now ? 0 : idle + 1;
      if (idle > 5000) throw new Error(`nothing moves on at ${this.#now - this.#options.start} ms: ${this.trace.slice(-5).join(' | ')}`);
      this.#now = Math.max(this.#now, next);
      await this.#step();
    }
    this.#now = Math.max(this.#now, end);
    return this;
  }

  async close(): Promise<void> {
    await this.#store?.close();
  }

  async #begin(): Promise<void> {
    this.#store = await openStore({ path: ':memory:' });
    for (let count = 0; count < (this.#options.servers ?? 1); count += 1) this.#servers.push(await this.#startServer());
    for (const host of this.#agents.keys()) await this.#hello(host);
  }

  async #step(): Promise<void> {
    const event = this.#planned[0];
    if (event !== undefined && event.at <= this.#now) {
      this.#planned.shift();
      if (event.what !== null) this.log(event.what);
      await this.#survive(() => event.act(this));
      return;
    }
    const rounds = await Promise.allSettled(this.#servers.map((server) => server.loop.round()));
    const deeds = rounds.flatMap((round) => (round.status === 'fulfilled' ? round.value : [Promise.reject(round.reason)]));
    for (const deed of await Promise.allSettled(deeds)) {
      if (deed.status === 'rejected' && !(deed.reason instanceof Crash)) throw deed.reason;
    }
    await this.#restartDead();
  }

  async #restartDead(): Promise<void> {
    for (const [index, server] of this.#servers.entries()) {
      if (server.alive) continue;
      this.log('CRASH and restart');
      this.#servers[index] = await this.#startServer();
      for (const [host, agent] of this.#agents) {
        await this.#hello(host);
        agent.tellAll();
      }
    }
  }

  /** What comes from outside is repeated until the server lives to take it: a person clicks again, an agent reports again. */
  async #survive(act: () => Promise<void> | void): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      await this.#restartDead();
      await this.#survive(act);
    }
  }

  async #startServer(): Promise<Server> {
    const schedule = new RuleSchedule();
    const holder: { server: Server | null } = { server: null };
    const world = this.#buildWorld(
      () => holder.server?.alive !== false,
      () => {
        if (holder.server !== null) holder.server.alive = false;
      },
    );
    const server: Server = { world, schedule, loop: new Loop(world, () => this.#settings, schedule), alive: true };
    holder.server = server;
    await boot(world, this.#settings);
    schedule.replace(this.#settings, await rulesWithAlerts(world), this.#now);
    return server;
  }

  #buildWorld(isAlive: () => boolean, die: () => void): World {
    const guard = (): void => {
      if (!isAlive()) throw new Crash();
    };
    const dieIf = (moment: 'before' | 'after'): void => {
      if (this.crash !== moment) return;
      this.crash = null;
      die();
      throw new Crash();
    };
    const { store } = this;
    return {
      clock: { now: () => this.#now, startedAt: this.#now },
      random: this.#random,
      store: {
        ...store,
        commit: async (change) => {
          guard();
          if (this.failCommit?.(change) === true) throw new Error('the database failed');
          if (this.#random.chance(this.#options.staleRate ?? 0)) return 'stale';
          const outcome = await store.commit(change);
          if (outcome === 'done' && change.about.length > 0) this.log(`${change.who.name}: ${change.why}`);
          return outcome;
        },
      },
      series: {
        instant: async (expr, at) => this.series.instant(expr, at),
        instants: async (questions, at) => questions.map((question) => answerQuestion(this.series, question, at)),
      },
      send: async (channel, message, personal) => {
        guard();
        dieIf('before');
        const outcome = this.#receive(channel, message, personal);
        dieIf('after');
        return outcome;
      },
      agents: {
        isConnected: (host) => this.#agents.get(host)?.connected === true,
        deliver: async (host, order) => {
          guard();
          dieIf('before');
          const agent = this.#agents.get(host);
          if (agent?.connected !== true) return 'away';
          agent.take(order);
          dieIf('after');
          return 'delivered';
        },
      },
      secrets: { reveal: async () => null },
      signLink: (text) => sha256(`simulated ${text}`),
      removeOutput: async () => {},
      log: {
        info: () => {},
        warn: (message, fields) => this.#note(message, fields),
        error: (message, fields) => this.#note(message, fields),
      },
    };
  }

  #note(message: string, fields: Readonly<Record<string, unknown>> = {}): void {
    if (!String(fields['error'] ?? '').includes('Crash')) this.log(`log: ${message} ${JSON.stringify(fields)}`);
  }

  #receive(channel: string, message: Message, personal: Personal | null): SendOutcome {
    if (this.#random.chance(this.#failRate)) return { result: 'retry', error: 'the receiver is down', at: null };
    this.received.push(message);
    const { asked } = message.body;
    if (asked !== undefined && personal !== null) this.mails.push({ ...personal, asked });
    this.log(`send ${channel}${asked === undefined ? '' : ` to ${asked.person}`} ${message.reason}: ${message.body.subject}`);
    return { result: 'sent' };
  }

  #newAgent(host: string): SimulatedAgent {
    return new SimulatedAgent(this.#options.behaviour, {
      started: (run, action) => {
        this.started.push(run);
        this.log(`start ${action} on ${host}`);
      },
      now: () => this.#now,
      after: (wait, act) => this.#plan(this.#now + wait, null, act),
      report: (report) => this.#plan(this.#now, null, () => this.#report(host, report)),
      ended: (action, exitCode) => {
        this.log(`${action} on ${host} ends`);
        this.onActionEnd(action, exitCode);
      },
    });
  }

  async #report(host: string, report: RunReport): Promise<void> {
    await receiveRunReport(this.world, host, report);
  }

  async #hello(host: string): Promise<void> {
    const agent = this.#agents.get(host);
    if (agent?.connected !== true) return;
    const hello = {
      os: 'simulated',
      version: '0',
      local: host === this.#options.hosts[0],
      labels: {},
      allowedActions: null,
      runs: agent.runs,
    };
    await receiveHello(this.world, this.#settings, host, hello);
  }

  #plan(at: Millis, what: string | null, act: Planned['act']): void {
    this.#planned.push({ at, what, act, order: (this.#orders += 1) });
    this.#planned.sort((a, b) => a.at - b.at || a.order - b.order);
  }
}
