import { runAgent } from '../../src/agent/agent.ts';
import { DEFAULT_LIMITS } from '../../src/agent/obey/doors.ts';
import { systemClock } from '../../src/io/clock.ts';
import { systemExec } from '../../src/io/exec.ts';
import { systemFiles } from '../../src/io/files.ts';
import { openHttpClient } from '../../src/io/http.ts';
import { openSystemLog } from '../../src/io/log.ts';
import { systemRandom } from '../../src/io/random.ts';

const [server = '', dataDir = ''] = process.argv.slice(2);
await runAgent(
  {
    server,
    token: () => 'token',
    host: 'test-host',
    dataDir,
    interval: 1_000,
    textfileDir: `${dataDir}/textfile`,
    labels: { site: 'lab' },
    version: '0.0.0',
    platform: process.platform,
    os: 'test',
    local: false,
    limits: DEFAULT_LIMITS,
  },
  {
    exec: systemExec,
    files: systemFiles,
    clock: systemClock,
    random: systemRandom,
    log: openSystemLog('error'),
    web: openHttpClient(),
    openHttp: () => openHttpClient(),
  },
  {
    onLeave: (leave) => {
      process.on('SIGTERM', leave);
      return () => process.off('SIGTERM', leave);
    },
    abort: new AbortController().signal,
  },
);
