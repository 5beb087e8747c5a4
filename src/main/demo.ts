import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { DemoPart } from '../server/api/system.ts';

const MARKER = `# HELP tocsin_demo_problem A made-up problem, so that you can watch it being found and repaired.
# TYPE tocsin_demo_problem gauge
tocsin_demo_problem 1
`;

/** The demonstration's marker: a file that the local agent reads like any other textfile. */
export function demoPart(file: string, hasLocalAgent: () => boolean): DemoPart {
  return {
    isAvailable: hasLocalAgent,
    isSet: async () => (await stat(file).catch(() => null)) !== null,
    set: async () => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      // Beside it and renamed, so that the agent never reads half of it.
      await writeFile(`${file}.new`, MARKER, { mode: 0o600 });
      await rename(`${file}.new`, file);
    },
  };
}

const STEPS = ['looking for the problem', 'found it', 'removing it', 'making sure that it is gone'];

/** The remedy of the demonstration: removes the marker, a little slower than it could, so that its output can be followed. */
export async function demoCleanUp(args: readonly string[]): Promise<number> {
  const [file] = args;
  if (file === undefined || args.length !== 1 || !basename(file).startsWith('tocsin-demo')) {
    process.stderr.write('tocsin demo-clean-up FILE: removes the marker of the demonstration, and nothing else\n');
    return 2;
  }
  for (const [index, step] of STEPS.entries()) {
    const bar = '#'.repeat((index + 1) * 6).padEnd(STEPS.length * 6, '.');
    process.stdout.write(`\x1b[36m[${bar}]\x1b[0m ${step}\n`);
    if (index === 2) await rm(file, { force: true });
    await pause(700);
  }
  process.stdout.write(`\x1b[32mdone:\x1b[0m ${file} is gone\n`);
  return 0;
}
