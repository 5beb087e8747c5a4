// npm start: builds what is missing or older than its sources, then starts the server with ./data.
import { buildWhatIsOld, runProgram } from './runtime.js';

buildWhatIsOld();
await runProgram(['serve', ...process.argv.slice(2)]);
