import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Counters } from '../core/base/counters.ts';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { boot, rulesWithAlerts } from '../engine/boot.ts';
import type { Accounts } from '../engine/commands/credentials.ts';
import { Loop } from '../engine/loop.ts';
import { receiveGone, receiveHello } from '../engine/receive.ts';
import { RuleSchedule } from '../engine/rule-schedule.ts';
import { sendThrough } from '../io/channels/send.ts';
import { openStore, type StateStore } from '../io/db/open-store.ts';
import { randomSecret, sha256Hex } from '../io/digest.ts';
import { openHttpClient } from '../io/http.ts';
import type { LocalAgent } from '../io/local-agent.ts';
import type { Log } from '../io/log.ts';
import { openOutputs, type Outputs } from '../io/outputs.ts';
import { hashPassword, verifyPassword } from '../io/passwords.ts';
import { systemRandom } from '../io/random.ts';
import { openSecrets } from '../io/secrets.ts';
import { DEFAULT_LIMITS } from '../core/series/series-table.ts';
import { openEmbeddedSeries } from '../io/series/embedded.ts';
import type { SeriesStore } from '../io/series/store.ts';
import { Hub } from '../server/agents/hub.ts';
import { buildServer } from '../server/app.ts';
import type { World } from '../world.ts';
import { livePart } from './live-part.ts';
import type { ServeOptions } from './options.ts';
import { LoopRunner } from './run-loop.ts';
import { seriesReader } from './series-part.ts';
import { serverParts } from './server-parts.ts';
import { SettingsHolder, type LoadSettings } from './settings-holder.ts';

export interface ComposeInput {
  readonly options: ServeOptions;
  readonly log: Log;
  readonly settings: Settings;
  readonly load: LoadSettings;
  readonly agentToken: string;
  readonly demoFile: string;
  readonly host: string;
}

/** Everything that the running server consists of, opened and tied together. */
export interface Composed {
  readonly world: World;
  readonly settings: SettingsHolder;
  readonly server: FastifyInstance;
  readonly accounts: Accounts;
  setLocalAgent(agent: LocalAgent): void;
  /** Begins to judge, tell and act. */
  start(): Promise<void>;
  /** Finishes what is in progress, within this patience, and closes all. */
  stop(patience: Millis): Promise<void>;
}

/** What the parts share. */
export interface Shared {
  readonly world: World;
  readonly store: StateStore;
  readonly series: SeriesStore;
  readonly outputs: Outputs;
  readonly settings: SettingsHolder;
  readonly hub: Hub;
  readonly live: ReturnType<typeof livePart>;
  readonly accounts: Accounts;
  readonly counters: Counters;
  readonly localAgent: () => LocalAgent | null;
  readonly isReady: () => boolean;
}

export async function composeServer(input: ComposeInput): Promise<Composed> {
  const { options, log } = input;
  const now = (): Millis => Date.now();
  const settings = new SettingsHolder(input.settings, input.load, log);
  const store = await openStore({ path: join(options.data, 'state.db') });
  const secrets = await openSecrets({
    folder: options.data,
    boxes: store.secrets,
    key: options.masterKey,
    keyFile: options.masterKeyFile,
    env: process.env,
    now,
  });
  const { keep, maxSeries, outOfOrderWindow, sync } = input.settings.series;
  const series = await openEmbeddedSeries({
    folder: join(options.data, 'series'),
    now,
    rules: { limits: { ...DEFAULT_LIMITS, series: maxSeries }, lateWindow: outOfOrderWindow, retention: keep },
    sync: sync === 'full' ? 'full' : 'second',
    onFailure: (error) => log.error('the series thread died and starts again', { error: error.message }),
  });
  const outputs = await openOutputs(join(options.data, 'runs'));
  const http = openHttpClient();
  const live = livePart();
  let localAgent: LocalAgent | null = null;
  let ready = false;

  const hub: Hub = new Hub({
    log,
    onHello: (host, hello) => receiveHello(world, settings.current(), host, { ...hello, runs: hello.runs.map((known) => known.run) }),
    onGone: (host) => receiveGone(world, settings.current(), host),
  });
  const world: World = {
    clock: { now, startedAt: now() },
    random: systemRandom,
    store,
    series: seriesReader(series),
    send: sendThrough(settings.current, { http, now, resolve: (secret) => secrets.resolve(secret) }),
    agents: hub,
    secrets: { reveal: (name) => secrets.reveal(name) },
    removeOutput: (run) => outputs.remove(run),
    log,
  };
  const credentials = { digest: sha256Hex, secret: randomSecret, hashPassword, verifyPassword };
  const accounts: Accounts = { world, settings: settings.current, credentials };
  const shared: Shared = {
    world,
    store,
    series,
    outputs,
    settings,
    hub,
    live,
    accounts,
    counters: new Map(),
    localAgent: () => localAgent,
    isReady: () => ready,
  };
  const server = buildServer(serverParts(shared, input));

  const schedule = new RuleSchedule();
  const runner = new LoopRunner(new Loop(world, settings.current, schedule), world);
  store.onCommit((about) => {
    live.publish(about);
    runner.wake();
  });
  tieRules(shared, schedule, runner);
  return {
    world,
    settings,
    server,
    accounts,
    setLocalAgent: (agent) => {
      localAgent = agent;
    },
    start: async () => {
      await boot(world, settings.current());
      schedule.replace(settings.current(), await rulesWithAlerts(world), now());
      ready = true;
      runner.wake();
    },
    stop: async (patience) => {
      ready = false;
      await runner.stop(patience);
      await server.close();
      await localAgent?.stop();
      await series.close();
      await outputs.close();
      await store.close();
      http.close();
    },
  };
}

/** Samples wake the rules that read them, and a new configuration is judged at once. */
function tieRules({ world, series, settings }: Shared, schedule: RuleSchedule, runner: LoopRunner): void {
  const follow = async (current: Settings): Promise<void> => {
    await series.watch([...current.rules.values()].map(({ name, expr }) => ({ id: name, expr })));
  };
  series.onTouched = (names) => {
    schedule.touch(names, world.clock.now());
    runner.wake();
  };
  settings.onChange(async (current) => {
    await follow(current);
    schedule.replace(current, await rulesWithAlerts(world), world.clock.now());
    runner.wake();
  });
  follow(settings.current()).catch((error: unknown) => world.log.error('rules cannot follow their series', { error: String(error) }));
}
