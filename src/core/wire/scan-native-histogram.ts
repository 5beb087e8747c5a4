import type { Millis } from '../base/time.ts';
import type { ProtoCursor } from './proto-cursor.ts';
import { ProtoOutput } from './proto-output.ts';

const GAUGE_HINT = 3;

/**
 * The native part of an `io.prometheus.client.Histogram`, brought into the fields of a remote-write `Histogram` (prompb/types.proto), which
 * are numbered otherwise. What is wrong in it is found when it is stored.
 */
export class NativeParts {
  private readonly out = new ProtoOutput();
  private isNative = false;
  private count = 0;
  private countFloat = 0;
  private zeroCount = 0;
  private zeroCountFloat = 0;
  private zeroThreshold = 0;

  /** Reads a field that belongs to it; false: it is another one. */
  take(cursor: ProtoCursor): boolean {
    const { tag } = cursor;
    if (tag === 40) this.out.int(4, cursor.varint());
    else if (tag === 49) this.zeroThreshold = cursor.double();
    else if (tag === 56) this.zeroCount = cursor.varint();
    else if (tag === 65) this.zeroCountFloat = cursor.double();
    else if (tag === 74 || tag === 98) {
      this.isNative = true;
      this.out.bytesField(tag === 74 ? 8 : 11, cursor.blob());
    } else if (tag === 82 || tag === 106) this.out.bytesField(tag === 82 ? 9 : 12, cursor.blob());
    else if (tag === 80 || tag === 104) this.out.number(tag === 80 ? 9 : 12, 0, true, cursor.varint());
    else if (tag === 90 || tag === 114) this.out.bytesField(tag === 90 ? 10 : 13, cursor.blob());
    else if (tag === 89 || tag === 113) this.out.double(tag === 89 ? 10 : 13, cursor.double());
    else return false;
    return true;
  }

  /** How many observations there are, as a whole number or not. */
  counted(count: number, countFloat: number): void {
    this.count = count;
    this.countFloat = countFloat;
  }

  /** The message without its moment; null: the histogram has no native part. */
  finish(sum: number, isGauge: boolean): Uint8Array | null {
    const { out, count, countFloat, zeroCount, zeroCountFloat, zeroThreshold } = this;
    if (!this.isNative && zeroThreshold === 0 && zeroCount === 0 && zeroCountFloat === 0) return null;
    const isWhole = countFloat === 0;
    out.number(1, 2, isWhole, isWhole ? count : countFloat);
    out.double(3, sum);
    out.double(5, zeroThreshold);
    out.number(6, 7, isWhole, isWhole ? zeroCount : zeroCountFloat);
    if (isGauge) out.int(14, GAUGE_HINT);
    return out.finish().slice();
  }
}

/** Adds to a `Histogram` message when it was, and when its counter started (0 = not known). */
export function withMoment(message: Uint8Array, at: Millis, start: Millis): Uint8Array {
  const out = new ProtoOutput();
  out.raw(message);
  out.int(15, at);
  out.int(17, start);
  return out.finish();
}
