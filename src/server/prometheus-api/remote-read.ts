import { setImmediate } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { compareLabels } from '../../core/promql/column.ts';
import { compileMatcher } from '../../core/promql/matcher.ts';
import { unpackHistograms } from '../../core/series/histogram-codec.ts';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { decodeReadRequest, encodeReadResponse, type ReadQuery, type ReadRequest } from '../../core/wire/remote-read.ts';
import { decodeSnappy, encodeSnappy } from '../../core/wire/snappy.ts';
import type { ServerParts } from '../parts.ts';
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

/** `/api/v1/read`: stored samples, whole, for a Prometheus that reads from here. */
export function serveRemoteRead(server: FastifyInstance, parts: ServerParts): void {
  const config = { gate: { access: 'read', basic: true, errors: 'text' } } as const;
  server.post('/api/v1/read', { config, bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
    const asked = readRequest(request);
    const answer = 'why' in asked ? asked : await collect(parts, asked.queries);
    if ('why' in answer) return refuse(reply, answer);
    void reply.type('application/x-protobuf').header('content-encoding', 'snappy');
    return reply.send(Buffer.from(encodeSnappy(encodeReadResponse(answer.results))));
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
  if (accepted.length > 0 && !accepted.includes('samples')) {
    const wanted = accepted.join(' ');
    return { status: 400, why: `server does not support any of the requested response types: [${wanted}]; supported: [samples]` };
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
): Promise<Refused | { readonly results: readonly (readonly Uint8Array[])[] }> {
  const results: Uint8Array[][] = [];
  let left = MOST_SAMPLES;
  for (const { start, end, matchers } of queries) {
    const stored = await series.stored({ selectors: [matchers], start, end, which: 'all', sampleLimit: left });
    if ('error' in stored) return { status: stored.errorType === 'bad_data' ? 400 : 422, why: stored.error };
    left -= stored.times.length;
    results.push(await encodeSeries(stored));
  }
  return { results };
}

async function encodeSeries({ labels, ends, times, values, stale, histograms: packed = null }: StoredSamples): Promise<Uint8Array[]> {
  const histograms = packed === null ? [] : unpackHistograms(packed);
  const pieces: Uint8Array[] = [];
  let since = 0;
  const order = labels.map((one, index) => ({ one, index })).sort((a, b) => compareLabels(a.one, b.one));
  for (const { one, index } of order) {
    const from = ends[index - 1] ?? 0;
    const samples = Array.from({ length: (ends[index] ?? 0) - from }, (_, i) => {
      const at = from + i;
      const value = values[at] ?? 0;
      return { at: times[at] ?? 0, value: stale[at] === 1 ? ('stale' as const) : stale[at] === 2 ? (histograms[value] ?? 'stale') : value };
    });
    pieces.push(encodeWriteRequest([{ labels: one, samples }]).slice());
    since += samples.length;
    if (since < PIECE_SAMPLES) continue;
    since = 0;
    await setImmediate();
  }
  return pieces;
}
