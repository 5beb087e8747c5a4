import type { FastifyInstance, FastifyRequest } from 'fastify';
import { isFinal } from '../../core/actions/run.ts';
import type { Principal } from '../../core/access/actor.ts';
import { paramsOf, principalOf } from '../gate.ts';
import type { OutputPiece, ServerParts } from '../parts.ts';
import { sendRefusal } from '../refusal.ts';
import type { LiveClients } from './clients.ts';
import type { EventStream } from './event-stream.ts';

const PIECE_BYTES = 64 * 1024;

/** `/api/runs/{id}/output/live`: the output from any byte on, then what comes, then the end. */
export function serveOutputLive(server: FastifyInstance, parts: ServerParts, clients: LiveClients): void {
  server.get('/api/runs/:id/output/live', { config: { gate: { access: 'read' } } }, async (request, reply) => {
    const { id = '' } = paramsOf(request);
    const from = offsetOf(request);
    if (from === null) return sendRefusal(reply, { code: 'bad_request', message: 'The offset is no number of bytes.' });
    if ((await parts.world.store.load('run', id)).value === null) {
      return sendRefusal(reply, { code: 'not_found', message: 'There is no such run.' });
    }
    const principal = principalOf(request);
    const stream = clients.open(request, reply);
    if (stream === null) return reply;
    follow(parts, stream, { run: id, principal, from }).catch((error: unknown) => {
      parts.world.log.error('output stream failed', { run: id, error: String(error) });
      stream.close();
    });
    return reply;
  });
}

/** `Last-Event-ID` is what a browser sends when it comes back; it counts more than the offset of the first request. */
function offsetOf(request: FastifyRequest): number | null {
  const { offset } =
    typeof request.query === 'object' && request.query !== null && 'offset' in request.query ? request.query : { offset: '0' };
  const text = request.headers['last-event-id'] ?? offset;
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

interface Following {
  readonly run: string;
  readonly principal: Principal;
  readonly from: number;
}

async function follow(parts: ServerParts, stream: EventStream, { run, principal, from }: Following): Promise<void> {
  const news = listen(parts, stream, run);
  let at = from;
  while (stream.isOpen()) {
    const more = news.next();
    const { value } = await parts.world.store.load('run', run);
    const over = value === null || isFinal(value.state);
    const pieces = await parts.outputs.read(run, at, PIECE_BYTES);
    for (const piece of pieces) {
      at = piece.offset + piece.bytes.length;
      stream.send({ name: 'output', data: JSON.stringify(chunkOf(piece)), id: String(at) });
    }
    await stream.drained();
    if (pieces.length > 0) continue;
    if (over) {
      await end(parts, stream, { run, principal, from: at });
      return;
    }
    await more;
  }
}

async function end(parts: ServerParts, stream: EventStream, { run, principal, from }: Following): Promise<void> {
  const asked = { principal, params: { id: run }, query: {}, body: undefined, idempotencyKey: null };
  const result = await parts.nouns.runs.get(asked);
  stream.send({ name: 'end', data: JSON.stringify('error' in result ? null : result.ok.run), id: String(from) });
  stream.close();
}

function chunkOf(piece: OutputPiece): { offset: number; at: number; stream: string; data: string } {
  return { offset: piece.offset, at: piece.at, stream: piece.stream, data: Buffer.from(piece.bytes).toString('base64') };
}

/** A promise for whatever happens next to the run: more output, another state, or the client is gone. It is made before looking, so that nothing slips in between. */
function listen(parts: ServerParts, stream: EventStream, run: string): { next: () => Promise<void> } {
  let waiting: (() => void)[] = [];
  const wake = (): void => {
    const woken = waiting;
    waiting = [];
    for (const resolve of woken) resolve();
  };
  const stops = [
    parts.outputs.watch(run, wake),
    parts.live.subscribe((about) => {
      if (about.includes(`run/${run}`)) wake();
    }),
  ];
  stream.onClose(() => {
    for (const stop of stops) stop();
    wake();
  });
  stream.onBeat(wake);
  return { next: () => new Promise((resolve) => waiting.push(resolve)) };
}
