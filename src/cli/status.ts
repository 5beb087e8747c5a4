import { system } from '../contract/api/system.ts';
import { SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, wrongUsage } from './command-line.ts';
import { formatAge, formatTable } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin status [--json]

Every part of the server: ok, degraded or down. Exit code 1 when one is down or the server does not answer.

  --json             as the API answers
${SERVER_USAGE}`;

export async function status(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, { ...SERVER_OPTIONS, json: { type: 'boolean' } });
    if (positionals.length > 0) throw wrongUsage('status takes no words.');
    return withApi(terminal, values, async (api) => {
      const answer = await api.ask(system.status);
      const { state, parts, version, startedAt, now } = answer;
      if (values.json === true) terminal.stdout.write(`${JSON.stringify(answer)}\n`);
      else {
        terminal.stdout.write(`Tocsin ${version} at ${api.server}: ${state}, running for ${formatAge(now - startedAt)}\n`);
        const rows = parts.map((part) => [part.name, part.state, part.message, formatFigures(part.figures)]);
        terminal.stdout.write(formatTable(['PART', 'STATE', 'MESSAGE', 'FIGURES'], rows));
      }
      return state === 'down' || parts.some((part) => part.state === 'down') ? 1 : 0;
    });
  });
}

function formatFigures(figures: Readonly<Record<string, number | string>>): string {
  return Object.entries(figures)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
