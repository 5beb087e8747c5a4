import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Principal } from '../../core/access/actor.ts';
import { type Counters, increase, type Metric } from '../../core/base/counters.ts';
import { SECOND } from '../../core/base/time.ts';
import { AGENT_PATHS, Hello, type HelloAnswer, Reports } from '../../contract/agent.ts';
import type { Random } from '../../world.ts';
import { principalOf } from '../gate.ts';
import type { Timers } from '../parts.ts';
import { sendRefusal } from '../refusal.ts';
import type { Hub, OrderSink } from './hub.ts';
import { type ReportDoors, takeReports } from './take-reports.ts';

export interface AgentParts extends ReportDoors {
  readonly hub: Hub;
  readonly random: Pick<Random, 'id'>;
  readonly timers: Timers;
  readonly counters: Counters;
  /** Why these credentials would be refused if they came now, null when they would not. */
  readonly whyExpelled: (request: FastifyRequest) => Promise<string | null>;
}

const HEARTBEAT = 10 * SECOND;
const HELLO_BYTES = 2 << 20;
const REPORTS_BYTES = 4 << 20;
/** Unsent bytes above which an agent counts as gone. */
const MOST_UNSENT_BYTES = 8 << 20;
/** Deliveries of one host that wait for each other. */
const MOST_WAITING = 4;
const GATE = { gate: { access: 'act as agent' } } as const;

const METRICS: Readonly<Record<'refused', Metric>> = {
  refused: { name: 'tocsin_agent_requests_refused_total', help: 'Requests of agents that were refused, by reason.', type: 'counter' },
};

/** What agents speak: see contract/agent.ts. */
export function agentRoutes(parts: AgentParts): (server: FastifyInstance) => void {
  return (server) => {
    server.post(AGENT_PATHS.hello, { config: GATE, bodyLimit: HELLO_BYTES }, (request, reply) => receiveHello(parts, request, reply));
    server.get(AGENT_PATHS.orders, { config: GATE }, (request, reply) => openOrders(parts, request, reply));
    serveReports(server, parts);
    server.addHook('preClose', async () => parts.hub.close());
  };
}

/**
 * Why these credentials may not speak for this host, null when they may: a token of an agent bears the name of its host, and only the
 * server gives credentials to the local agent.
 */
function whyNotHost({ actor }: Principal, host: string): string | null {
  if (actor.name === host) return null;
  return `These credentials speak for ${actor.name}, not for ${host}: an agent's token has the name of its host.`;
}

function refuse(parts: AgentParts, reply: FastifyReply, reason: string, refused: Parameters<typeof sendRefusal>[1]): FastifyReply {
  increase(parts.counters, METRICS.refused, { reason });
  return sendRefusal(reply, refused);
}

async function receiveHello(parts: AgentParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const principal = principalOf(request);
  const parsed = Hello.safeParse(request.body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
    return refuse(parts, reply, 'malformed', { code: 'bad_request', message: 'The hello is not understood.', problems });
  }
  const hello = parsed.data;
  const why =
    whyNotHost(principal, hello.host) ?? (hello.local && principal.actor.kind !== 'agent' ? 'Only the server starts a local agent.' : null);
  if (why !== null) return refuse(parts, reply, 'other host', { code: 'forbidden', message: why });
  if (!parts.hub.isOpen) return refuse(parts, reply, 'closing', { code: 'unavailable', message: 'The server is going down.' });
  const offsets: Record<string, number> = {};
  for (const { run } of hello.runs) if ((await parts.ordered(run))?.host === hello.host) offsets[run] = await parts.outputs.length(run);
  const session = parts.random.id();
  parts.hub.greet(session, hello);
  const answer: HelloAnswer = { session, offsets };
  return reply.send(answer);
}

function openOrders(parts: AgentParts, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { host, session } = queryOf(request);
  const why = whyNotHost(principalOf(request), host);
  if (why !== null) return refuse(parts, reply, 'other host', { code: 'forbidden', message: why });
  if (!parts.hub.knows(host, session)) {
    return refuse(parts, reply, 'old session', { code: 'conflict', message: 'This is not the newest session of the host: say hello.' });
  }
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
  raw.write('\n');
  let cancelBeat = (): void => {};
  const beat = (): void => {
    if (!sink.send('\n')) return sink.close();
    cancelBeat = parts.timers.after(HEARTBEAT, beat);
    // A token that was revoked gets no more orders.
    const leave = (): void => sink.close();
    parts.whyExpelled(request).then((why) => (why === null ? undefined : leave()), leave);
  };
  const sink: OrderSink = {
    send: (line) => {
      if (raw.destroyed || raw.writableEnded || raw.writableLength > MOST_UNSENT_BYTES) return false;
      raw.write(line);
      return true;
    },
    close: () => {
      raw.end();
      gone();
      // An agent that does not read would keep the socket.
      parts.timers.after(SECOND, () => raw.destroy());
    },
  };
  let isGone = false;
  function gone(): void {
    if (isGone) return;
    isGone = true;
    cancelBeat();
    parts.hub.detach(host, session);
  }
  raw.on('error', gone);
  raw.on('close', gone);
  cancelBeat = parts.timers.after(HEARTBEAT, beat);
  parts.hub.attach(host, session, sink);
  return reply;
}

function serveReports(server: FastifyInstance, parts: AgentParts): void {
  const queues = new Map<string, { waiting: number; last: Promise<unknown> }>();
  server.post(AGENT_PATHS.reports, { config: GATE, bodyLimit: REPORTS_BYTES }, async (request, reply) => {
    const { host } = queryOf(request);
    const why = whyNotHost(principalOf(request), host);
    if (why !== null) return refuse(parts, reply, 'other host', { code: 'forbidden', message: why });
    const parsed = Reports.safeParse(request.body);
    if (!parsed.success) {
      const problems = parsed.error.issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
      return refuse(parts, reply, 'malformed', { code: 'bad_request', message: 'The reports are not understood.', problems });
    }
    const queue = queues.get(host) ?? { waiting: 0, last: Promise.resolve() };
    if (queue.waiting >= MOST_WAITING)
      return refuse(parts, reply, 'too many', { code: 'too_many_requests', message: 'One delivery at a time.' });
    queues.set(host, queue);
    queue.waiting += 1;
    // A repeated delivery may overtake the first try of the same one, which the agent has given up: one after the other.
    const taken = queue.last.then(() => takeReports(parts, host, parsed.data.reports));
    queue.last = taken.catch(() => {}).then(() => leaveQueue(queues, host));
    return reply.send(await taken);
  });
}

function leaveQueue(queues: Map<string, { waiting: number }>, host: string): void {
  const queue = queues.get(host);
  if (queue === undefined) return;
  queue.waiting -= 1;
  if (queue.waiting === 0) queues.delete(host);
}

function queryOf(request: FastifyRequest): { readonly host: string; readonly session: string } {
  const query: unknown = request.query;
  const read = (name: string): string => {
    const value: unknown = typeof query === 'object' && query !== null ? Reflect.get(query, name) : undefined;
    return typeof value === 'string' ? value : '';
  };
  return { host: read('host'), session: read('session') };
}
