import { basename } from 'node:path';
import type { BuiltIn } from '../core/config/built-in.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import { defaultExternalUrl, whyAnonymousRefused } from '../core/config/parse-server.ts';
import type { ServerSettings, Settings } from '../core/config/settings.ts';
import type { Problem } from '../core/base/problem.ts';
import { loadConfig } from '../io/config-files.ts';
import { systemFiles } from '../io/files.ts';
import type { LoadSettings } from './settings-holder.ts';

export interface SettingsPlace {
  /** The file; null: only what ships with the program. */
  readonly config: string | null;
  readonly builtIn: BuiltIn;
  /** The address that counts instead of the configuration's; null: the configuration's. */
  readonly listen: () => ServerSettings['listen'] | null;
  /** Looks at the certificate that the configuration names; absent: nobody does. */
  readonly checkTls?: (tls: NonNullable<ServerSettings['tls']>) => {
    readonly problems: readonly Problem[];
    readonly folders: readonly string[];
  };
  /** Told the folders in which a change may change the configuration, and the names of files that belong to it whatever they end in. */
  readonly onFolders?: (folders: readonly string[], names: readonly string[]) => void;
}

/** Reads the configuration of an installation. */
export function loadSettings(place: SettingsPlace): LoadSettings {
  return async () => {
    const read =
      place.config === null
        ? { files: [], attachments: new Map(), problems: [], folders: [] }
        : await loadConfig(place.config, systemFiles);
    const { value, problems } = parseConfig(read.files, { builtIn: place.builtIn, attachments: read.attachments, problems: read.problems });
    const tls = value?.server.tls ?? null;
    const certificate = tls === null ? undefined : place.checkTls?.(tls);
    const names = [...read.attachments.keys()].map((path) => basename(path));
    place.onFolders?.([...read.folders, ...(certificate?.folders ?? [])], names);
    if (value === null) return { value, problems };
    const settings = withListen(value, place.listen());
    const refused = whyAnonymousRefused(settings.server);
    if (refused !== null) return { value: null, problems: [{ path: 'server.anonymous', message: refused }] };
    const unusable = certificate?.problems ?? [];
    return unusable.length === 0 ? { value: settings, problems } : { value: null, problems: unusable };
  };
}

function withListen(settings: Settings, listen: ServerSettings['listen'] | null): Settings {
  if (listen === null) return settings;
  const { server } = settings;
  const isDefault = server.externalUrl === defaultExternalUrl(server.listen, server.tls);
  return {
    ...settings,
    server: { ...server, listen, externalUrl: isDefault ? defaultExternalUrl(listen, server.tls) : server.externalUrl },
  };
}
