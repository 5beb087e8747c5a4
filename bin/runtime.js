// Finds the Node.js that this program is made for, and the program: built if it is newer than its sources, else the sources themselves.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const OLDEST = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const BUILT = join(root, 'dist/tocsin.js');
const SOURCE = join(root, 'src/main/tocsin.ts');

/** Runs the program in this process, or with the right runtime in another one that gets our signals. */
export async function runProgram(args) {
  const program = isOld(BUILT, PROGRAM_SOURCES) && existsSync(SOURCE) ? SOURCE : BUILT;
  if (isNewEnough()) {
    // A young generation of 1 MiB instead of 16, here and in threads: the server's objects live short or for ever. The size is fixed for
    // what runs already, its growth is not.
    setFlagsFromString('--max-semi-space-size=1');
    setFlagsFromString('--semi-space-growth-factor=1');
    // So little is collected sooner by the thread itself than by helpers that have to be woken and waited for.
    setFlagsFromString('--no-parallel-scavenge');
    setFlagsFromString('--no-concurrent-array-buffer-sweeping');
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

const SHARED = ['src/contract', 'src/core', 'package-lock.json'];
const PROGRAM_SOURCES = ['src', 'vite.program.config.ts', 'package-lock.json'];
const PAGE_SOURCES = ['web/src', 'web/public', 'web/index.html', 'web/vite.config.ts', 'web/page-size.ts', ...SHARED];

/** Builds the page and the program where they are missing or older than their sources. */
export function buildWhatIsOld() {
  if (isOld(join(root, 'web/dist/index.html'), PAGE_SOURCES)) build('the web page', ['build', 'web']);
  if (isOld(BUILT, PROGRAM_SOURCES)) build('the program', ['build', '--config', 'vite.program.config.ts']);
}

function build(what, args) {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) return;
  console.log(`Building ${what} ...`);
  const built = spawnSync(runtime(), [vite, ...args, '--logLevel', 'warn'], { cwd: root, stdio: 'inherit' });
  if (built.status === 0) return;
  console.error(`${what} could not be built.`);
  process.exit(1);
}

function isNewEnough() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST;
}

/** The path of a Node.js that can run the program. */
function runtime() {
  if (isNewEnough()) return process.execPath;
  const brought = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(brought)) return brought;
  console.error(`tocsin needs Node.js ${OLDEST} or newer; this is ${process.version}. Run "npm ci" first, which brings it.`);
  process.exit(1);
}

/** Whether a built file is missing or older than any of its sources that are here. */
function isOld(built, sources) {
  return changedAt(built) <= Math.max(...sources.map((path) => changedAt(join(root, path))));
}

/** The latest change below a folder or of a file, 0 when it is not there. */
function changedAt(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => (name.includes('.test.') ? latest : Math.max(latest, changedAt(join(path, name)))), 0);
}
