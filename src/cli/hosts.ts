import { hosts as endpoints } from '../contract/api/hosts.ts';
import { SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, wrongUsage } from './command-line.ts';
import { formatAge, formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin hosts [--json | --targets PORT]

Hosts with an agent, and whether it is connected.

  --json             as the API answers
  --targets PORT     as a file for file_sd_configs of Prometheus: each host at this port, with its labels
${SERVER_USAGE}`;

export async function hosts(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, { ...SERVER_OPTIONS, json: { type: 'boolean' }, targets: { type: 'string' } });
    if (positionals.length > 0) throw wrongUsage('hosts takes no words.');
    const port = values.targets === undefined ? null : Number(values.targets);
    if (port !== null && !(Number.isInteger(port) && port > 0 && port < 65_536)) throw wrongUsage('--targets takes a port such as 9100.');
    return withApi(terminal, values, async (api) => {
      if (port !== null) {
        terminal.stdout.write(`${JSON.stringify(await api.ask(endpoints.targets, { query: { port: String(port) } }), null, 2)}\n`);
        return 0;
      }
      const { items } = await api.ask(endpoints.list);
      if (values.json === true) {
        terminal.stdout.write(`${JSON.stringify(items)}\n`);
        return 0;
      }
      const rows = items.map((host) => [
        host.name,
        host.connected ? 'connected' : `away for ${formatAge(terminal.now() - host.lastSeenAt)}`,
        host.firing === 0 ? 'none' : `${host.firing} (${host.severity})`,
        host.allowedActions === null ? 'all' : host.allowedActions.join(' ') || 'none',
        host.agentVersion,
        host.os,
      ]);
      terminal.stdout.write(
        rows.length === 0 ? 'No agent has reported yet.\n' : formatTable(['HOST', 'AGENT', 'FIRING', 'ACTIONS', 'VERSION', 'SYSTEM'], rows),
      );
      return 0;
    });
  });
}
