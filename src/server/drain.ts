import type { FastifyRequest } from 'fastify';
import { SECOND } from '../core/base/time.ts';
import type { Timers } from './parts.ts';

const MOST_BYTES = 256 * 1024 * 1024;
const LONGEST = 10 * SECOND;

/**
 * Lets the rest of a refused body come and forgets it: a client that is still sending reads an answer only then, else it sees a broken
 * connection and sends the same again and again. Who sends more than this, or slower, is not waited for.
 */
export function drain({ raw }: Pick<FastifyRequest, 'raw'>, timers: Timers): Promise<void> {
  if (raw.readableEnded || raw.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let taken = 0;
    const cancel = timers.after(LONGEST, resolve);
    const done = (): void => {
      cancel();
      resolve();
    };
    raw.on('data', (chunk: Uint8Array) => {
      taken += chunk.length;
      if (taken > MOST_BYTES) done();
    });
    raw.once('end', done);
    raw.once('close', done);
    raw.resume();
  });
}
