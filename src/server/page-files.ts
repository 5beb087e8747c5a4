import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sha256 } from '../core/base/sha256.ts';
import type { ServerParts } from './parts.ts';
import { sendRefusal } from './refusal.ts';

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
  webp: 'image/webp',
  woff2: 'font/woff2',
  webmanifest: 'application/manifest+json',
  txt: 'text/plain; charset=utf-8',
};
const SAFE_PATH = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)*[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
/** The build puts a hash of the content into the names below this folder. */
const HASHED = /^assets\//;
const ENCODINGS = [
  ['br', '.br'],
  ['gzip', '.gz'],
] as const;
const NOT_BUILT = 'The page has not been built: npm start builds it. The API answers without it.\n';

/** The built page: its files, and for every other address the page itself, which knows what it means. */
export function servePage(server: FastifyInstance, parts: ServerParts): void {
  const handler = (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => serve(parts, request, reply);
  server.route({ method: ['GET', 'HEAD'], url: '/', config: { gate: { access: null } }, handler });
  server.route({ method: ['GET', 'HEAD'], url: '/*', config: { gate: { access: null } }, handler });
  server.setNotFoundHandler((_request, reply) => sendRefusal(reply, { code: 'not_found', message: 'There is nothing here.' }));
}

async function serve(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const path = request.url.split('?', 1)[0]?.slice(1) ?? '';
  if (isForMachines(path)) return sendRefusal(reply, { code: 'not_found', message: 'There is nothing here.' });
  if (parts.loadPage === null) return reply.code(503).type('text/plain').send(NOT_BUILT);
  const extension = /\.([a-z0-9]+)$/.exec(path)?.[1];
  const type = extension === undefined ? undefined : TYPES[extension];
  if (type !== undefined && SAFE_PATH.test(path)) return sendFile(parts, { path, type }, request, reply);
  if (extension !== undefined && HASHED.test(path)) return sendRefusal(reply, { code: 'not_found', message: 'There is no such file.' });
  return sendFile(parts, { path: 'index.html', type: TYPES['html'] ?? '' }, request, reply);
}

/** Below these an unknown address is a mistake of a program, which must not be answered with a page. */
function isForMachines(path: string): boolean {
  return /^(api|v1|-|federate|metrics)(\/|$)/.test(path);
}

async function sendFile(
  parts: ServerParts,
  file: { readonly path: string; readonly type: string },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const accepted = request.headers['accept-encoding'] ?? '';
  for (const [encoding, suffix] of [...ENCODINGS.filter(([name]) => accepts(accepted, name)), ['', ''] as const]) {
    const bytes = (await parts.loadPage?.(file.path + suffix)) ?? null;
    if (bytes === null) continue;
    const hashed = HASHED.test(file.path);
    const etag = `"${sha256(hashed ? file.path : Buffer.from(bytes).toString('latin1')).slice(0, 20)}${encoding}"`;
    const caching = hashed ? 'public, max-age=31536000, immutable' : 'no-cache';
    void reply.headers({ etag, 'cache-control': caching, vary: 'Accept-Encoding' }).type(file.type);
    if (encoding !== '') void reply.header('content-encoding', encoding);
    return request.headers['if-none-match'] === etag ? reply.code(304).send() : reply.send(Buffer.from(bytes));
  }
  if (file.path === 'index.html') return reply.code(503).type('text/plain').send(NOT_BUILT);
  return sendRefusal(reply, { code: 'not_found', message: 'There is no such file.' });
}

function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name, quality] = part.trim().split(';');
    return name?.trim() === encoding && quality?.trim() !== 'q=0';
  });
}
