/** Why a Snappy block could not be decoded: the sender's fault, or more than the receiver allows. */
export interface SnappyProblem {
  readonly problem: 'too-large' | 'bad';
  readonly message: string;
}

const MAX_HEADER_BYTES = 5;

/** The decoded size that a Snappy block declares in its first bytes, and where its elements begin; null when there is no such number. */
function decodeHeader(bytes: Uint8Array): { readonly size: number; readonly at: number } | null {
  let size = 0;
  let scale = 1;
  for (let at = 0; at < bytes.length && at < MAX_HEADER_BYTES; at += 1) {
    const byte = bytes[at] ?? 0;
    size += (byte & 0x7f) * scale;
    if (byte < 0x80) return { size, at: at + 1 };
    scale *= 128;
  }
  return null;
}

/**
 * Decodes one Snappy block (github.com/google/snappy format_description.txt). A declared size above `limitBytes` is refused before
 * anything is allocated. With `into`, a buffer that is large enough is used again: the result is then a view of it.
 */
export function decodeSnappy(bytes: Uint8Array, limitBytes: number, into?: Uint8Array): Uint8Array | SnappyProblem {
  const header = decodeHeader(bytes);
  if (header === null) return { problem: 'bad', message: 'snappy: no length' };
  if (header.size > limitBytes) {
    return { problem: 'too-large', message: `snappy: decoded size ${header.size} is above the limit of ${limitBytes} bytes` };
  }
  const room = into !== undefined && into.length >= header.size ? into : new Uint8Array(header.size);
  const end = decodeElements(bytes, header.at, room, header.size);
  if (end !== header.size) return { problem: 'bad', message: 'snappy: corrupt block' };
  return room.length === end ? room : room.subarray(0, end);
}

/** Below this many bytes a loop is faster than a call of `set`. */
const SHORT = 128;

/** Decodes every element; the number of bytes written, or -1 when the block is corrupt. */
function decodeElements(from: Uint8Array, start: number, to: Uint8Array, size: number): number {
  const source8 = new DataView(from.buffer, from.byteOffset, from.byteLength);
  const target8 = new DataView(to.buffer, to.byteOffset, to.byteLength);
  const end = from.length;
  // Up to here eight bytes can be read, or written, at once.
  const end8 = end - 8;
  const room8 = to.length - 8;
  let at = start;
  let out = 0;
  while (at < end) {
    const tag = from[at] ?? 0;
    at += 1;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >>> 2) + 1;
      if (length > 60) {
        const extra = length - 60;
        if (at + extra > end) return -1;
        length = 0;
        for (let i = 0; i < extra; i += 1) length += (from[at + i] ?? 0) * 2 ** (8 * i);
        length += 1;
        at += extra;
      }
      if (at + length > end || out + length > size) return -1;
      if (length > SHORT) to.set(from.subarray(at, at + length), out);
      else if (at + length <= end8 && out + length <= room8) {
        for (let i = 0; i < length; i += 8) target8.setBigInt64(out + i, source8.getBigInt64(at + i));
      } else for (let i = 0; i < length; i += 1) to[out + i] = from[at + i] ?? 0;
      at += length;
      out += length;
      continue;
    }
    let length: number;
    let offset: number;
    if (kind === 1) {
      if (at >= end) return -1;
      length = ((tag >>> 2) & 7) + 4;
      offset = ((tag >>> 5) << 8) | (from[at] ?? 0);
      at += 1;
    } else if (kind === 2) {
      if (at + 2 > end) return -1;
      length = (tag >>> 2) + 1;
      offset = (from[at] ?? 0) | ((from[at + 1] ?? 0) << 8);
      at += 2;
    } else {
      if (at + 4 > end) return -1;
      length = (tag >>> 2) + 1;
      offset = (from[at] ?? 0) + (from[at + 1] ?? 0) * 0x100 + (from[at + 2] ?? 0) * 0x10000 + (from[at + 3] ?? 0) * 0x1000000;
      at += 4;
    }
    if (offset === 0 || offset > out || out + length > size) return -1;
    const source = out - offset;
    if (offset >= 8 && out + length <= room8) {
      for (let i = 0; i < length; i += 8) target8.setBigInt64(out + i, target8.getBigInt64(source + i));
    } else for (let i = 0; i < length; i += 1) to[out + i] = to[source + i] ?? 0;
    out += length;
  }
  return out;
}

const FRAGMENT = 65_536;
const HASH_BITS = 14;

/** Encodes one Snappy block: greedy matches of four bytes and more inside fragments of 64 KiB, as the reference encoder does. */
export function encodeSnappy(bytes: Uint8Array): Uint8Array {
  const writer = new Writer(new Uint8Array(MAX_HEADER_BYTES + bytes.length + Math.ceil(bytes.length / 6) + 64));
  writer.varint(bytes.length);
  const table = new Uint16Array(1 << HASH_BITS);
  for (let from = 0; from < bytes.length; from += FRAGMENT) {
    table.fill(0);
    encodeFragment(bytes.subarray(from, Math.min(bytes.length, from + FRAGMENT)), table, writer);
  }
  return writer.bytes.slice(0, writer.at);
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}

function encodeFragment(bytes: Uint8Array, table: Uint16Array, writer: Writer): void {
  const last = bytes.length - 4;
  let literal = 0;
  let at = 1;
  let misses = 32;
  while (at <= last) {
    const here = word(bytes, at);
    const slot = Math.imul(here, 0x1e35a7bd) >>> (32 - HASH_BITS);
    const candidate = table[slot] ?? 0;
    table[slot] = at;
    if (candidate >= at || word(bytes, candidate) !== here) {
      at += misses >>> 5;
      misses += 1;
      continue;
    }
    misses = 32;
    let length = 4;
    while (at + length < bytes.length && bytes[candidate + length] === bytes[at + length]) length += 1;
    if (at > literal) writer.literal(bytes, literal, at);
    writer.copy(at - candidate, length);
    at += length;
    literal = at;
  }
  if (bytes.length > literal) writer.literal(bytes, literal, bytes.length);
}

/** Writes elements into a buffer that is known to be large enough. */
class Writer {
  at = 0;
  readonly bytes: Uint8Array;
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
  varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.bytes[this.at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.bytes[this.at++] = rest;
  }
  literal(from: Uint8Array, start: number, end: number): void {
    const length = end - start - 1;
    if (length < 60) this.bytes[this.at++] = length << 2;
    else {
      const count = length < 0x100 ? 1 : 2;
      this.bytes[this.at++] = (59 + count) << 2;
      for (let i = 0; i < count; i += 1) this.bytes[this.at++] = (length >>> (8 * i)) & 0xff;
    }
    this.bytes.set(from.subarray(start, end), this.at);
    this.at += end - start;
  }
  copy(offset: number, length: number): void {
    let rest = length;
    while (rest >= 68) {
      this.far(offset, 64);
      rest -= 64;
    }
    if (rest > 64) {
      this.far(offset, 60);
      rest -= 60;
    }
    if (rest >= 12 || offset >= 2048) this.far(offset, rest);
    else {
      this.bytes[this.at++] = 1 | ((rest - 4) << 2) | ((offset >>> 8) << 5);
      this.bytes[this.at++] = offset & 0xff;
    }
  }
  private far(offset: number, length: number): void {
    this.bytes[this.at++] = 2 | ((length - 1) << 2);
    this.bytes[this.at++] = offset & 0xff;
    this.bytes[this.at++] = offset >>> 8;
  }
}
