import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LightMyRequestResponse } from 'fastify';
import { encodeMetadata, encodeWriteRequest, type WriteMetadata, type WriteSeries } from '../../core/wire/encode-write.ts';
import { openEmbeddedSeries } from '../../io/series/embedded.ts';
import { seriesPart } from '../../main/series-part.ts';
import type { ServerParts } from '../parts.ts';
import { startTestServer, tokenOf } from '../test-server.test.ts';

export const NOW = 1_800_000_000_000;

export interface ApiFixture {
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  post(url: string, form: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  /** Without credentials, as a browser does. */
  options(url: string, headers: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  send(url: string, payload: Uint8Array, headers: Readonly<Record<string, string>>): Promise<LightMyRequestResponse>;
  close(): Promise<void>;
}

/** The API over a real store that holds these series, and what is said of metrics; asked as a viewer. */
export async function openApi(
  series: readonly WriteSeries[],
  change: Partial<ServerParts> = {},
  metrics: readonly WriteMetadata[] = [],
): Promise<ApiFixture> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-api-'));
  const store = await openEmbeddedSeries({ folder, now: () => NOW });
  await store.write(Buffer.concat([encodeWriteRequest(series), encodeMetadata(metrics)]), 'none', 'test');
  const running = await startTestServer('', { series: seriesPart(store), ...change });
  const viewer = await tokenOf(running, 'viewer');
  return {
    get: (url, headers = {}) => running.inject({ url, headers: { ...viewer, ...headers } }),
    post: (url, form) =>
      running.inject({
        method: 'POST',
        url,
        payload: new URLSearchParams(form).toString(),
        headers: { ...viewer, 'content-type': 'application/x-www-form-urlencoded' },
      }),
    options: (url, headers) => running.inject({ method: 'OPTIONS', url, headers }),
    send: (url, payload, headers) =>
      running.inject({ method: 'POST', url, payload: Buffer.from(payload), headers: { ...viewer, ...headers } }),
    close: async () => {
      await running.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
