import { utf8Bytes } from './utf8.ts';

/** Rotations of the four rounds (RFC 1321, 3.4), and the 64 constants: the whole part of 2^32 * abs(sin(i)). */
const ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;
const SINES = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32));

/** The MD5 (RFC 1321) of the UTF-8 bytes of a text, 16 bytes. It protects nothing; `hashmod` of Prometheus is defined by it. */
export function md5(text: string): Uint8Array {
  const view = paddedBlocks(utf8Bytes(text));
  const state = Int32Array.of(0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476);
  for (let block = 0; block < view.byteLength; block += 64) addBlock(state, view, block);
  const digest = new DataView(new ArrayBuffer(16));
  for (let i = 0; i < 4; i += 1) digest.setInt32(i * 4, state[i] ?? 0, true);
  return new Uint8Array(digest.buffer);
}

function paddedBlocks(bytes: readonly number[]): DataView {
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  const bits = bytes.length * 8;
  view.setUint32(padded.length - 8, bits >>> 0, true);
  view.setUint32(padded.length - 4, Math.floor(bits / 2 ** 32), true);
  return view;
}

function addBlock(state: Int32Array, view: DataView, block: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const round = i >> 4;
    let mixed: number;
    let word: number;
    if (round === 0) {
      mixed = (b & c) | (~b & d);
      word = i;
    } else if (round === 1) {
      mixed = (d & b) | (~d & c);
      word = (5 * i + 1) & 15;
    } else if (round === 2) {
      mixed = b ^ c ^ d;
      word = (3 * i + 5) & 15;
    } else {
      mixed = c ^ (b | ~d);
      word = (7 * i) & 15;
    }
    const sum = (a + mixed + (SINES[i] ?? 0) + view.getInt32(block + word * 4, true)) | 0;
    const by = ROTATIONS[round]?.[i & 3] ?? 0;
    [a, d, c, b] = [d, c, b, (b + ((sum << by) | (sum >>> (32 - by)))) | 0];
  }
  for (const [i, word] of [a, b, c, d].entries()) state[i] = ((state[i] ?? 0) + word) | 0;
}
