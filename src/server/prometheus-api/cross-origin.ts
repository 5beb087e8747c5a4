import type { FastifyInstance } from 'fastify';

/** What a browser asks before it lets another page ask. Whether that page may is said for the origins of the configuration only. */
export function serveCrossOrigin(server: FastifyInstance): void {
  const config = { gate: { access: null, errors: 'prometheus' } } as const;
  server.options('/api/v1/*', { config }, (_request, reply) =>
    reply
      .code(204)
      .headers({
        'access-control-allow-methods': 'GET, POST, OPTIONS',
        'access-control-allow-headers': 'Accept, Authorization, Content-Type, Origin',
      })
      .send(),
  );
}
