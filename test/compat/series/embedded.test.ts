import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedSeries } from '../../../src/io/series/embedded.ts';
import { testSeriesStore } from './suite.ts';

testSeriesStore({
  name: 'Tocsin',
  open: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-suite-'));
    const store = await openEmbeddedSeries({ folder, now: () => Date.now() });
    const close = async (): Promise<void> => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    };
    return { store, close };
  },
});
