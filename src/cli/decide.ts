import { runs as endpoints } from '../contract/api/runs.ts';
import { SERVER_OPTIONS, SERVER_USAGE, withApi } from './api.ts';
import { parseCommandLine, runCommand, takeWord } from './command-line.ts';
import { plain } from './table.ts';
import type { Terminal } from './terminal.ts';

const MEANING = {
  approve: 'Lets a run start that waits for approval.',
  reject: 'Does not let it start.',
  cancel: 'Stops a run, or one that has not started.',
} as const;

/** `approve`, `reject` and `cancel`: what a person says about one run. */
export async function decide(verb: keyof typeof MEANING, args: readonly string[], terminal: Terminal): Promise<number> {
  const usage = `tocsin ${verb} RUN [--comment TEXT] [--json]

${MEANING[verb]} "tocsin runs --state 'awaiting approval'" lists those that wait, "tocsin runs show RUN" shows the exact command.

  --comment TEXT     why; kept in the record
  --json             as the API answers
${SERVER_USAGE}`;
  return runCommand(terminal, usage, args, async () => {
    const { values, positionals } = parseCommandLine(args, { ...SERVER_OPTIONS, comment: { type: 'string' }, json: { type: 'boolean' } });
    const id = takeWord(positionals, 'the id of a run');
    return withApi(terminal, values, async (api) => {
      const run = await api.ask(endpoints[verb], { params: { id }, body: { comment: values.comment ?? '' } });
      terminal.stdout.write(
        values.json === true ? `${JSON.stringify(run)}\n` : `${plain(run.action)} ${run.id}: ${run.state}, ${plain(run.reason)}\n`,
      );
      return 0;
    });
  });
}
