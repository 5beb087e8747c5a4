import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_FLAGS } from '../agent/node-flags.ts';
import { systemClock } from '../io/clock.ts';
import { systemExec } from '../io/exec.ts';
import { systemFiles } from '../io/files.ts';
import { superviseLocalAgent, type LocalAgent } from '../io/local-agent.ts';
import type { Log } from '../io/log.ts';

export interface LocalAgentPlace {
  readonly folder: string;
  readonly tokenFile: string;
  readonly textfileFolder: string;
  readonly demoFile: string;
  /** Where the server listens for this agent when it speaks TLS with everybody else. */
  readonly socket: string;
  /** The agent's own file, read where there is one: what this host accepts, whatever the server says. */
  readonly configFile: string;
}

/** Where the local agent of a data folder keeps its things. */
export function localAgentPlace(dataFolder: string): LocalAgentPlace {
  const folder = join(dataFolder, 'agent');
  const textfileFolder = join(folder, 'textfile');
  return {
    folder,
    tokenFile: join(folder, 'token'),
    textfileFolder,
    demoFile: join(textfileFolder, 'tocsin-demo.prom'),
    socket: join(folder, 'server.sock'),
    configFile: join(folder, 'agent.yml'),
  };
}

/** The local agent's credential; kept, because an agent may outlive the server that started it. */
export function localAgentToken(place: LocalAgentPlace): string {
  mkdirSync(place.textfileFolder, { recursive: true, mode: 0o700 });
  if (existsSync(place.tokenFile)) return readFileSync(place.tokenFile, 'utf8').trim();
  const token = randomBytes(32).toString('hex');
  writeFileSync(place.tokenFile, `${token}\n`, { mode: 0o600 });
  return token;
}

export interface LocalServer {
  readonly server: string;
  /** Whether it is reached on the socket of the data folder. */
  readonly bySocket: boolean;
  readonly host: string;
  readonly version: string;
  readonly program: readonly string[];
}

/** Starts the program again as the agent of this host. */
export function startLocalAgent(place: LocalAgentPlace, at: LocalServer, log: Log): LocalAgent {
  const flags = [
    '--server',
    at.server,
    '--token-file',
    place.tokenFile,
    '--data',
    place.folder,
    '--host',
    at.host,
    '--textfile',
    place.textfileFolder,
    '--local',
    ...(at.bySocket ? ['--socket', place.socket] : []),
    ...(existsSync(place.configFile) ? ['--config', place.configFile] : []),
  ];
  const [runtime = process.execPath, ...program] = at.program;
  // From the second start on the sources need no translation, whose machinery would stay in memory.
  const env = { NODE_COMPILE_CACHE: join(place.folder, 'compiled') };
  return superviseLocalAgent(
    { argv: [runtime, ...NODE_FLAGS, ...program, 'agent', ...flags], env, folder: place.folder, version: `${at.version} ${at.server}` },
    { exec: systemExec, clock: systemClock, files: systemFiles, log },
  );
}
