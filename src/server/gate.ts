import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Session } from '../core/access/account.ts';
import type { Principal } from '../core/access/actor.ts';
import { whyDenied, type Subject, type Verb } from '../core/access/allow.ts';
import { increase } from '../core/base/counters.ts';
import { identify } from './identify.ts';
import { METRICS } from './metrics.ts';
import { whyForeign } from './origin.ts';
import type { ServerParts } from './parts.ts';
import { sendRefusal } from './refusal.ts';

/** What a route says about who may use it. A route that says nothing cannot be registered. */
export interface Gate {
  /** What core/access/allow is asked; null: answers without authentication. */
  readonly access: Verb | null;
  /** What it is about, where the answer depends on it. */
  readonly subject?: (params: Readonly<Record<string, string>>) => Subject;
  /** Also takes a token as the password of basic authentication, for clients that know nothing else. */
  readonly basic?: boolean;
  /** What comes in the body is the authority and nothing that a browser adds: it does not matter which page it comes from. */
  readonly fromAnywhere?: boolean;
  /** The envelope of its errors. */
  readonly errors?: 'ours' | 'prometheus' | 'text';
}

/** A route as it was registered. */
interface RouteEntry {
  readonly method: string;
  readonly url: string;
  readonly gate: Gate;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    gate?: Gate;
  }
  interface FastifyRequest {
    /** Who asks; null only where the route answers without authentication. */
    principal: Principal | null;
    /** The session, where a cookie said who asks. */
    session: Session | null;
  }
  interface FastifyInstance {
    /** Every route there is, with its gate. */
    readonly routeEntries: RouteEntry[];
  }
}

/** The one door: every request passes here before anything of it is read. */
export function guard(server: FastifyInstance, parts: ServerParts): void {
  server.decorateRequest('principal', null);
  server.decorateRequest('session', null);
  server.decorate('routeEntries', []);
  server.addHook('onRoute', (route) => {
    const gate = route.config?.gate;
    if (gate === undefined) throw new Error(`the route ${route.url} does not say who may use it`);
    for (const method of [route.method].flat()) server.routeEntries.push({ method, url: route.url, gate });
  });
  server.addHook('onRequest', async (request, reply) => {
    const gate = request.routeOptions.config.gate;
    if (gate !== undefined) await admit(parts, gate, request, reply);
  });
}

async function admit(parts: ServerParts, gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const outcome = await decide(parts, gate, request);
  if ('code' in outcome) return deny(parts, reply, outcome);
  request.principal = outcome.principal;
  request.session = outcome.session;
  return undefined;
}

/** Why the request would be refused if it came now, null when it would not: for streams that outlive the moment they were let in. */
export async function whyExpelled(parts: ServerParts, request: FastifyRequest): Promise<string | null> {
  const gate = request.routeOptions.config.gate;
  const outcome = gate === undefined ? null : await decide(parts, gate, request);
  return outcome !== null && 'code' in outcome ? outcome.message : null;
}

interface Denied {
  readonly code: 'unauthenticated' | 'forbidden';
  readonly message: string;
}

async function decide(
  parts: ServerParts,
  gate: Gate,
  request: FastifyRequest,
): Promise<Denied | { readonly principal: Principal | null; readonly session: Session | null }> {
  if (gate.access === null && gate.fromAnywhere === true) return { principal: null, session: null };
  if (gate.access === null) {
    const foreign = whyForeign(request, parts.settings(), null);
    return foreign === null ? { principal: null, session: null } : { code: 'forbidden', message: foreign };
  }
  const identity = await identify(parts, request, gate.basic === true);
  if (identity.how === 'refused') return { code: 'unauthenticated', message: identity.why };
  const { principal } = identity;
  const why = whyDenied(principal, gate.access, gate.subject?.(paramsOf(request)) ?? {});
  if (why !== null) return { code: principal === null ? 'unauthenticated' : 'forbidden', message: why };
  const foreign = whyForeign(request, parts.settings(), identity);
  if (foreign !== null) return { code: 'forbidden', message: foreign };
  return { principal, session: identity.how === 'session' ? identity.session : null };
}

function deny(parts: ServerParts, reply: FastifyReply, { code, message }: Denied): FastifyReply {
  increase(parts.counters, METRICS.denied, { code });
  if (code === 'unauthenticated') void reply.header('www-authenticate', 'Bearer realm="tocsin"');
  return sendRefusal(reply, { code, message });
}

export function paramsOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const params: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.params ?? {})) if (typeof value === 'string') params[name] = value;
  return params;
}

/** Who asks, where the gate has made sure that somebody does. */
export function principalOf(request: FastifyRequest): Principal {
  if (request.principal === null) throw new Error('a handler ran without a principal');
  return request.principal;
}
