import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { takeOne, type Buckets } from '../../core/access/rate-limit.ts';
import type { DecisionLink } from '../../core/actions/decision-link.ts';
import { increase } from '../../core/base/counters.ts';
import { SECOND } from '../../core/base/time.ts';
import { ERROR_STATUS } from '../../contract/endpoint.ts';
import { decideByLink, openDecisionLink, readDecisionToken } from '../../engine/commands/decision-links.ts';
import { paramsOf, type Gate } from '../gate.ts';
import { METRICS } from '../metrics.ts';
import type { ServerParts } from '../parts.ts';
import { decidedPage, decisionPage, invalidPage, LONGEST_COMMENT, overPage, plainPage } from './decision-page.ts';
import { sendPage, type Page } from './page-frame.ts';

/** At once, then one every two seconds: for each link, and for each address that sends what was not signed here. */
const ATTEMPTS = { burst: 30, every: 2 * SECOND, keys: 10_000 };
const BODY_LIMIT_BYTES = 64 * 1024;

/** The token is the authority. No cookie is looked at, so another page can do nothing with a browser that it could not do without one. */
const BY_TOKEN: { readonly gate: Gate } = { gate: { access: null, fromAnywhere: true } };

/**
 * The links of the mails that ask one person for one decision. To open one only shows: mail servers open every link. The token stands in the
 * path because the page needs no script, so nothing here ever writes a path down.
 */
export function serveDecisions(server: FastifyInstance, parts: ServerParts): void {
  const { counters, world } = parts;
  const buckets: Buckets = new Map();
  const context = () => ({ now: world.clock.now(), externalUrl: parts.settings().server.externalUrl });
  const refuse = (reply: FastifyReply, reason: string, page: Page): FastifyReply => {
    increase(counters, METRICS.decisionLinksRefused, { reason });
    return sendPage(reply, page);
  };
  const invalid = (reply: FastifyReply): FastifyReply => refuse(reply, 'not valid', invalidPage(context().externalUrl));

  /** The link of a token, unless it is none or used too often: then that is answered. */
  const admit = (request: FastifyRequest, reply: FastifyReply, token: string): DecisionLink | null => {
    const link = readDecisionToken(world, token);
    const key = link === null ? `from ${request.ip}` : `link ${link.run} ${link.person}`;
    const wait = takeOne(buckets, ATTEMPTS, key, world.clock.now());
    if (wait !== null) {
      const text = `Too many attempts: wait ${Math.ceil(wait / SECOND)} seconds.`;
      refuse(reply, 'too many', plainPage(ERROR_STATUS.too_many_requests, { title: 'Wait a moment', text }, context().externalUrl));
      return null;
    }
    if (link === null) invalid(reply);
    return link;
  };

  server.get('/decide/:token', { config: BY_TOKEN }, async (request, reply) => {
    const token = paramsOf(request)['token'] ?? '';
    const link = admit(request, reply, token);
    if (link === null) return reply;
    const opened = await openDecisionLink(world, parts.settings(), link);
    return opened === null ? invalid(reply) : sendPage(reply, decisionPage(opened, token, context()));
  });

  server.post('/decide', { config: BY_TOKEN, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
    const link = admit(request, reply, form.get('token') ?? '');
    if (link === null) return reply;
    const comment = (form.get('comment') ?? '').replaceAll('\r\n', '\n').trim();
    if (comment.length > LONGEST_COMMENT) {
      const text = `The comment is longer than ${LONGEST_COMMENT} characters. Nothing has been decided: go back and shorten it.`;
      return refuse(reply, 'bad request', plainPage(ERROR_STATUS.bad_request, { title: 'Too long', text }, context().externalUrl));
    }
    const result = await decideByLink(world, parts.settings(), link, comment);
    const opened = await openDecisionLink(world, parts.settings(), link);
    if (opened === null) return invalid(reply);
    // As the decision left it: by now its agent may have begun.
    if (!('error' in result)) return sendPage(reply, decidedPage({ ...opened, run: result.ok }, context()));
    const { code, message } = result.error;
    return refuse(reply, code.replaceAll('_', ' '), overPage(opened, context(), { status: ERROR_STATUS[code], note: message }));
  });
}
