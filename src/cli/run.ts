import { actions } from '../contract/api/actions.ts';
import { SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, takeWord, wrongUsage } from './command-line.ts';
import { followRun } from './follow-run.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const USAGE = `tocsin run ACTION [--param NAME=VALUE]... [--comment TEXT] [--alert ID] [--follow] [--json]

Asks for a run. An action that needs approval waits until somebody says "tocsin approve RUN".

  --param NAME=VALUE a parameter; the value is one whole argument, whatever stands in it
  --comment TEXT     why; kept in the record
  --alert ID         the alert that it is meant to fix: Tocsin watches whether it clears
  --follow           shows the output while it runs; the exit code is the run's
  --once KEY         the same key gives the same run, however often this is typed
  --dry-run          shows the exact command and starts nothing
  --json             as the API answers
${SERVER_USAGE}
Exit code without --follow: 0 when the run was taken, 1 when it was refused. Ctrl-C while following leaves the run alone.
`;

const OPTIONS = {
  ...SERVER_OPTIONS,
  param: { type: 'string', multiple: true },
  comment: { type: 'string' },
  alert: { type: 'string' },
  once: { type: 'string' },
  follow: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  json: { type: 'boolean' },
} as const;

type Values = ReturnType<typeof parseCommandLine<typeof OPTIONS>>['values'];

export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(terminal, USAGE, args, async () => {
    const { values, positionals } = parseCommandLine(args, OPTIONS);
    const name = takeWord(positionals, 'the name of an action');
    const parameters = parseParameters(values.param ?? []);
    if (values['dry-run'] === true) return preview(name, parameters, values, terminal);
    const { comment = '', alert, once } = values;
    return withApi(terminal, values, async (api) => {
      const asked = await api.ask(actions.run, {
        params: { name },
        headers: { 'idempotency-key': once ?? terminal.uniqueId() },
        body: { parameters, comment, ...(alert !== undefined && { alert }) },
      });
      const taken = asked.state !== 'refused';
      if (values.follow === true && taken) {
        terminal.stderr.write(`run ${asked.run}: ${asked.state}\n`);
        return followRun(api, terminal, asked.run);
      }
      if (values.json === true) terminal.stdout.write(`${JSON.stringify(asked)}\n`);
      else terminal.stdout.write(`${asked.run} ${asked.state}\n`);
      if (!taken) terminal.stderr.write(`Refused: ${plain(asked.reason)}\n`);
      else if (asked.state === 'awaiting approval') terminal.stderr.write(`It waits for approval: tocsin approve ${asked.run}\n`);
      return taken ? 0 : 1;
    });
  });
}

function parseParameters(given: readonly string[]): Record<string, string> {
  const parameters = new Map<string, string>();
  for (const text of given) {
    const equals = text.indexOf('=');
    const name = text.slice(0, equals);
    if (equals < 1) throw wrongUsage(`--param ${text}: give NAME=VALUE`);
    if (parameters.has(name)) throw wrongUsage(`--param ${name} is given twice`);
    parameters.set(name, text.slice(equals + 1));
  }
  return Object.fromEntries(parameters);
}

async function preview(name: string, parameters: Record<string, string>, values: Values, terminal: Terminal): Promise<number> {
  return withApi(terminal, values, async (api) => {
    const plan = await api.ask(actions.preview, { params: { name }, body: { parameters } });
    if (values.json === true) terminal.stdout.write(`${JSON.stringify(plan)}\n`);
    else {
      const where = `${plan.runAs === null ? '' : `as ${plan.runAs} `}on ${plan.host}${plan.hostConnected ? '' : ', whose agent is away'}${plan.needsApproval ? ', after approval' : ''}`;
      terminal.stdout.write(`${plan.argv.map((word) => JSON.stringify(word)).join(' ')}\n${plain(where)}\n`);
    }
    for (const problem of plan.problems) terminal.stderr.write(`${plain(problem.path)}: ${plain(problem.message)}\n`);
    if (plan.held !== null) terminal.stderr.write(`It cannot start now: ${plain(plan.held)}\n`);
    return plan.problems.length === 0 && plan.held === null ? 0 : 1;
  });
}
