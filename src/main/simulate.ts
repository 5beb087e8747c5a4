import { simulate } from '../cli/simulate.ts';
import { loadConfig } from '../io/config-files.ts';
import { type Files, systemFiles } from '../io/files.ts';

export function simulateCommand(args: readonly string[]): Promise<number> {
  return simulate(args, process, (path, text) => loadConfig(path, text === null ? systemFiles : reading(path, text)));
}

/** The files of this machine, one of them with another text. */
function reading(path: string, text: string): Files {
  return { ...systemFiles, readText: async (asked, limitBytes) => (asked === path ? text : systemFiles.readText(asked, limitBytes)) };
}
