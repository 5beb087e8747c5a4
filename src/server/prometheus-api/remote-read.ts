import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Labels } from '../../core/base/labels.ts';
import { compareLabels } from '../../core/promql/column.ts';
import { compileMatcher } from '../../core/promql/matcher.ts';
import { unpackHistograms } from '../../core/series/histogram-codec.ts';
import { CHUNKED_READ_TYPE, encodeChunkedSeries } from '../../core/wire/chunked-read.ts';
import { encodeLabels, encodeWriteRequest } from '../../core/wire/encode-write.ts';
import {
  decodeReadRequest,
  encodeReadResponse,
  READ_RESPONSE_TYPES,
  type ReadQuery,
  type ReadRequest,
} from '../../core/wire/remote-read.ts';
import { decodeSnappy, encodeSnappy } from '../../core/wire/snappy.ts';
import { encodeStoredChunks, type StoredSample } from '../../core/wire/stored-chunks.ts';
import type { ServerParts } from '../parts.ts';
import { sendPieces } from './send-pieces.ts';
import type { StoredSamples } from './series-part.ts';

const BODY_LIMIT_BYTES = 1024 * 1024;
const REQUEST_LIMIT_BYTES = 4 * 1024 * 1024;
const MOST_SAMPLES = 5_000_000;
/** So many samples are encoded at once; between two pieces other requests have their turn. */
const PIECE_SAMPLES = 20_000;

/** Why a request gets no samples. */
interface Refused {
  readonly status: 400 | 422;
  readonly why: string;
}

/** `/api/v1/read`: stored samples for a Prometheus that reads from here, whole or as a stream of chunks. */
export function serveRemoteRead(server: FastifyInstance, parts: ServerParts): void {
  const config = { gate: { access: 'read', basic: true, errors: 'text' } } as const;
  server.post('/api/v1/read', { config, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const asked = readRequest(request);
    if ('why' in asked) return refuse(reply, asked);
    const answer = await collect(parts, asked.queries);
    if ('why' in answer) return refuse(reply, answer);
    if (asked.accepted.find((type) => type !== 'unknown') === 'streamed-xor-chunks') return sendChunks(reply, answer.results);
    const results: Uint8Array[][] = [];
    for (const stored of answer.results) results.push(await encodeSeries(stored));
    void reply.type('application/x-protobuf').header('content-encoding', 'snappy');
    return reply.send(Buffer.from(encodeSnappy(encodeReadResponse(results))));
  });
}

function refuse(reply: FastifyReply, { status, why }: Refused): FastifyReply {
  return reply.code(status).type('text/plain; charset=utf-8').send(`${why}\n`);
}

function readRequest({ body }: FastifyRequest): ReadRequest | Refused {
  const bytes = body instanceof Uint8Array ? decodeSnappy(body, REQUEST_LIMIT_BYTES) : null;
  if (bytes === null || !(bytes instanceof Uint8Array)) return { status: 400, why: 'snappy: corrupt input' };
  const asked = decodeReadRequest(bytes);
  if (asked === null) return { status: 400, why: 'the read request is malformed' };
  const { accepted, queries } = asked;
  if (accepted.length > 0 && accepted.every((type) => type === 'unknown')) {
    return {
      status: 400,
      why: `server does not support any of the requested response types; supported: [${READ_RESPONSE_TYPES.join(' ')}]`,
    };
  }
  for (const matcher of queries.flatMap(({ matchers }) => matchers)) {
    const { value, problems } = compileMatcher(matcher);
    if (value === null) return { status: 400, why: problems[0]?.message ?? 'invalid matcher' };
  }
  return asked;
}

async function collect(
  { series }: ServerParts,
  queries: readonly ReadQuery[],
): Promise<Refused | { readonly results: readonly StoredSamples[] }> {
  const results: StoredSamples[] = [];
  let left = MOST_SAMPLES;
  for (const { start, end, matchers } of queries) {
    const stored = await series.stored({ selectors: [matchers], start, end, which: 'all', sampleLimit: left });
    if ('error' in stored) return { status: stored.errorType === 'bad_data' ? 400 : 422, why: stored.error };
    left -= stored.times.length;
    results.push(stored);
  }
  return { results };
}

async function encodeSeries(stored: StoredSamples): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  let since = 0;
  for (const { labels, samples } of inOrder(stored)) {
    const list = [...samples];
    pieces.push(encodeWriteRequest([{ labels, samples: list }]).slice());
    since += list.length;
    if (since < PIECE_SAMPLES) continue;
    since = 0;
    await setImmediate();
  }
  return pieces;
}

/** The series by their labels, one after the other, with their samples as they are taken. */
function* inOrder({ labels, ends, times, values, stale, histograms: packed = null }: StoredSamples): Generator<{
  readonly labels: Labels;
  readonly samples: Iterable<StoredSample>;
}> {
  const histograms = packed === null ? [] : unpackHistograms(packed);
  const order = labels.map((one, index) => ({ one, index })).sort((a, b) => compareLabels(a.one, b.one));
  for (const { one, index } of order) {
    const samples = (function* (): Generator<StoredSample> {
      for (let at = ends[index - 1] ?? 0; at < (ends[index] ?? 0); at += 1) {
        const value = values[at] ?? 0;
        yield { at: times[at] ?? 0, value: stale[at] === 1 ? 'stale' : stale[at] === 2 ? (histograms[value] ?? 'stale') : value };
      }
    })();
    yield { labels: one, samples };
  }
}

/** Frames as they are made: a series is in as many as it needs, and no two are in one. */
function* framesOf(results: readonly StoredSamples[]): Generator<Buffer> {
  for (const [query, stored] of results.entries()) {
    for (const { labels, samples } of inOrder(stored)) {
      for (const frame of encodeChunkedSeries({ labels: encodeLabels(labels), query }, encodeStoredChunks(samples))) {
        yield Buffer.from(frame.buffer, frame.byteOffset, frame.length);
      }
    }
  }
}

function sendChunks(reply: FastifyReply, results: readonly StoredSamples[]): FastifyReply {
  const frames = framesOf(results);
  void reply.type(CHUNKED_READ_TYPE);
  const first = frames.next();
  if (first.done === true) return reply.send(Buffer.alloc(0));
  void sendPieces(reply, first.value, { next: () => frames.next(), sent: () => {} });
  return reply;
}
