import type { FastifyInstance } from 'fastify';
import type { ServerParts } from './parts.ts';

/** Scripts only from files of our own. Styles may stand inline because the page's component library writes its variables into a style element. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const CORS_METHODS = 'GET, POST, PUT, DELETE';
const CORS_HEADERS = 'Authorization, Content-Type, Idempotency-Key, Last-Event-ID';

/** What every answer carries, and the answer to origins that the configuration names. */
export function sendSecurityHeaders(server: FastifyInstance, parts: ServerParts): void {
  server.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'x-frame-options': 'DENY',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    });
    const { externalUrl, corsOrigins } = parts.settings().server;
    if (externalUrl.startsWith('https:')) void reply.header('strict-transport-security', 'max-age=31536000');
    const { origin } = request.headers;
    if (origin === undefined || !corsOrigins.includes(origin)) return;
    void reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin', 'cross-origin-resource-policy': 'cross-origin' });
    if (request.method !== 'OPTIONS') return;
    void reply.headers({ 'access-control-allow-methods': CORS_METHODS, 'access-control-allow-headers': CORS_HEADERS });
    await reply.code(204).send();
  });
}
