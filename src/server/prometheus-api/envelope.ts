import type { FastifyReply } from 'fastify';
import { JsonBytes } from './json-bytes.ts';
import { sendPieces } from './send-pieces.ts';
import { formatAnswer, type Answered, type Shown } from './format-result.ts';
import type { QueryError, QueryErrorType } from './series-part.ts';

const STATUS: Readonly<Record<QueryErrorType, number>> = {
  bad_data: 400,
  execution: 422,
  canceled: 499,
  timeout: 503,
  internal: 500,
  unavailable: 500,
  not_found: 404,
};

export function sendQueryError(reply: FastifyReply, { errorType, error }: QueryError): FastifyReply {
  return reply.code(STATUS[errorType]).send({ status: 'error', errorType, error });
}

/** `data` under the envelope of the Prometheus API. */
export function sendData(reply: FastifyReply, data: unknown, warnings: readonly string[] = []): FastifyReply {
  return reply.send({ status: 'success', data, ...(warnings.length > 0 && { warnings }) });
}

/** A result: a small one at once, a large one as it is written, so that the server stays responsive meanwhile. */
export function sendAnswer(reply: FastifyReply, answer: Answered, shown: Shown): FastifyReply {
  const json = new JsonBytes();
  const pieces = formatAnswer(answer, shown, json);
  void reply.type('application/json; charset=utf-8');
  const first = pieces.next();
  if (first.done === true) return reply.send('');
  // Only the last piece is followed by nothing.
  const second = pieces.next();
  if (second.done === true) return reply.send(first.value);
  let ahead: IteratorResult<Buffer, void> | null = second;
  const next = (): IteratorResult<Buffer, void> => {
    const piece = ahead ?? pieces.next();
    ahead = null;
    return piece;
  };
  sendPieces(reply, first.value, { next, sent: (piece) => json.reuse(piece) })
    .catch((error: unknown) => {
      reply.log.error(error);
      reply.raw.destroy();
    })
    .finally(() => free(answer));
  return reply;
}

/** Gives the memory of a large result back at once: the collector would come for the sake of it, after each one or two. */
function free({ value }: Answered): void {
  if (!('columns' in value)) return;
  for (const { buffer } of [value.columns.times, value.columns.values]) {
    if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
  }
}
