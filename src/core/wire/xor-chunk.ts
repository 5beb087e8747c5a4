import type { Millis } from '../base/time.ts';
import { BitWriter, XorWriter } from './bit-writer.ts';
import { STALE_HIGH, STALE_LOW } from './write-batch.ts';

/** The bits for the change of the distance of two samples, and the prefix before them. */
const STEPS = [
  [14, 0b10, 2],
  [17, 0b110, 3],
  [20, 0b1110, 4],
] as const;

/** A number, or the end of the series. */
export interface ChunkSample {
  readonly at: Millis;
  readonly value: number | 'stale';
}

/** Samples in the order of time (1 to 65 535) as a chunk of Prometheus' own encoding for numbers (`XOR`). */
export function encodeXorChunk(samples: readonly ChunkSample[]): Uint8Array {
  const out = new BitWriter();
  const values = new XorWriter();
  out.bits(samples.length, 16);
  let before = 0;
  let distance = 0;
  for (const [i, { at, value }] of samples.entries()) {
    if (i === 0) varint(out, at >= 0 ? at * 2 : -at * 2 - 1);
    else if (i === 1) varint(out, at - before);
    else putStep(out, at - before - distance);
    if (i > 0) distance = at - before;
    before = at;
    if (i === 0 && value === 'stale') values.firstWords(out, STALE);
    else if (value === 'stale') values.put(out, STALE);
    else if (i === 0) values.first(out, value);
    else values.next(out, value);
  }
  return out.finish();
}

const STALE = [STALE_HIGH, STALE_LOW] as const;

/** Seven bits a byte, the lowest first. */
function varint(out: BitWriter, value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.byte((rest % 128) | 128);
  out.byte(rest);
}

function putStep(out: BitWriter, step: number): void {
  if (step === 0) return out.bits(0, 1);
  const found = STEPS.find(([width]) => step > -(2 ** (width - 1)) && step <= 2 ** (width - 1));
  if (found === undefined) {
    out.bits(0b1111, 4);
    out.wideBits(step, 64);
    return;
  }
  const [width, prefix, size] = found;
  out.bits(prefix, size);
  out.bits(step | 0, width);
}
