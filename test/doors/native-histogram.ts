import { double, inner, message, text, varint, zigzag } from './proto.ts';

const zigzags = (values: readonly number[]): Uint8Array =>
  Buffer.concat(values.map((value) => Buffer.from(varint(1, value >= 0 ? value * 2 : -value * 2 - 1)).subarray(1)));

/** An observation with the trace it belongs to. */
interface Exemplar {
  readonly trace: string;
  readonly value: number;
  /** In seconds. */
  readonly at: number;
}

/** A `MetricFamily` of the protobuf exposition: a native histogram at schema 1 with counts from bucket 0 on, begun at 7 s, and its classic buckets. */
export function nativeFamily(name: string, counts: readonly number[], exemplar: Exemplar): Uint8Array {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const trace = inner(
    3,
    message(inner(1, message(text(1, 'trace_id'), text(2, exemplar.trace))), double(2, exemplar.value), inner(3, varint(1, exemplar.at))),
  );
  const histogram = message(
    varint(1, total),
    double(2, total * 1.5),
    inner(3, message(varint(1, counts[0] ?? 0), double(2, 1))),
    inner(3, message(varint(1, total), double(2, Number.POSITIVE_INFINITY), trace)),
    zigzag(5, 1),
    double(6, 0.001),
    varint(7, 0),
    inner(12, message(zigzag(1, 0), varint(2, counts.length))),
    inner(15, varint(1, 7)),
    inner(13, zigzags(counts.map((count, i) => count - (counts[i - 1] ?? 0)))),
  );
  const metric = message(inner(1, message(text(1, 'path'), text(2, '/'))), inner(7, histogram));
  return message(text(1, name), text(2, 'How long it takes.'), varint(3, 4), inner(4, metric));
}
