import { readFileSync } from 'node:fs';
import { chmod, rm } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import type { createServer } from 'node:https';
import { dirname, resolve } from 'node:path';
import type { FastifyServerFactory } from 'fastify';
import { AGENT_PATHS } from '../contract/agent.ts';
import type { Problem } from '../core/base/problem.ts';
import type { ServerSettings } from '../core/config/settings.ts';
import type { Log } from '../io/log.ts';

type TlsSettings = NonNullable<ServerSettings['tls']>;

/** Longer paths are cut by the system's calls; macOS takes the least. */
const LONGEST_SOCKET_PATH = 103;
const LOCAL_PATHS: ReadonlySet<string> = new Set([...Object.values(AGENT_PATHS), '/api/v1/write']);

/** The files of the certificate: relative to the configuration file. */
export function tlsFiles(tls: TlsSettings, config: string | null): TlsSettings {
  const folder = config === null ? '.' : dirname(config);
  return { cert: resolve(folder, tls.cert), key: resolve(folder, tls.key) };
}

/** What is wrong with a certificate and its key as they are on disk now, and the folders in which a change may change them. */
export function checkTls(
  tls: TlsSettings,
  config: string | null,
): { readonly problems: readonly Problem[]; readonly folders: readonly string[] } {
  const files = tlsFiles(tls, config);
  return { problems: tlsProblems(files), folders: [dirname(files.cert), dirname(files.key)] };
}

function tlsProblems(files: TlsSettings): readonly Problem[] {
  const problems: Problem[] = [];
  for (const part of ['cert', 'key'] as const) {
    try {
      readFileSync(files[part]);
    } catch (error) {
      problems.push({ path: `server.tls.${part}`, message: messageOf(error) });
    }
  }
  if (problems.length > 0) return problems;
  try {
    process.getBuiltinModule('node:tls').createSecureContext(readPair(files));
    return [];
  } catch (error) {
    return [{ path: 'server.tls', message: `${files.cert} and ${files.key} are no certificate and its key: ${messageOf(error)}` }];
  }
}

// Modules of the runtime that import others are asked for when they are needed: an import of node:http loads megabytes.

/**
 * TLS for everybody, and a socket in the data folder for the local agent: it needs neither the certificate's name nor its authority, and
 * goes on when the certificate expires. See docs/decisions/tls.md.
 */
export class TlsFront {
  readonly #log: Log;
  readonly #secure: ReturnType<typeof createServer>;
  readonly #local: Server;
  #handler: RequestListener = (_request, response) => void response.writeHead(503).end();

  constructor(files: TlsSettings, log: Log) {
    this.#log = log;
    this.#secure = process
      .getBuiltinModule('node:https')
      .createServer(readPair(files), (request, response) => this.#handler(request, response));
    this.#local = process.getBuiltinModule('node:http').createServer((request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      if (LOCAL_PATHS.has(path)) this.#handler(request, response);
      else response.writeHead(404).end();
    });
    this.#local.requestTimeout = 0;
  }

  readonly serverFactory: FastifyServerFactory = (handler, { requestTimeout, keepAliveTimeout }) => {
    this.#handler = handler;
    if (typeof requestTimeout === 'number') this.#secure.requestTimeout = requestTimeout;
    if (typeof keepAliveTimeout === 'number') this.#secure.keepAliveTimeout = keepAliveTimeout;
    return this.#secure;
  };

  /** Shows the certificate that is on disk now to everybody who connects from here on. */
  renew(files: TlsSettings): void {
    try {
      this.#secure.setSecureContext(readPair(files));
    } catch (error) {
      this.#log.error('the certificate could not be read again, the old one stays', { error: messageOf(error) });
    }
  }

  /** Opens the socket of the local agent; rejects with what to do when that cannot be. */
  async openLocalSocket(path: string): Promise<void> {
    if (Buffer.byteLength(path) > LONGEST_SOCKET_PATH) {
      throw new Error(`${path} is too long for a socket: give a shorter --data, or --no-local-agent`);
    }
    await rm(path, { force: true });
    await new Promise<void>((opened, failed) => {
      this.#local.once('error', failed);
      this.#local.listen(path, opened);
    });
    await chmod(path, 0o600);
  }

  close(): void {
    this.#local.close();
    this.#local.closeAllConnections();
  }
}

function readPair({ cert, key }: TlsSettings) {
  return { cert: readFileSync(cert), key: readFileSync(key) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
