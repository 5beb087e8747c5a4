import type { FastifyInstance } from 'fastify';
import { increase, measure } from '../core/base/counters.ts';
import { METRICS } from './metrics.ts';
import type { ServerParts } from './parts.ts';

/** Who has not sent the head of a request by then is not going to. */
export const SLOWEST_HEADERS_MS = 10_000;
/** How often the runtime looks for those who are too slow. */
export const LOOK_EVERY_MS = 5_000;

/** Keeps the number of connections bounded, and counts them and those that were closed for it. */
export function boundConnections({ server }: FastifyInstance, { settings, counters }: Pick<ServerParts, 'settings' | 'counters'>): void {
  let open = 0;
  const count = (change: 1 | -1): void => {
    open += change;
    measure(counters, METRICS.connections, {}, open);
  };
  server.maxConnections = settings().server.maxConnections;
  server.on('drop', () => increase(counters, METRICS.connectionsRefused));
  server.on('connection', (socket) => {
    // A changed configuration counts from the next connection on.
    server.maxConnections = settings().server.maxConnections;
    count(1);
    socket.once('close', () => count(-1));
  });
}
