// npm start: the web page is built when it is missing or older than its sources, then the server starts with ./data.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, runProgram, runtime } from './runtime.js';

/** The latest change below a folder or of a file, 0 when it is not there. */
function changedAt(path) {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, changedAt(join(path, name))), 0);
}

const sources = ['web/src', 'web/public', 'web/index.html', 'web/vite.config.ts', 'src/contract', 'src/core', 'package-lock.json'];
const newest = Math.max(...sources.map((path) => changedAt(join(root, path))));
if (changedAt(join(root, 'web/dist/index.html')) < newest) {
  console.log('Building the web page ...');
  const built = spawnSync(runtime(), [join(root, 'node_modules/vite/bin/vite.js'), 'build', 'web', '--logLevel', 'warn'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (built.status !== 0) {
    console.error('The web page could not be built.');
    process.exit(1);
  }
}
await runProgram(['serve', ...process.argv.slice(2)]);
