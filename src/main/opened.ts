import type { Counters } from '../core/base/counters.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Accounts } from '../engine/commands/credentials.ts';
import type { StateStore } from '../io/db/open-store.ts';
import type { LocalAgent } from '../io/local-agent.ts';
import type { Log } from '../io/log.ts';
import type { Outputs } from '../io/outputs.ts';
import type { Secrets } from '../io/secrets.ts';
import type { Senders } from '../io/series/remote/senders.ts';
import type { PreparedThread } from '../io/series/prepared-thread.ts';
import type { SeriesStore } from '../io/series/store.ts';
import type { Hub } from '../server/agents/hub.ts';
import type { World } from '../world.ts';
import type { LiveHub } from './live-part.ts';
import type { ServeOptions } from './options.ts';
import type { TlsFront } from './tls-front.ts';
import type { LoadSettings, SettingsHolder } from './settings-holder.ts';

/** What a server is made from. */
export interface ComposeInput {
  readonly options: ServeOptions;
  /** For the series, if they are kept here. */
  readonly seriesThread: PreparedThread;
  readonly log: Log;
  readonly settings: Settings;
  readonly load: LoadSettings;
  readonly agentToken: string;
  readonly demoFile: string;
  readonly host: string;
  /** Null: plain HTTP. */
  readonly tls: TlsFront | null;
}

/** What the parts of a running server share. */
export interface Shared {
  readonly world: World;
  readonly store: StateStore;
  readonly series: SeriesStore;
  readonly senders: Senders;
  readonly secrets: Secrets;
  readonly outputs: Outputs;
  readonly settings: SettingsHolder;
  readonly hub: Hub;
  readonly live: LiveHub;
  readonly accounts: Accounts;
  readonly counters: Counters;
  /** Changes while the server runs. */
  readonly state: ServerState;
}

export interface ServerState {
  localAgent: LocalAgent | null;
  ready: boolean;
}
