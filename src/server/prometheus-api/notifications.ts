import type { FastifyInstance } from 'fastify';
import { formatInstant } from '../../core/base/calendar.ts';
import { formatProblem } from '../../core/base/problem.ts';
import { SECOND } from '../../core/base/time.ts';
import type { LiveClients } from '../live/clients.ts';
import type { ServerParts } from '../parts.ts';
import { sendData } from './envelope.ts';

const config = { gate: { access: 'read', basic: true, errors: 'prometheus' } } as const;

/** What a Prometheus shows to everybody who opens its page. */
interface Notification {
  readonly text: string;
  readonly date: string;
  readonly active: boolean;
}

/** `/api/v1/notifications`, and `notifications/live`: each as an event when it begins and when it ends. */
export function serveNotifications(server: FastifyInstance, parts: ServerParts, clients: LiveClients): void {
  server.get('/api/v1/notifications', { config }, (_request, reply) => sendData(reply, notificationsOf(parts)));
  server.get('/api/v1/notifications/live', { config }, (request, reply) => {
    const stream = clients.open(request, reply);
    if (stream === null) return;
    let told = new Map<string, Notification>();
    let cancel = (): void => {};
    const tell = (one: Notification): void => stream.send({ name: 'message', data: JSON.stringify(one) });
    const look = (): void => {
      const active = new Map(notificationsOf(parts).map((one) => [one.text, one]));
      for (const [text, one] of told) if (!active.has(text)) tell({ ...one, active: false });
      for (const [text, one] of active) if (!told.has(text)) tell(one);
      told = active;
      if (stream.isOpen()) cancel = parts.timers.after(SECOND, look);
    };
    stream.onClose(() => cancel());
    look();
  });
}

function notificationsOf({ configuration }: ServerParts): readonly Notification[] {
  const { failedAt, problems } = configuration();
  const [problem] = problems;
  if (problem === undefined || failedAt === null) return [];
  return [{ text: `Configuration reload has failed: ${formatProblem(problem)}`, date: formatInstant(failedAt), active: true }];
}
