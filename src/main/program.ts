import { fileURLToPath } from 'node:url';

/** How this program starts itself again: the runtime, then the file that reads the command line. */
export const PROGRAM: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './tocsin.ts' : './tocsin.js', import.meta.url)),
];
