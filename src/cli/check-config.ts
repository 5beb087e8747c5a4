import { formatProblem, type Problem } from '../core/base/problem.ts';
import type { Attachments } from '../core/config/attachments.ts';
import { parseConfig } from '../core/config/parse-config.ts';
import type { Settings } from '../core/config/settings.ts';
import type { ConfigFile } from '../core/config/tree.ts';
import { parseCommandLine, runCommand, wrongUsage } from './command-line.ts';

const USAGE = `tocsin check-config FILE...

Reads each configuration with everything it includes and prints every problem as file:line:column: path: message.
Exit code 0: all are good, 1: there are problems, 2: wrong usage.
`;

interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** Reads a file and what it includes. */
type Load = (
  path: string,
) => Promise<{ readonly files: readonly ConfigFile[]; readonly attachments: Attachments; readonly problems: readonly Problem[] }>;

/** Stands for what a running server would fill in: the demonstration is checked along with the rest. */
const BUILT_IN = { program: ['tocsin'], demoFile: '/tocsin-demo.prom' };

/** Checks configuration files; gives the exit code. */
export async function checkConfig(args: readonly string[], streams: Streams, load: Load): Promise<number> {
  return runCommand(streams, USAGE, args, async () => {
    const { positionals } = parseCommandLine(args, {});
    if (positionals.length === 0) throw wrongUsage('Give the file of a configuration.');
    let code = 0;
    for (const path of positionals) {
      const loaded = await load(path);
      const { value, problems } = parseConfig(loaded.files, { ...loaded, builtIn: BUILT_IN });
      for (const problem of problems) streams.stderr.write(`${formatProblem(problem)}\n`);
      if (value === null) code = 1;
      else streams.stdout.write(`${path}: good (${summary(value, loaded.files.length)})\n`);
    }
    return code;
  });
}

function summary(settings: Settings, files: number): string {
  const { rules, channels, actions, triggers, recommendations } = settings;
  const own = (things: ReadonlyMap<string, { readonly source: { readonly file: string | null } }>): number =>
    [...things.values()].filter(({ source }) => source.file !== null).length;
  const counts = Object.entries({ rules, channels, actions, triggers, recommendations })
    .map(([name, things]) => `${own(things)} ${own(things) === 1 ? name.slice(0, -1) : name}`)
    .join(', ');
  return `${files} file${files === 1 ? '' : 's'}: ${counts}`;
}
