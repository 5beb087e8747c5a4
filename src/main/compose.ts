import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
import { DEFAULT_LIMITS } from '../core/series/series-table.ts';
import { boot, rulesWithAlerts } from '../engine/boot.ts';
import type { Accounts } from '../engine/commands/credentials.ts';
import { Loop } from '../engine/loop.ts';
import { receiveGone, receiveHello } from '../engine/receive.ts';
import { regroup } from '../engine/regroup.ts';
import { RuleSchedule } from '../engine/rule-schedule.ts';
import { sendThrough } from '../io/channels/send.ts';
import { openStore } from '../io/db/open-store.ts';
import { randomSecret, sha256Hex } from '../io/digest.ts';
import { type HttpClient, openHttpClient } from '../io/http.ts';
import { openOutputs } from '../io/outputs.ts';
import { hashPassword, verifyPassword } from '../io/passwords.ts';
import { isPublicAddress } from '../io/public-address.ts';
import { systemRandom } from '../io/random.ts';
import { openSecrets } from '../io/secrets.ts';
import { openEmbeddedSeries } from '../io/series/embedded.ts';
import { openRemoteSeries } from '../io/series/remote/remote-store.ts';
import type { SeriesStore } from '../io/series/store.ts';
import { Hub } from '../server/agents/hub.ts';
import { buildServer } from '../server/app.ts';
import type { World } from '../world.ts';
import { openIntake } from './intake.ts';
import { openLive } from './live-part.ts';
import { finishOutputs } from './finish-outputs.ts';
import type { ComposeInput, Shared } from './opened.ts';
import { LoopRunner } from './run-loop.ts';
import { openScraping } from './scraping.ts';
import { seriesReader } from './series-part.ts';
import { serverParts } from './server-parts.ts';
import { SettingsHolder } from './settings-holder.ts';
import { SeriesWatch } from './watch-series.ts';

/** A server whose parts are open and tied together, but which neither listens nor judges yet. */
export interface Composed {
  readonly shared: Shared;
  readonly server: FastifyInstance;
  /** Begins to judge, tell and act. */
  start(): Promise<void>;
  /** Finishes what is in progress, within this patience, and closes all. */
  stop(patience: Millis): Promise<void>;
}

const now = (): Millis => Date.now();

export async function composeServer(input: ComposeInput): Promise<Composed> {
  const settings = new SettingsHolder(input.settings, input.load, input.log);
  const clients = openClients(settings);
  const shared = await openParts(input, settings, clients);
  const { world, state } = shared;
  const scraping = openScraping(shared, input);
  const server = buildServer({ ...serverParts(shared, input), scraping: scraping.part, intake: openIntake(shared) });
  const schedule = new RuleSchedule();
  const runner = new LoopRunner(new Loop(world, settings.current, schedule), world);
  tie(shared, schedule, runner);
  const seriesWatch = new SeriesWatch(shared);
  const finisher = finishOutputs({ ...shared, log: input.log });
  shared.store.onCommit(finisher.look);
  return {
    shared,
    server,
    start: async () => {
      await boot(world, settings.current());
      await finisher.lookAtAll();
      schedule.replace(settings.current(), await rulesWithAlerts(world), now());
      state.ready = true;
      runner.wake();
      await scraping.start();
      seriesWatch.start();
    },
    stop: async (patience) => {
      state.ready = false;
      await runner.stop(patience);
      await seriesWatch.stop();
      await scraping.stop();
      await state.localAgent?.stop();
      await server.close();
      await shared.series.close();
      await finisher.stop();
      await shared.outputs.close();
      await shared.store.close();
      clients.plain.close();
      clients.channels.close();
    },
  };
}

/** What the server asks of others, and what it sends to them through channels: those may be kept out of the own network. */
interface Clients {
  readonly plain: HttpClient;
  readonly channels: HttpClient;
}

function openClients(settings: SettingsHolder): Clients {
  const permits = (address: string): boolean => settings.current().server.allowPrivateTargets || isPublicAddress(address);
  return { plain: openHttpClient(), channels: openHttpClient({ permits }) };
}

async function openParts(input: ComposeInput, settings: SettingsHolder, clients: Clients): Promise<Shared> {
  const { options, log } = input;
  const store = await openStore({ path: join(options.data, 'state.db') });
  const key = { key: options.masterKey, keyFile: options.masterKeyFile, env: process.env };
  const secrets = await openSecrets({ folder: options.data, boxes: store.secrets, ...key, now });
  const series = await openSeries(input, clients.plain);
  const outputs = await openOutputs(join(options.data, 'runs'));
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
    send: sendThrough(settings.current, { http: clients.channels, now, resolve: (secret) => secrets.resolve(secret) }),
    agents: hub,
    secrets: { reveal: (name) => secrets.reveal(name) },
    removeOutput: (run) => outputs.remove(run),
    log,
  };
  const credentials = { digest: sha256Hex, secret: randomSecret, hashPassword, verifyPassword };
  const accounts: Accounts = { world, settings: settings.current, credentials };
  const state = { localAgent: null, ready: false };
  return { world, store, series, secrets, outputs, settings, hub, live: openLive(), accounts, counters: new Map(), state };
}

function openSeries({ options, settings, log }: ComposeInput, http: HttpClient): Promise<SeriesStore> {
  const { keep, maxSeries, outOfOrderWindow, minFree, flushSamples, sync, remote } = settings.series;
  if (remote !== null) return openRemoteSeries({ folder: join(options.data, 'series-queue'), ...remote, http, log, now });
  return openEmbeddedSeries({
    folder: join(options.data, 'series'),
    now,
    rules: { limits: { ...DEFAULT_LIMITS, series: maxSeries }, lateWindow: outOfOrderWindow, retention: keep },
    keeping: { flushSamples },
    sync: sync === 'full' ? 'full' : 'second',
    minFreeBytes: minFree,
    onFailure: (error) => log.error('the series thread died and starts again', { error: error.message }),
  });
}

/** Commits wake the loop and the pages; samples wake the rules that read them; a new configuration is judged at once. */
function tie({ world, store, series, settings, live }: Shared, schedule: RuleSchedule, runner: LoopRunner): void {
  store.onCommit((about) => {
    live.publish(about);
    runner.wake();
  });
  series.onTouched = (names) => {
    schedule.touch(names, now());
    runner.wake();
  };
  const follow = async (current: Settings): Promise<void> => {
    await series.watch([...current.rules.values()].map(({ name, expr }) => ({ id: name, expr })));
  };
  settings.onChange(async (current) => {
    await follow(current);
    schedule.replace(current, await rulesWithAlerts(world), now());
    runner.wake();
    await regroup(world, current);
  });
  follow(settings.current()).catch((error: unknown) => world.log.error('rules cannot follow their series', { error: String(error) }));
}
