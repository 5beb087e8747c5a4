import { zstdDecompressSync } from 'node:zlib';
import { formatLabels } from '../../src/core/base/labels.ts';
import { decodeWriteRequest } from '../../src/core/wire/remote-write.ts';
import { decodeSnappy } from '../../src/core/wire/snappy.ts';
import { WriteBatch } from '../../src/core/wire/write-batch.ts';

export interface WrittenSample {
  readonly series: string;
  readonly at: number;
  readonly value: number | 'stale';
}

/** The samples of the body of a remote-write request, in its order. */
export function readWriteRequest(body: Uint8Array, encoding: string | undefined): WrittenSample[] {
  const bytes = encoding === 'none' ? body : encoding === 'zstd' ? zstdDecompressSync(body) : decodeSnappy(body, 16 << 20);
  if (!(bytes instanceof Uint8Array)) throw new Error(`bad snappy: ${JSON.stringify(bytes)}`);
  const batch = new WriteBatch();
  const problem = decodeWriteRequest(Uint8Array.from(bytes), batch);
  if (problem !== null) throw new Error(problem);
  const samples: WrittenSample[] = [];
  for (let series = 0, sample = 0; series < batch.series; series++) {
    const labels = batch.bytes.subarray(batch.labelsFrom[series] ?? 0, batch.labelsTo[series] ?? 0);
    const name = formatLabels(readLabels(labels));
    for (; sample < (batch.samplesTo[series] ?? 0); sample++) {
      samples.push({
        series: name,
        at: batch.times[sample] ?? 0,
        value: batch.stale[sample] === 1 ? 'stale' : (batch.values[sample] ?? 0),
      });
    }
  }
  return samples;
}

/** Label fields as protobuf writes them: 10 length (10 length name 18 length value). */
function readLabels(bytes: Uint8Array): Record<string, string> {
  const labels: Record<string, string> = {};
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const text = (): string => {
    at += 1;
    const length = varint();
    at += length;
    return Buffer.from(bytes.subarray(at - length, at)).toString('utf8');
  };
  while (at < bytes.length) {
    at += 1;
    varint();
    const name = text();
    labels[name] = text();
  }
  return labels;
}
