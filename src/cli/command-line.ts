import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type { Terminal } from './terminal.ts';

/** Ends a command: the message says what went wrong and what to do. Exit code 1: it failed, 2: it was used wrongly. */
export class CommandEnd extends Error {
  readonly exitCode: 1 | 2;

  constructor(exitCode: 1 | 2, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}

export function wrongUsage(message: string): CommandEnd {
  return new CommandEnd(2, message);
}

export function failed(message: string): CommandEnd {
  return new CommandEnd(1, message);
}

/** Shows the usage when it is asked for, else does the work; what is wrong goes to stderr. Gives the exit code. */
export async function runCommand(
  terminal: Pick<Terminal, 'stdout' | 'stderr'>,
  usage: string,
  args: readonly string[],
  work: () => Promise<number>,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    terminal.stdout.write(usage);
    return 0;
  }
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandEnd)) throw error;
    terminal.stderr.write(error.exitCode === 2 ? `${error.message}\n\n${usage}` : `${error.message}\n`);
    return error.exitCode;
  }
}

/** Reads options and words; unknown options are wrong usage. */
export function parseCommandLine<const O extends ParseArgsOptionsConfig>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw wrongUsage(error instanceof Error ? error.message : String(error));
  }
}

/** The only word that was given; `name` is what the usage calls it. */
export function takeWord(words: readonly string[], name: string): string {
  const [word, more] = words;
  if (word === undefined || word === '') throw wrongUsage(`Give ${name}.`);
  if (more !== undefined) throw wrongUsage(`There is nothing to do with ${JSON.stringify(more)}.`);
  return word;
}
