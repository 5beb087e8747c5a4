const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const MASK = 0xffffffffffffffffn;
/** Bytes that four lanes take in at once. */
const STRIPE = 32;

/** XXH64 with seed 0 (Yann Collet's xxHash specification). Fast and evenly spread; proves nothing. */
export function xxHash64(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stripes = bytes.length - (bytes.length % STRIPE);
  let hash = stripes > 0 ? hashStripes(view, stripes) : PRIME_5;
  hash = (hash + BigInt(bytes.length)) & MASK;
  let at = stripes;
  for (; at + 8 <= bytes.length; at += 8) {
    hash = (rotate(hash ^ mixLane(0n, view.getBigUint64(at, true)), 27n) * PRIME_1 + PRIME_4) & MASK;
  }
  for (; at + 4 <= bytes.length; at += 4) {
    hash = (rotate(hash ^ ((BigInt(view.getUint32(at, true)) * PRIME_1) & MASK), 23n) * PRIME_2 + PRIME_3) & MASK;
  }
  for (; at < bytes.length; at += 1) hash = (rotate(hash ^ ((BigInt(view.getUint8(at)) * PRIME_5) & MASK), 11n) * PRIME_1) & MASK;
  hash = ((hash ^ (hash >> 33n)) * PRIME_2) & MASK;
  hash = ((hash ^ (hash >> 29n)) * PRIME_3) & MASK;
  return hash ^ (hash >> 32n);
}

function hashStripes(view: DataView, end: number): bigint {
  let a = (PRIME_1 + PRIME_2) & MASK;
  let b = PRIME_2;
  let c = 0n;
  let d = -PRIME_1 & MASK;
  for (let at = 0; at < end; at += STRIPE) {
    a = mixLane(a, view.getBigUint64(at, true));
    b = mixLane(b, view.getBigUint64(at + 8, true));
    c = mixLane(c, view.getBigUint64(at + 16, true));
    d = mixLane(d, view.getBigUint64(at + 24, true));
  }
  const joined = (rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n)) & MASK;
  return [a, b, c, d].reduce((hash, lane) => ((hash ^ mixLane(0n, lane)) * PRIME_1 + PRIME_4) & MASK, joined);
}

function mixLane(lane: bigint, input: bigint): bigint {
  return (rotate((lane + input * PRIME_2) & MASK, 31n) * PRIME_1) & MASK;
}

function rotate(value: bigint, by: bigint): bigint {
  return ((value << by) | (value >> (64n - by))) & MASK;
}
