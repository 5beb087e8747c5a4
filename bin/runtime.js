// Finds the Node.js that this program is made for: the running one if it is new enough, else the one that came as a dependency.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const OLDEST = 24;
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs the program in this process, or with the right runtime in another one that gets our signals. */
export async function runProgram(args) {
  const compiled = join(root, 'dist/main/tocsin.js');
  const program = existsSync(join(root, 'src/main/tocsin.ts')) ? join(root, 'src/main/tocsin.ts') : compiled;
  if (Number(process.versions.node.split('.')[0]) >= OLDEST) {
    process.argv = [process.execPath, program, ...args];
    await import(program);
    return;
  }
  const child = spawn(runtime(), [program, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === null ? 1 : 128);
  });
}

/** The path of a Node.js that can run TypeScript sources. */
export function runtime() {
  if (Number(process.versions.node.split('.')[0]) >= OLDEST) return process.execPath;
  const brought = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(brought)) return brought;
  console.error(`tocsin needs Node.js ${OLDEST} or newer; this is ${process.version}. Run "npm ci" first, which brings it.`);
  process.exit(1);
}
