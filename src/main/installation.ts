import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where this program is installed: the folder with its package.json. */
export const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)));

/** The version of this program. */
export const VERSION = readVersion();

/** How this program starts itself again: the runtime, then the file that reads the command line, as it runs now (sources or built). */
export const PROGRAM: readonly string[] = [
  process.execPath,
  join(ROOT, import.meta.url.endsWith('.ts') ? 'src/main/tocsin.ts' : 'dist/tocsin.js'),
];

function findRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const above = dirname(from);
  if (above === from) throw new Error('the package.json of this program is not there');
  return findRoot(above);
}

function readVersion(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return typeof parsed === 'object' && parsed !== null && 'version' in parsed ? String(parsed.version) : '0';
}
