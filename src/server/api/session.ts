import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Principal, Role } from '../../core/access/actor.ts';
import { allowedVerbs } from '../../core/access/allow.ts';
import { takeOne, type Buckets } from '../../core/access/rate-limit.ts';
import { increase } from '../../core/base/counters.ts';
import { refuse, type Result } from '../../core/base/result.ts';
import { SECOND } from '../../core/base/time.ts';
import { session } from '../../contract/api/account.ts';
import type { AnswerOf } from '../../contract/infer.ts';
import { changePassword, closeSession, login, newLoginMemory, type OpenedSession } from '../../engine/commands/sessions.ts';
import { describeLink, needsSetup, useLink } from '../../engine/commands/setup-links.ts';
import { setSessionCookie } from '../cookies.ts';
import { identify } from '../identify.ts';
import { METRICS } from '../metrics.ts';
import { whyForeign } from '../origin.ts';
import type { ServerParts } from '../parts.ts';
import { registerOpen } from '../register.ts';

/** Guesses from one address: this many at once, then one every two seconds. */
const GUESSES = { burst: 30, every: 2 * SECOND, keys: 10_000 };
/** Password hashes cost memory on purpose; more at once are refused. */
const MOST_AT_ONCE = 8;

type Me = AnswerOf<typeof session.login>;

/** Signing in and out, one-time links, the own password. */
export function registerSession(server: FastifyInstance, parts: ServerParts): void {
  const memory = newLoginMemory();
  const { guarded } = guessGuard(parts);
  const enter = (result: Result<OpenedSession>, reply: Parameters<typeof setSessionCookie>[0]): Result<Me> => {
    if ('error' in result) {
      increase(parts.counters, METRICS.loginsRefused, { code: result.error.code });
      return result;
    }
    setSessionCookie(reply, parts.settings(), result.ok.secret);
    return { ok: viewMe(result.ok.principal, result.ok.session.csrf) };
  };

  registerOpen(server, session.state, async (_asked, { request }) => {
    const identity = await identify(parts, request, false);
    const known = identity.how !== 'refused' && identity.principal !== null && whyForeign(request, parts.settings(), identity) === null;
    const me = known ? viewMe(identity.principal, identity.how === 'session' ? identity.session.csrf : null) : null;
    return { ok: { me, needsSetup: await needsSetup(parts), version: parts.version } };
  });
  registerOpen(server, session.login, async ({ body }, { request, reply }) =>
    enter(await guarded(request, () => login(parts, memory, body)), reply),
  );
  registerOpen(server, session.link, async ({ body }, { request }) => {
    const described = await guarded(request, () => describeLink(parts, body.secret));
    if ('error' in described) return described;
    const { purpose, user, role } = described.ok;
    return { ok: { purpose, user, role: personRole(role) } };
  });
  registerOpen(server, session.setup, async ({ body }, { request, reply }) =>
    enter(await guarded(request, () => useLink(parts, { secret: body.secret, name: body.name ?? null, password: body.password })), reply),
  );
  registerOpen(server, session.logout, async (_asked, { request, reply }) => {
    const identity = await identify(parts, request, false);
    if (identity.how !== 'session') return { ok: null };
    const foreign = whyForeign(request, parts.settings(), identity);
    if (foreign !== null) return refuse('forbidden', foreign);
    await closeSession(parts, identity.session);
    setSessionCookie(reply, parts.settings(), null);
    return { ok: null };
  });
  registerOpen(server, session.password, async ({ body }, { request }) => {
    if (request.session === null) return refuse('forbidden', 'Only a signed-in person has a password.');
    const { session: own } = request;
    return guarded(request, () => changePassword(parts, own, body));
  });
}

/** Bounds what guessing can cost, whoever guesses. */
function guessGuard(parts: ServerParts): { guarded: <T>(request: FastifyRequest, act: () => Promise<Result<T>>) => Promise<Result<T>> } {
  const buckets: Buckets = new Map();
  let busy = 0;
  return {
    guarded: async (request, act) => {
      const wait = takeOne(buckets, GUESSES, request.ip, parts.world.clock.now());
      if (wait !== null) return refuse('too_many_requests', `Too many attempts: wait ${Math.ceil(wait / SECOND)} seconds.`);
      if (busy >= MOST_AT_ONCE) return refuse('too_many_requests', 'Too many people sign in at once: try again.');
      busy++;
      try {
        return await act();
      } finally {
        busy--;
      }
    },
  };
}

function viewMe(principal: Principal, csrf: string | null): Me {
  const { kind, name } = principal.actor;
  const { role, teams } = principal;
  return { name, kind: kind === 'user' || kind === 'anonymous' ? kind : 'token', role, teams, csrf, may: allowedVerbs(principal) };
}

function personRole(role: Role): 'viewer' | 'operator' | 'admin' {
  return role === 'admin' || role === 'operator' ? role : 'viewer';
}
