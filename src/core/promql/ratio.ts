import type { Labels } from '../base/labels.ts';
import { utf8Bytes } from '../base/utf8.ts';
import { xxHash64 } from '../base/xxhash.ts';

const SPAN = 2 ** 64;

/**
 * A place in 0..1 that depends on the labels only and is spread evenly: which series `limit_ratio` takes. It is the place Prometheus gives
 * them (XXH64 of its flat label sets), so that both take the same ones.
 */
export function ratioOffset(labels: Labels): number {
  const bytes: number[] = [];
  for (const name of Object.keys(labels).sort()) {
    addSized(bytes, name);
    addSized(bytes, labels[name] ?? '');
  }
  return Number(xxHash64(Uint8Array.from(bytes))) / SPAN;
}

/** A text after its length: one byte below 255, else 255 and three bytes, the lowest first. */
function addSized(bytes: number[], text: string): void {
  const body = utf8Bytes(text);
  if (body.length < 255) bytes.push(body.length);
  else bytes.push(255, body.length & 255, (body.length >> 8) & 255, (body.length >> 16) & 255);
  for (const byte of body) bytes.push(byte);
}
