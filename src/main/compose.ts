import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { Millis } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';
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
import { IntakeThread } from '../io/intake/intake-thread.ts';
import { openOutputs } from '../io/outputs.ts';
import { hashPassword, verifyPassword } from '../io/passwords.ts';
import { isPublicAddress } from '../io/public-address.ts';
import { systemRandom } from '../io/random.ts';
import { openSecrets } from '../io/secrets.ts';
import { Hub } from '../server/agents/hub.ts';
import { buildServer } from '../server/app.ts';
import type { World } from '../world.ts';
import { openIntake } from './intake.ts';
import { openSeries } from './open-series.ts';
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
  const http = openChannelClient(settings);
  const shared = await openParts(input, settings, http);
  const { world, state } = shared;
  const decoder = new IntakeThread();
  const scraping = openScraping(shared, input, decoder);
  const server = buildServer({ ...serverParts(shared, input), scraping: scraping.part, intake: openIntake(shared, decoder) });
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
      await shared.series.opened;
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
      await decoder.stop();
      await shared.series.close();
      await shared.senders.close();
      await finisher.stop();
      await shared.outputs.close();
      await shared.store.close();
      http.close();
    },
  };
}

/** What channels send with: it may be kept out of the own network. */
function openChannelClient(settings: SettingsHolder): HttpClient {
  return openHttpClient({ permits: (address) => settings.current().server.allowPrivateTargets || isPublicAddress(address) });
}

async function openParts(input: ComposeInput, settings: SettingsHolder, http: HttpClient): Promise<Shared> {
  const { options, log } = input;
  const store = await openStore({ path: join(options.data, 'state.db') });
  const key = { key: options.masterKey, keyFile: options.masterKeyFile, env: process.env };
  const secrets = await openSecrets({ folder: options.data, boxes: store.secrets, ...key, now });
  const { series, senders } = await openSeries(input, secrets);
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
    send: sendThrough(settings.current, { http, now, resolve: (secret) => secrets.resolve(secret) }),
    agents: hub,
    secrets: { reveal: (name) => secrets.reveal(name) },
    signLink: (text) => secrets.signLink(text),
    removeOutput: (run) => outputs.remove(run),
    log,
  };
  const credentials = { digest: sha256Hex, secret: randomSecret, hashPassword, verifyPassword };
  const accounts: Accounts = { world, settings: settings.current, credentials };
  const state = { localAgent: null, ready: false };
  return { world, store, series, senders, secrets, outputs, settings, hub, live: openLive(), accounts, counters: new Map(), state };
}

/** Commits wake the loop and the pages; samples wake the rules that read them; a new configuration is judged at once. */
function tie({ world, store, series, senders, settings, live }: Shared, schedule: RuleSchedule, runner: LoopRunner): void {
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
    if (current.series.remote === null) await senders.apply(current.remoteWrite);
    await regroup(world, current);
  });
  follow(settings.current()).catch((error: unknown) => world.log.error('rules cannot follow their series', { error: String(error) }));
}
