import { encodeSnappy } from '../../src/core/wire/snappy.ts';
import { encodeWriteRequest, type WriteSeries } from '../../src/core/wire/encode-write.ts';
import type { Answered, Api } from './api.ts';

const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const;

/** Sends samples as a Prometheus does. */
export function remoteWrite(api: Api, series: readonly WriteSeries[]): Promise<Answered> {
  return remoteWriteBytes(api, encodeSnappy(encodeWriteRequest(series)));
}

export function remoteWriteBytes(api: Api, body: Uint8Array): Promise<Answered> {
  return api.send('POST', '/api/v1/write', { body, headers: HEADERS });
}

/** One sample, now. */
export function sampleNow(name: string, value: number, labels: Readonly<Record<string, string>> = {}): WriteSeries {
  return { labels: { __name__: name, ...labels }, samples: [{ at: Date.now(), value }] };
}
