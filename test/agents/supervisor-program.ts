import { superviseLocalAgent } from '../../src/io/local-agent.ts';
import { systemDoors } from './agent-side.ts';
import { join } from 'node:path';

/** A server that only keeps its local agent, so that it can be killed. */
const [url = '', folder = ''] = process.argv.slice(2);
const argv = [process.execPath, join(import.meta.dirname, 'agent-program.ts'), url, folder];
superviseLocalAgent({ argv, folder, version: `1 ${url}` }, systemDoors());
process.on('SIGTERM', () => process.exit(0));
setInterval(() => {}, 1_000);
