import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { paramsOf } from './gate.ts';
import type { OutputPiece, ServerParts } from './parts.ts';
import { sendRefusal } from './refusal.ts';

const PIECE_BYTES = 256 * 1024;
const READ = { config: { gate: { access: 'read' } } } as const;
const STREAMS: readonly string[] = ['stdout', 'stderr', 'note'];

/** Files to take away: the output of a run, the documents of a recommendation. */
export function serveDownloads(server: FastifyInstance, parts: ServerParts): void {
  server.get('/api/runs/:id/output', READ, (request, reply) => sendOutput(parts, request, reply));
  server.get('/api/recommendations/:id/documents/:n', READ, (request, reply) => sendDocument(parts, request, reply));
}

async function sendOutput(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id = '' } = paramsOf(request);
  const { stream } =
    typeof request.query === 'object' && request.query !== null && 'stream' in request.query ? request.query : { stream: null };
  if (stream !== null && (typeof stream !== 'string' || !STREAMS.includes(stream))) {
    return sendRefusal(reply, { code: 'bad_request', message: `The stream is one of ${STREAMS.join(', ')}.` });
  }
  const { value } = await parts.world.store.load('run', id);
  if (value === null) return sendRefusal(reply, { code: 'not_found', message: 'There is no such run.' });
  const length = await parts.outputs.length(id);
  void reply.headers({ 'content-disposition': attachment(`run-${id}.log`), 'cache-control': 'no-store' }).type('text/plain; charset=utf-8');
  if (stream !== null) return reply.send(streamOf(bytesOf(parts, id, { from: 0, to: length, stream })));
  void reply.header('accept-ranges', 'bytes');
  const range = parseRange(request.headers.range, length);
  if (range === 'none') {
    void reply.header('content-length', length);
    return reply.send(streamOf(bytesOf(parts, id, { from: 0, to: length, stream })));
  }
  if (range === 'unsatisfiable') {
    void reply.header('content-range', `bytes */${length}`);
    return sendRefusal(reply, { code: 'bad_request', status: 416, message: 'There is nothing in this range.' });
  }
  void reply
    .code(206)
    .headers({ 'content-range': `bytes ${range.from}-${range.to - 1}/${length}`, 'content-length': range.to - range.from });
  return reply.send(streamOf(bytesOf(parts, id, { ...range, stream })));
}

async function* bytesOf(
  parts: ServerParts,
  run: string,
  part: { readonly from: number; readonly to: number; readonly stream: string | null },
): AsyncGenerator<Uint8Array> {
  let at = part.from;
  while (at < part.to) {
    const pieces: readonly OutputPiece[] = await parts.outputs.read(run, at, Math.min(PIECE_BYTES, part.to - at));
    if (pieces.length === 0) return;
    for (const piece of pieces) {
      const bytes = piece.bytes.subarray(0, Math.max(0, part.to - at));
      at += bytes.length;
      if (bytes.length > 0 && (part.stream === null || piece.stream === part.stream)) yield bytes;
    }
  }
}

/** One range of bytes, `to` exclusive. Several at once, or what is no range, count as none, as the protocol allows. */
function parseRange(header: string | undefined, length: number): { readonly from: number; readonly to: number } | 'none' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '');
  if (match === null) return 'none';
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return 'none';
  if (first === '') {
    const count = Math.min(Number(last), length);
    return count === 0 ? 'unsatisfiable' : { from: length - count, to: length };
  }
  const from = Number(first);
  const to = last === '' ? length : Math.min(Number(last) + 1, length);
  return from >= length || to <= from ? 'unsatisfiable' : { from, to };
}

async function sendDocument(parts: ServerParts, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { id = '', n = '' } = paramsOf(request);
  const { value } = await parts.world.store.load('advice', id);
  const recommendation = value === null ? undefined : parts.settings().recommendations.get(value.recommendation);
  const document = /^\d{1,4}$/.test(n) ? recommendation?.documents[Number(n)] : undefined;
  const opened = document === undefined ? null : await parts.openDocument(document);
  if (document === undefined || opened === null) return sendRefusal(reply, { code: 'not_found', message: 'There is no such document.' });
  void reply.headers({ 'content-disposition': attachment(document.name), 'content-length': opened.bytes, 'cache-control': 'no-store' });
  return reply.type('application/octet-stream').send(streamOf(opened.chunks));
}

/** Always to be saved, never to be shown: what is in it is not ours. */
function attachment(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`;
}

function streamOf(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const iterator = chunks[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const next = await iterator.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
    cancel: async () => {
      await iterator.return?.();
    },
  });
}
