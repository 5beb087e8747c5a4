// The same suite with the series kept by Debian's Prometheus and by Debian's VictoriaMetrics.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openHttpClient } from '../../../src/io/http.ts';
import { openLog } from '../../../src/io/log.ts';
import { openRemoteSeries } from '../../../src/io/series/remote/remote-store.ts';
import { type RealStore, startEmptyPrometheus, startVictoriaMetrics } from './real-stores.ts';
import { type Candidate, testSeriesStore } from './suite.ts';

const log = openLog({ level: 'error', now: () => Date.now(), write: (line) => console.error(line) });

function openOver(start: () => Promise<RealStore>): Candidate['open'] {
  return async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-suite-'));
    const http = openHttpClient();
    const real = await start();
    const store = await openRemoteSeries({ folder, write: real.write, query: real.url, http, log, now: () => Date.now() });
    const close = async (): Promise<void> => {
      await store.close();
      http.close();
      await real.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { store, close };
  };
}

testSeriesStore({ name: 'Prometheus', open: openOver(startEmptyPrometheus) });
testSeriesStore({ name: 'VictoriaMetrics', open: openOver(startVictoriaMetrics), listsByDay: true, saysExecution: true });
