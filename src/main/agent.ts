import { setFlagsFromString } from 'node:v8';
import { runAgent } from '../agent/agent.ts';
import { LATE_FLAGS } from '../agent/node-flags.ts';
import { systemClock } from '../io/clock.ts';
import { systemExec } from '../io/exec.ts';
import { systemFiles } from '../io/files.ts';
import { openHttpClient } from '../io/http.ts';
import { openSystemLog } from '../io/log.ts';
import { systemRandom } from '../io/random.ts';
import { parseAgentOptions } from './agent-options.ts';

const AGENT_USAGE = `tocsin agent --server URL --token-file FILE [--data DIR] [--config FILE] [--host NAME] [--interval 10s] [--textfile DIR] [--ca FILE]

Watches this host and executes what the server orders. It calls the server; nothing needs to reach it.

  --server URL       the server's address
  --token-file FILE  a token of role agent with the name of this host (tocsin token create NAME --role agent)
  --data DIR         where it keeps what the server has not taken yet, ./agent-data if absent
  --config FILE      agent.yml: all of this, labels, and the actions that this host accepts
  --host NAME        the name of this host, its host name if absent
  --interval 10s     how often it measures
  --textfile DIR     a folder of *.prom files whose samples it delivers too, DATA/textfile if absent
  --ca FILE          authorities to trust (PEM)
`;

/** Runs the agent until it is told to end; gives the exit code. */
export async function agentCommand(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    process.stdout.write(AGENT_USAGE);
    return 0;
  }
  for (const flag of LATE_FLAGS) setFlagsFromString(flag);
  const start = await parseAgentOptions(args);
  if (typeof start === 'string') {
    process.stderr.write(`${start}\n\n${AGENT_USAGE}`);
    return 2;
  }
  const log = openSystemLog(start.logLevel);
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
  const { socket } = start;
  const openHttp = (ca: string | null) => openHttpClient({ ...(ca !== null && { ca }), ...(socket !== null && { socketPath: socket }) });
  const doors = { exec: systemExec, files: systemFiles, clock: systemClock, random: systemRandom, log, openHttp, web: openHttpClient() };
  try {
    const end = await runAgent(start.options, doors, { onLeave, abort: abort.signal });
    log.info('the agent has ended', { why: end });
    return end === 'occupied' ? 1 : 0;
  } catch (error) {
    log.error('the agent cannot run', { error: error instanceof Error ? error.message : String(error) });
    return 1;
  }
}
