// Remote-write bodies that are made once and sent again and again with other times and values: a load that costs its sender next to nothing.
import { encodeWriteRequest } from '../src/core/wire/encode-write.ts';

/** Value, the tag of the time, and the time: the end of each series of a body, as it stands in the compressed bytes, too. */
const VALUE_BYTES = 8;
const TIME_BYTES = 6;
const TAIL_BYTES = VALUE_BYTES + 1 + TIME_BYTES;
const LONGEST_COPY = 64;
const SHORTEST_COPY = 4;
/** A series resembles the one so many places before it. */
const LIKE = 8;

/** One sample of each of some series, compressed with Snappy in such a way that all times and values stand in it as they are. */
export class ReplayedBody {
  readonly bytes: Uint8Array;
  readonly samples: number;
  private readonly view: DataView;
  /** Where the value of each series is; its time follows. */
  private readonly places: Uint32Array;
  private round = 0;

  constructor(labels: readonly Readonly<Record<string, string>>[], at: number) {
    this.samples = labels.length;
    this.places = new Uint32Array(labels.length);
    const out: number[] = [];
    let plain = 0;
    const records: Uint8Array[] = [];
    for (const [i, set] of labels.entries()) {
      const record = encodeWriteRequest([{ labels: set, samples: [{ at, value: i }] }]);
      const head = record.subarray(0, record.length - TAIL_BYTES);
      const since = records.slice(-LIKE);
      const [like] = since;
      const distance = since.reduce((sum, one) => sum + one.length, 0);
      if (since.length === LIKE && like?.length === record.length) copyEqual(head, like, { distance, out });
      else literal(head, out);
      literal(record.subarray(head.length), out);
      this.places[i] = out.length - TAIL_BYTES;
      plain += record.length;
      records.push(record);
    }
    const size = varint(plain);
    this.places.forEach((place, i) => (this.places[i] = place + size.length));
    this.bytes = Uint8Array.from([...size, ...out]);
    this.view = new DataView(this.bytes.buffer);
  }

  /** From now on all samples have this time, and values that grew. */
  setTime(at: number): void {
    const time = varint(at);
    if (time.length !== TIME_BYTES) throw new Error('this time has another length');
    this.round += 1;
    for (const [i, place] of this.places.entries()) {
      this.view.setFloat64(place, i + this.round * (1 + (i % 7)), true);
      for (let k = 0; k < TIME_BYTES; k += 1) this.bytes[place + VALUE_BYTES + 1 + k] = time[k] ?? 0;
    }
  }
}

/** What is equal to a record that stands so many bytes before is copied from there. */
function copyEqual(head: Uint8Array, like: Uint8Array, { distance, out }: { readonly distance: number; readonly out: number[] }): void {
  let from = 0;
  for (let at = 0; at < head.length; ) {
    let end = at;
    while (end < head.length && end - at < LONGEST_COPY && head[end] === like[end]) end += 1;
    if (end - at < SHORTEST_COPY) {
      at = Math.max(end, at + 1);
      continue;
    }
    if (at > from) literal(head.subarray(from, at), out);
    out.push(((end - at - 1) << 2) | 2, distance & 255, distance >> 8);
    at = end;
    from = end;
  }
  if (from < head.length) literal(head.subarray(from), out);
}

function literal(bytes: Uint8Array, out: number[]): void {
  if (bytes.length <= 60) out.push((bytes.length - 1) << 2);
  else out.push(61 << 2, (bytes.length - 1) & 255, (bytes.length - 1) >> 8);
  out.push(...bytes);
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  bytes.push(rest);
  return bytes;
}
