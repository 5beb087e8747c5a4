import type { Millis } from '../base/time.ts';
import { ProtoOutput, varintSize } from './proto-output.ts';

const FIRST_BYTES = 16_384;
/** 18 length 9 (eight bytes) 16 (up to ten bytes). */
const SAMPLE_BYTES = 21;

/**
 * A remote-write 1.0 `WriteRequest` put together from label bytes that are already encoded (`encodeLabels`), one sample a series: what
 * costs when the same series come again and again is spelling their labels, and that is left out.
 */
export class WriteBody {
  samples = 0;
  private readonly out = new ProtoOutput(FIRST_BYTES);

  /** How long the body is by now. */
  get size(): number {
    return this.out.size;
  }

  /** Adds a sample of the series whose label bytes are `labels[from, to)`. */
  add(labels: Uint8Array, [from, to]: readonly [number, number], at: Millis, value: number | 'stale'): void {
    const { out } = this;
    const length = to - from;
    const timeBytes = varintSize(at);
    out.reserve(length + SAMPLE_BYTES + 12);
    out.putByte(10);
    out.putVarint(length + 12 + timeBytes);
    out.putBytes(labels.subarray(from, to));
    out.putByte(18);
    out.putByte(10 + timeBytes);
    out.putByte(9);
    if (value === 'stale') out.putStale();
    else out.putDouble(value);
    out.putByte(16);
    out.putVarint(at);
    this.samples += 1;
  }

  /** Adds `samples` records that follow each other (`recordOf`). */
  addRecords(records: Uint8Array, [from, to]: readonly [number, number], samples: number): void {
    this.out.reserve(to - from);
    this.out.putBytes(records.subarray(from, to));
    this.samples += samples;
  }

  /** Adds a series with one `Sample` (field 2), `Exemplar` (3) or `Histogram` (4) message. */
  addMessage(labels: Uint8Array, [from, to]: readonly [number, number], field: 2 | 3 | 4, message: Uint8Array): void {
    const { out } = this;
    const length = to - from;
    const size = message.length + varintSize(message.length) + 1;
    out.reserve(length + size + 12);
    out.putByte(10);
    out.putVarint(length + size);
    out.putBytes(labels.subarray(from, to));
    out.bytesField(field, message);
    if (field !== 3) this.samples += 1;
  }

  /** The body so far, and begins a new one. */
  take(): Uint8Array {
    const body = this.view().slice();
    this.clear();
    return body;
  }

  /** The body so far; a view, until the next change. */
  view(): Uint8Array {
    return this.out.finish();
  }

  /** Begins a new one. */
  clear(): void {
    this.out.clear();
    this.samples = 0;
  }
}
