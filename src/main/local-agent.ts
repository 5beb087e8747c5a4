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
}

/** Where the local agent of a data folder keeps its things. */
export function localAgentPlace(dataFolder: string): LocalAgentPlace {
  const folder = join(dataFolder, 'agent');
  const textfileFolder = join(folder, 'textfile');
  return { folder, tokenFile: join(folder, 'token'), textfileFolder, demoFile: join(textfileFolder, 'tocsin-demo.prom') };
}

/** The local agent's credential; kept, because an agent may outlive the server that started it. */
export function localAgentToken(place: LocalAgentPlace): string {
  mkdirSync(place.textfileFolder, { recursive: true, mode: 0o700 });
  if (existsSync(place.tokenFile)) return readFileSync(place.tokenFile, 'utf8').trim();
  const token = randomBytes(32).toString('hex');
  writeFileSync(place.tokenFile, `${token}\n`, { mode: 0o600 });
  return token;
}

/** Starts the program again as the agent of this host. */
export function startLocalAgent(
  place: LocalAgentPlace,
  at: { readonly server: string; readonly host: string; readonly version: string; readonly program: readonly string[] },
  log: Log,
): LocalAgent {
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
  ];
  const [runtime = process.execPath, ...program] = at.program;
  // From the second start on the sources need no translation, whose machinery would stay in memory.
  const env = { NODE_COMPILE_CACHE: join(place.folder, 'compiled') };
  return superviseLocalAgent(
    { argv: [runtime, ...NODE_FLAGS, ...program, 'agent', ...flags], env, folder: place.folder, version: `${at.version} ${at.server}` },
    { exec: systemExec, clock: systemClock, files: systemFiles, log },
  );
}
