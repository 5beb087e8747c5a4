import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { increase, measure } from '../../core/base/counters.ts';
import { whyExpelled } from '../gate.ts';
import { METRICS } from '../metrics.ts';
import type { ServerParts } from '../parts.ts';
import { sendRefusal } from '../refusal.ts';
import { openEventStream, type EventStream } from './event-stream.ts';

/** Streams open at the same time, of all kinds and people together. */
const MOST_CLIENTS = 500;

/** Opens live streams: bounded in number, ended with the server, and asked again and again whether they are still allowed. */
export interface LiveClients {
  /** Null: refused, and answered. */
  open(request: FastifyRequest, reply: FastifyReply): EventStream | null;
}

export function liveClients(server: FastifyInstance, parts: ServerParts): LiveClients {
  const streams = new Set<EventStream>();
  const count = (): void => measure(parts.counters, METRICS.liveClients, {}, streams.size);
  server.addHook('preClose', async () => {
    for (const stream of streams) stream.close();
  });
  return {
    open: (request, reply) => {
      if (streams.size >= MOST_CLIENTS) {
        increase(parts.counters, METRICS.liveRefused);
        sendRefusal(reply, { code: 'unavailable', message: 'Too many live streams are open: try again.' });
        return null;
      }
      const stream = openEventStream(reply, parts.timers);
      streams.add(stream);
      count();
      stream.onClose(() => {
        streams.delete(stream);
        count();
      });
      stream.onBeat(() => {
        const leave = (): void => stream.close();
        whyExpelled(parts, request).then((why) => (why === null ? undefined : leave()), leave);
      });
      return stream;
    },
  };
}
