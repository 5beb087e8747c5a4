import { isMarkedAsUntransferable } from 'node:worker_threads';

/** The bytes in memory of their own, which can move to another thread: copied when they share it, as those of the pool of small ones do. */
export function movable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  const isOwn = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength && !isMarkedAsUntransferable(buffer);
  return isOwn ? (bytes as Uint8Array<ArrayBuffer>) : new Uint8Array(bytes);
}
