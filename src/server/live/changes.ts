import type { FastifyInstance } from 'fastify';
import { increase } from '../../core/base/counters.ts';
import type { Millis } from '../../core/base/time.ts';
import { METRICS } from '../metrics.ts';
import type { ServerParts } from '../parts.ts';
import type { LiveClients } from './clients.ts';
import type { EventStream } from './event-stream.ts';

/** What changes within this time is told together. */
const GATHER: Millis = 100;
/** More different things than this at once are told as "everything". */
const MOST_ABOUT = 1_000;

/** `/api/live`: what changed, so that a page asks again for what it shows. Nobody is told twice, and nobody slow costs memory. */
export function serveChanges(server: FastifyInstance, parts: ServerParts, clients: LiveClients): void {
  const listeners = new Set<Listener>();
  const era = parts.world.random.id();
  let seq = 0;
  let gathered = new Set<string>();
  let cancel: (() => void) | null = null;

  const tell = (): void => {
    cancel = null;
    const about = [...gathered];
    gathered = new Set();
    seq++;
    const event =
      about.length > MOST_ABOUT
        ? { name: 'overflow', data: JSON.stringify({ seq }), id: `${era}-${seq}` }
        : { name: 'change', data: JSON.stringify({ seq, about }), id: `${era}-${seq}` };
    for (const listener of listeners) listener.tell(event);
  };
  const unsubscribe = parts.live.subscribe((about) => {
    if (about.length === 0) return;
    if (listeners.size === 0) {
      // Whoever comes back has missed it.
      seq++;
      return;
    }
    for (const one of about) if (gathered.size <= MOST_ABOUT) gathered.add(one);
    cancel ??= parts.timers.after(GATHER, tell);
  });
  server.addHook('onClose', async () => {
    cancel?.();
    unsubscribe();
  });

  server.get('/api/live', { config: { gate: { access: 'read' } } }, (request, reply) => {
    const stream = clients.open(request, reply);
    if (stream === null) return;
    const listener = openListener(parts, stream, () => ({ name: 'overflow', data: JSON.stringify({ seq }), id: `${era}-${seq}` }));
    const last = request.headers['last-event-id'];
    // It was here before and has missed something, or was told by an earlier life of the server.
    if (last !== undefined && last !== `${era}-${seq}`) listener.reload();
    else stream.send({ name: 'hello', data: JSON.stringify({ seq }), id: `${era}-${seq}` });
    listeners.add(listener);
    stream.onClose(() => listeners.delete(listener));
  });
}

type Event = Parameters<EventStream['send']>[0];

interface Listener {
  tell(event: Event): void;
  /** Tells it to load everything again. */
  reload(): void;
}

/** A client that takes too little is told nothing until it has caught up, and then to load everything again. */
function openListener(parts: ServerParts, stream: EventStream, overflow: () => Event): Listener {
  let waiting = false;
  return {
    tell: (event) => {
      if (waiting) return;
      if (!stream.isSlow()) {
        stream.send(event);
        return;
      }
      waiting = true;
      increase(parts.counters, METRICS.liveOverflows);
      void stream.drained().then(() => {
        waiting = false;
        stream.send(overflow());
      });
    },
    reload: () => stream.send(overflow()),
  };
}
