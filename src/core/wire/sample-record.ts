import type { Millis } from '../base/time.ts';

/** What follows the labels in a record: 18 length, 9 and the value in eight bytes, 16 and the moment in six. */
export const SAMPLE_TAIL = 18;
const MOMENT_BYTES = 6;
/** What six bytes of seven bits hold. */
const MOMENT_LIMIT = 2 ** 42;

/** A series with one sample as it stands in a remote-write 1.0 `WriteRequest`, with the value and the moment still to be set. */
export function recordOf(labels: Uint8Array): Uint8Array {
  const length = labels.length + SAMPLE_TAIL;
  const head = [10];
  let rest = length;
  for (; rest >= 128; rest = Math.floor(rest / 128)) head.push((rest % 128) | 0x80);
  head.push(rest);
  const record = new Uint8Array(head.length + length);
  record.set(head);
  record.set(labels, head.length);
  const tail = head.length + labels.length;
  record.set([18, SAMPLE_TAIL - 2, 9], tail);
  record[tail + 11] = 16;
  return record;
}

/** Can this moment stand in a record? */
export function fitsRecord(at: Millis): boolean {
  return at >= 0 && at < MOMENT_LIMIT;
}

/** Sets the value and the moment in the record that ends here. The moment takes six bytes always, with empty ones where it is short. */
export function setSample(records: DataView, end: number, value: number, at: Millis): void {
  records.setFloat64(end - MOMENT_BYTES - 9, value, true);
  const low = at % 0x10000000;
  const high = (at - low) / 0x10000000;
  const from = end - MOMENT_BYTES;
  const first = (low & 0x7f) | ((low & 0x3f80) << 1) | ((low & 0x1fc000) << 2) | ((low & 0xfe00000) << 3) | 0x80808080;
  records.setInt32(from, first, true);
  records.setUint16(from + 4, (high & 0x7f) | 0x80 | ((high & 0x3f80) << 1), true);
}
