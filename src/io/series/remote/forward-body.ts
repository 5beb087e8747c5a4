import { decodeWriteRequest } from '../../../core/wire/remote-write.ts';
import { decodeWriteRequest2 } from '../../../core/wire/remote-write-2.ts';
import { encodeSnappy } from '../../../core/wire/snappy.ts';
import { WriteBatch } from '../../../core/wire/write-batch.ts';
import { WriteBody } from '../../../core/wire/write-body.ts';
import { decodeBody } from '../decode-body.ts';
import type { Encoding } from '../journal-record.ts';

/** A request body as it came. */
export interface ForeignBody {
  readonly body: Uint8Array;
  readonly encoding: Encoding;
  readonly protocol: 1 | 2;
}

/** What every Prometheus-compatible server takes: remote write 1.0 in Snappy. */
interface Forwarded {
  readonly payload: Uint8Array;
  readonly samples: number;
  readonly histograms: number;
  readonly exemplars: number;
}

const BODY_LIMIT_BYTES = 32 << 20;
const DECODED_LIMIT_BYTES = 64 << 20;
const FIRST_ROOM_BYTES = 1 << 20;

/** Checks request bodies and brings them into the form in which they are forwarded; memory is used again from call to call. */
export class Forwarding {
  readonly batch = new WriteBatch();
  private readonly room = new Uint8Array(FIRST_ROOM_BYTES);

  /** `batch` holds the series afterwards. */
  convert({ body, encoding, protocol }: ForeignBody): Forwarded | { readonly problem: 'bad' | 'too-large'; readonly message: string } {
    const { batch } = this;
    if (body.length > BODY_LIMIT_BYTES)
      return { problem: 'too-large', message: `the body is above the limit of ${BODY_LIMIT_BYTES} bytes` };
    const bytes = decodeBody(body, encoding, DECODED_LIMIT_BYTES, this.room);
    if ('problem' in bytes) return bytes;
    // Reading may rearrange the bytes, so they are compressed before it.
    const payload = protocol === 2 ? null : encoding === 'snappy' ? body : encodeSnappy(bytes);
    const message = protocol === 2 ? decodeWriteRequest2(bytes, batch) : decodeWriteRequest(bytes, batch);
    if (message !== null) return { problem: 'bad', message };
    const counts = { samples: batch.samples, histograms: batch.histograms.count, exemplars: batch.exemplars.count };
    return { payload: payload ?? encodeSnappy(encodeBatch(batch)), ...counts };
  }

  /** Brings the series of a forwarded body into `batch`; false when it cannot be read. */
  read(payload: Uint8Array): boolean {
    const bytes = decodeBody(payload, 'snappy', DECODED_LIMIT_BYTES, this.room);
    return !('problem' in bytes) && decodeWriteRequest(bytes, this.batch) === null;
  }
}

function encodeBatch(batch: WriteBatch): Uint8Array {
  const { bytes, series, labelsFrom, labelsTo, samplesTo, times, values, stale, histograms, exemplars } = batch;
  const body = new WriteBody();
  for (let s = 0; s < series; s += 1) {
    const labels = [labelsFrom[s] ?? 0, labelsTo[s] ?? 0] as const;
    for (let i = s === 0 ? 0 : (samplesTo[s - 1] ?? 0); i < (samplesTo[s] ?? 0); i += 1) {
      body.add(bytes, labels, times[i] ?? 0, stale[i] === 1 ? 'stale' : (values[i] ?? 0));
    }
  }
  for (const [field, ranges, from] of [
    [4, histograms, batch.body],
    [3, exemplars, bytes],
  ] as const) {
    for (let i = 0; i < ranges.count; i += 1) {
      const s = ranges.series[i] ?? 0;
      body.addMessage(bytes, [labelsFrom[s] ?? 0, labelsTo[s] ?? 0], field, from.subarray(ranges.from[i], ranges.to[i]));
    }
  }
  return body.take();
}
