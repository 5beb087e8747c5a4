import { setImmediate } from 'node:timers/promises';
import type { FastifyReply } from 'fastify';
import type { Millis } from '../../core/base/time.ts';

/** How long pieces are made one after the other before other requests have their turn. */
const SLICE: Millis = 4;

/** An answer that is sent as it is made. */
export interface Pieces {
  readonly next: () => IteratorResult<Buffer, unknown>;
  /** The memory of a piece that was sent may hold another one: fresh memory for each would be collected for longer than it takes to fill it. */
  readonly sent: (piece: Buffer) => void;
}

/** Takes the answer over from Fastify and writes it piece by piece, while at most two wait for the client. */
export async function sendPieces(reply: FastifyReply, first: Buffer, pieces: Pieces): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value);
  raw.statusCode = reply.statusCode;
  let isOpen = true;
  let wake: (() => void) | null = null;
  let waiting = 0;
  raw.once('close', () => {
    isOpen = false;
    wake?.();
  });
  raw.on('error', () => {
    isOpen = false;
    wake?.();
  });
  let since = performance.now();
  let next: IteratorResult<Buffer, unknown> = { done: false, value: first };
  while (isOpen && next.done !== true) {
    const piece = next.value;
    waiting += 1;
    raw.write(piece, () => {
      waiting -= 1;
      pieces.sent(piece);
      wake?.();
    });
    if (waiting > 1)
      await new Promise<void>((done) => {
        wake = done;
      });
    if (performance.now() - since > SLICE) {
      await setImmediate();
      since = performance.now();
    }
    next = pieces.next();
  }
  if (isOpen) raw.end();
}
