import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Terminal } from '../cli/terminal.ts';

/** The terminal, pipe or script where the command was typed. The first Ctrl-C is told to the command, the second ends it. */
export function systemTerminal(): Terminal {
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads the output, like "head", may have seen enough.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    isScreen: process.stdout.isTTY,
    env: process.env,
    now: () => Date.now(),
    wait: (length) => pause(length, undefined, { signal: interrupt.signal }).catch(() => {}),
    uniqueId: () => randomUUID(),
    interrupt: interrupt.signal,
  };
}
