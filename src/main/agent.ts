import { readFileSync } from 'node:fs';
import { hostname, release, type } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SECOND } from '../core/base/time.ts';
import { parseDuration } from '../core/base/time.ts';
import { runAgent, type AgentOptions } from '../agent/agent.ts';
import { DEFAULT_LIMITS } from '../agent/obey/doors.ts';
import { systemClock } from '../io/clock.ts';
import { systemExec } from '../io/exec.ts';
import { systemFiles } from '../io/files.ts';
import { openHttpClient } from '../io/http.ts';
import { openSystemLog } from '../io/log.ts';
import { systemRandom } from '../io/random.ts';
import { VERSION } from './installation.ts';

export const AGENT_USAGE = `tocsin agent --server URL --token-file FILE [--data DIR] [--host NAME] [--interval 10s] [--textfile DIR] [--ca FILE]

Watches this host and executes what the server orders. It calls the server; nothing needs to reach it.

  --server URL       the server's address
  --token-file FILE  a token of role agent with the name of this host (tocsin token create NAME --role agent)
  --data DIR         where it keeps what the server has not taken yet, ./agent-data if absent
  --host NAME        the name of this host, its host name if absent
  --interval 10s     how often it measures
  --textfile DIR     a folder of *.prom files whose samples it delivers too, DATA/textfile if absent
  --ca FILE          authorities to trust (PEM)
`;

/** Runs the agent until it is told to end; gives the exit code. */
export async function agentCommand(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'string') {
    process.stderr.write(`${options}\n\n${AGENT_USAGE}`);
    return 2;
  }
  const log = openSystemLog('info');
  const leaving = new Set<() => void>();
  const abort = new AbortController();
  let asked = false;
  const leave = (): void => {
    asked = true;
    for (const callback of leaving) callback();
  };
  process.on('SIGTERM', leave);
  process.on('SIGINT', () => {
    if (asked) abort.abort();
    leave();
  });
  const onLeave = (callback: () => void) => {
    leaving.add(callback);
    if (asked) callback();
    return () => void leaving.delete(callback);
  };
  process.on('SIGHUP', () => {});
  const openHttp = (ca: string | null) => openHttpClient(ca === null ? {} : { ca });
  const doors = { exec: systemExec, files: systemFiles, clock: systemClock, random: systemRandom, log, openHttp };
  try {
    const end = await runAgent(options, doors, { onLeave, abort: abort.signal });
    log.info('the agent has ended', { why: end });
    return end === 'occupied' ? 1 : 0;
  } catch (error) {
    log.error('the agent cannot run', { error: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}

function parseOptions(args: readonly string[]): AgentOptions | string {
  const text = { type: 'string' } as const;
  let values: Partial<Record<'server' | 'token-file' | 'data' | 'host' | 'interval' | 'textfile' | 'ca', string>> & {
    readonly local?: boolean;
  };
  try {
    const options = {
      server: text,
      'token-file': text,
      data: text,
      host: text,
      interval: text,
      textfile: text,
      ca: text,
      local: { type: 'boolean' },
    } as const;
    ({ values } = parseArgs({ args: [...args], options, strict: true }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  const { server } = values;
  const tokenFile = values['token-file'];
  if (server === undefined || !URL.canParse(server)) return 'give the address of the server: --server https://tocsin.example.com';
  if (tokenFile === undefined) return 'give the file with the token: --token-file FILE';
  const interval = parseDuration(values.interval ?? '10s');
  if (interval === null || interval < SECOND) return `${values.interval} is no interval: give 1s or more`;
  const dataDir = resolve(values.data ?? 'agent-data');
  return {
    server: server.replace(/\/+$/, ''),
    token: () => readFileSync(tokenFile, 'utf8').trim(),
    host: values.host ?? hostname(),
    dataDir,
    interval,
    textfileDir: values.textfile ?? `${dataDir}/textfile`,
    labels: {},
    version: VERSION,
    platform: process.platform,
    os: `${type()} ${release()}`,
    local: values.local === true,
    limits: DEFAULT_LIMITS,
    ...(values.ca !== undefined && { caFile: values.ca }),
  };
}
