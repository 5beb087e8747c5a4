import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parseListen } from '../core/config/parse-server.ts';

/** What `tocsin serve` is started with, from flags and environment; flags win. */
export interface ServeOptions {
  readonly config: string | null;
  readonly data: string;
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly localAgent: boolean;
  readonly adminPassword: string | null;
  readonly adminToken: string | null;
  readonly masterKey: string | null;
  readonly masterKeyFile: string | null;
}

export const SERVE_USAGE = `tocsin serve [--config FILE] [--data DIR] [--listen HOST:PORT] [--no-local-agent]

Starts the server. Without a configuration it watches this host with built-in rules.

  --config FILE      tocsin.yml (TOCSIN_CONFIG)
  --data DIR         data folder, ./data if absent (TOCSIN_DATA)
  --listen HOST:PORT address, 127.0.0.1:4780 if absent (TOCSIN_LISTEN)
  --no-local-agent   do not watch this host

Environment: TOCSIN_ADMIN_PASSWORD creates the user admin at the first start; TOCSIN_ADMIN_TOKEN is a token with role admin;
TOCSIN_MASTER_KEY or TOCSIN_MASTER_KEY_FILE encrypts secrets (else data/secrets.key).
`;

/** Reads the command line; a text is what is wrong with it. */
export function parseServeOptions(args: readonly string[], env: NodeJS.ProcessEnv): ServeOptions | string {
  let values: { config?: string; data?: string; listen?: string; 'no-local-agent'?: boolean };
  try {
    const options = {
      config: { type: 'string' },
      data: { type: 'string' },
      listen: { type: 'string' },
      'no-local-agent': { type: 'boolean' },
    } as const;
    ({ values } = parseArgs({ args: [...args], options, strict: true }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const listenText = values.listen ?? env['TOCSIN_LISTEN'];
  const listen = listenText === undefined ? null : parseListen(listenText);
  if (listenText !== undefined && listen === null) return `${listenText} is no address: give HOST:PORT, like 127.0.0.1:4780`;
  const config = values.config ?? env['TOCSIN_CONFIG'];
  return {
    config: config === undefined ? null : resolve(config),
    data: resolve(values.data ?? env['TOCSIN_DATA'] ?? 'data'),
    listen,
    localAgent: values['no-local-agent'] !== true,
    adminPassword: env['TOCSIN_ADMIN_PASSWORD'] ?? null,
    adminToken: env['TOCSIN_ADMIN_TOKEN'] ?? null,
    masterKey: env['TOCSIN_MASTER_KEY'] ?? null,
    masterKeyFile: env['TOCSIN_MASTER_KEY_FILE'] ?? null,
  };
}
