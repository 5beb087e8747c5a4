import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { holdLock } from '../io/process-lock.ts';
import { openSystemLog, type Log } from '../io/log.ts';
import type { PreparedThread } from '../io/series/prepared-thread.ts';
import { formatProblem } from '../core/base/problem.ts';
import { SECOND } from '../core/base/time.ts';
import { ensureFirstAdministrator } from '../engine/commands/setup-links.ts';
import { raiseTrouble, clearTrouble } from '../engine/trouble.ts';
import { FolderWatch } from './folder-watch.ts';
import { composeServer, type Composed } from './compose.ts';
import { loadSettings } from './load-settings.ts';
import { localAgentPlace, localAgentToken, startLocalAgent } from './local-agent.ts';
import { checkTls, TlsFront, tlsFiles } from './tls-front.ts';
import { parseServeOptions, SERVE_USAGE, type ServeOptions } from './options.ts';
import { PROGRAM } from './installation.ts';
import { VERSION } from './installation.ts';

const PATIENCE = 5 * SECOND;

/** Runs the server until it is told to end; gives the exit code. */
export async function serveCommand(args: readonly string[], seriesThread: PreparedThread): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(SERVE_USAGE);
    return 0;
  }
  const options = parseServeOptions(args, process.env);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${SERVE_USAGE}`);
    return 2;
  }
  const log = openSystemLog('info');
  mkdirSync(options.data, { recursive: true, mode: 0o700 });
  const lock = holdLock(join(options.data, 'tocsin.pid'), VERSION);
  if (lock.kind === 'taken') {
    process.stderr.write(
      `Another server (process ${lock.by.pid}) works on ${options.data}. Stop it, or give another folder with --data.\n`,
    );
    return 1;
  }
  const place = localAgentPlace(options.data);
  const address: Address = { listen: options.listen };
  const folders = new FolderWatch();
  const load = loadSettings({
    config: options.config,
    builtIn: { program: PROGRAM, demoFile: place.demoFile },
    listen: () => address.listen,
    checkTls: (tls) => checkTls(tls, options.config),
    onFolders: (found, names) => folders.follow(found, names),
  });
  const first = await load();
  if (first.value === null) {
    for (const problem of first.problems) process.stderr.write(`${formatProblem(problem)}\n`);
    return 1;
  }
  const token = localAgentToken(place);
  log.conceal(token);
  if (options.adminToken !== null) log.conceal(options.adminToken);
  const { tls } = first.value.server;
  const front = tls === null ? null : new TlsFront(tlsFiles(tls, options.config), log);
  const composed = await composeServer({
    options,
    seriesThread,
    tls: front,
    log,
    settings: first.value,
    load,
    agentToken: token,
    demoFile: place.demoFile,
    host: hostname(),
  });
  folders.onChange = () => reload(composed, log);
  if (front !== null) renewWithSettings(front, composed, options);
  try {
    return await run(options, composed, { log, address, front });
  } catch (error) {
    process.stderr.write(`${whyNotStarted(error)}\n`);
    await composed.stop(0);
    return 1;
  }
}

/** The address that counts instead of the configuration's. */
interface Address {
  listen: ServeOptions['listen'];
}

async function run(
  options: ServeOptions,
  composed: Composed,
  { log, address, front }: { readonly log: Log; readonly address: Address; readonly front: TlsFront | null },
): Promise<number> {
  const { server, shared } = composed;
  const { settings, accounts, state } = shared;
  const wanted = settings.current().server.listen;
  const bound = await server.listen({ host: wanted.host, port: wanted.port });
  if (wanted.port === 0) {
    address.listen = { host: wanted.host, port: Number(new URL(bound).port) };
    await settings.reload();
  }
  if (options.localAgent) {
    const place = localAgentPlace(options.data);
    await front?.openLocalSocket(place.socket);
    const server = front === null ? loopbackOf(bound) : 'http://localhost';
    const at = { server, bySocket: front !== null, host: hostname(), version: VERSION, program: PROGRAM };
    state.localAgent = startLocalAgent(place, at, log);
  }
  await composed.start();
  const link = await ensureFirstAdministrator(accounts, options.adminPassword);
  process.stdout.write(`Tocsin ${VERSION} listens on ${settings.current().server.externalUrl}\n`);
  if (link !== null) process.stdout.write(`Create the administrator (once, within a day): ${link}\n`);

  watchReloads(composed, log);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  process.once('SIGINT', () => process.exit(130));
  log.info('ending');
  await composed.stop(PATIENCE);
  return 0;
}

function watchReloads(composed: Composed, log: Log): void {
  const labels = { alertname: 'ConfigurationWrong', severity: 'error' } as const;
  composed.shared.settings.onChange(async (settings) => {
    const [problem] = composed.shared.settings.problems;
    if (problem === undefined) await clearTrouble(composed.shared.world, settings, labels);
    else
      await raiseTrouble(
        composed.shared.world,
        settings,
        labels,
        `The configuration on disk is wrong and not in force: ${formatProblem(problem)}`,
      );
  });
  process.on('SIGHUP', () => reload(composed, log));
}

function reload(composed: Composed, log: Log): void {
  composed.shared.settings.reload().catch((error: unknown) => log.error('the configuration could not be read', { error: String(error) }));
}

/** The certificate is read again with every reload, and the socket of the local agent ends with the server. */
function renewWithSettings(front: TlsFront, { shared, server }: Composed, { config }: ServeOptions): void {
  shared.settings.onChange(async ({ server: { tls } }) => {
    if (tls !== null) front.renew(tlsFiles(tls, config));
  });
  server.addHook('onClose', async () => front.close());
}

function whyNotStarted(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : '';
  const message = error instanceof Error ? error.message : String(error);
  if (code === 'EADDRINUSE') return `${message}. Another program listens there: stop it, or give another address with --listen.`;
  if (code === 'EACCES' || code === 'EADDRNOTAVAIL') return `${message}. Give another address with --listen.`;
  return message;
}

/** Where the local agent finds the server, whatever address it listens on. */
function loopbackOf(address: string): string {
  const url = new URL(address);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (url.hostname === '[::]') url.hostname = '[::1]';
  return url.origin;
}
