import { startObeying } from '../../src/agent/obey/obey.ts';
import { settingsOf, systemDoors } from './agent-side.ts';

const [url = '', folder = ''] = process.argv.slice(2);
const doors = systemDoors();
const obeying = startObeying(settingsOf(url, folder, new AbortController().signal), doors);
process.on('SIGTERM', () => obeying.leave());
await obeying.done;
doors.http.close();
