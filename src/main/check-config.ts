import { checkConfig } from '../cli/check-config.ts';
import { loadConfig } from '../io/config-files.ts';
import { systemFiles } from '../io/files.ts';

export function checkConfigCommand(args: readonly string[]): Promise<number> {
  return checkConfig(args, process, (path) => loadConfig(path, systemFiles));
}
