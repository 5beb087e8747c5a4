import { readFileSync } from 'node:fs';
import { hostname, release, type } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { AgentOptions } from '../agent/agent.ts';
import { DEFAULT_LIMITS, type Limits } from '../agent/obey/doors.ts';
import type { AgentActions, AgentConfig } from '../core/agent-config/agent-config.ts';
import { formatProblem } from '../core/base/problem.ts';
import { parseDuration, SECOND } from '../core/base/time.ts';
import type { LogLevel } from '../io/log.ts';
import { VERSION } from './installation.ts';

export interface AgentStart {
  readonly options: AgentOptions;
  readonly logLevel: LogLevel;
  /** The local socket on which the server is reached instead of its address. */
  readonly socket: string | null;
}

const TEXT = { type: 'string' } as const;
const FLAGS = {
  server: TEXT,
  'token-file': TEXT,
  data: TEXT,
  config: TEXT,
  host: TEXT,
  interval: TEXT,
  textfile: TEXT,
  ca: TEXT,
  local: { type: 'boolean' },
  socket: TEXT,
} as const;

/** What the command line and the agent's file say together, the command line first; or what is wrong with it, for people. */
export async function parseAgentOptions(args: readonly string[]): Promise<AgentStart | string> {
  try {
    const { values } = parseArgs({ args: [...args], options: FLAGS, strict: true });
    const config = values.config === undefined ? null : await readConfig(values.config);
    return typeof config === 'string' ? config : merge(values, config);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The parser is loaded only when there is a file: YAML takes memory that an agent without one need not have. */
async function readConfig(path: string): Promise<AgentConfig | string> {
  const { parseAgentConfig } = await import('../core/agent-config/agent-config.ts');
  const { value, problems } = parseAgentConfig({ path, text: readFileSync(path, 'utf8') });
  return value ?? problems.map(formatProblem).join('\n');
}

type Flags = Partial<Record<Exclude<keyof typeof FLAGS, 'local'>, string>> & { readonly local?: boolean };

function merge(flags: Flags, config: AgentConfig | null): AgentStart | string {
  const server = flags.server ?? config?.server ?? '';
  const tokenFile = flags['token-file'] ?? config?.tokenFile ?? '';
  const interval = flags.interval === undefined ? (config?.interval ?? 10 * SECOND) : parseDuration(flags.interval);
  const caFile = flags.ca ?? config?.caFile ?? null;
  if (!URL.canParse(server)) return 'give the address of the server: --server https://tocsin.example.com';
  if (tokenFile === '') return 'give the file with the token: --token-file FILE';
  if (interval === null || interval < SECOND) return `${flags.interval} is no interval: give 1s or more`;
  const dataDir = resolve(flags.data ?? config?.data ?? 'agent-data');
  const options: AgentOptions = {
    server: server.replace(/\/+$/, ''),
    token: () => readFileSync(tokenFile, 'utf8').trim(),
    host: flags.host ?? config?.host ?? hostname(),
    dataDir,
    interval,
    textfileDir: flags.textfile ?? config?.textfileDirectory ?? `${dataDir}/textfile`,
    labels: config?.labels ?? {},
    version: VERSION,
    platform: process.platform,
    os: `${type()} ${release()}`,
    local: flags.local === true,
    limits: config === null ? DEFAULT_LIMITS : limitsOf(config.actions),
    ...(caFile !== null && { caFile }),
  };
  return { options, logLevel: config?.logLevel ?? 'info', socket: flags.socket ?? null };
}

function limitsOf(actions: AgentActions): Limits {
  return {
    ...DEFAULT_LIMITS,
    allowedActions: actions.allow,
    allowedUsers: actions.runAs,
    longestTimeout: actions.longestTimeout ?? DEFAULT_LIMITS.longestTimeout,
    mostOutputBytes: actions.outputBytes ?? DEFAULT_LIMITS.mostOutputBytes,
    mostMemoryBytes: actions.memoryBytes ?? DEFAULT_LIMITS.mostMemoryBytes,
    mostRunsAtOnce: actions.atOnce ?? DEFAULT_LIMITS.mostRunsAtOnce,
  };
}
