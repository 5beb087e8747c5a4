// The remedy of the loop: removes a file and tells each step, slowly enough that somebody can watch.
import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const file = process.argv[2] ?? '';
process.stdout.write(`\x1b[36mlooking at\x1b[0m ${file}\n`);
await pause(1200);
process.stderr.write('removing it\n');
await pause(800);
rmSync(file);
process.stdout.write('\x1b[32mremoved\x1b[0m\n');
