import type { FastifyReply } from 'fastify';
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
  const pieces = formatAnswer(answer, shown);
  void reply.type('application/json; charset=utf-8');
  const first = pieces.next();
  if (first.done === true) return reply.send('');
  let pending: Buffer | null = first.value;
  // Only the last piece is followed by nothing.
  let next = pieces.next();
  if (next.done === true) return reply.send(pending);
  return reply.send(
    new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (pending !== null) {
          controller.enqueue(pending);
          pending = null;
        } else if (next.done === true) controller.close();
        else {
          controller.enqueue(next.value);
          next = pieces.next();
        }
      },
    }),
  );
}
