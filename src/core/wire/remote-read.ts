import type { Millis } from '../base/time.ts';
import type { Matcher, MatchOp } from '../promql/matcher.ts';
import { ProtoCursor } from './proto-cursor.ts';
import { ProtoOutput } from './proto-output.ts';
import { encodeUtf8 } from './utf8.ts';

/** One query of a remote-read request: series that satisfy all matchers, with samples between two moments, both included. */
export interface ReadQuery {
  readonly start: Millis;
  readonly end: Millis;
  readonly matchers: readonly Matcher[];
}

/** How the client takes its answer: whole samples, or chunks of compressed ones one after the other. */
export type ReadResponseType = 'samples' | 'streamed-xor-chunks';

export interface ReadRequest {
  readonly queries: readonly ReadQuery[];
  /** In the order the client prefers them; empty: samples. */
  readonly accepted: readonly (ReadResponseType | 'unknown')[];
}

const MOST_QUERIES = 100;
const MOST_MATCHERS = 1_000;
const OPS: readonly MatchOp[] = ['=', '!=', '=~', '!~'];
/** All of them, in the order of their numbers in the protocol. */
export const READ_RESPONSE_TYPES: readonly ReadResponseType[] = ['samples', 'streamed-xor-chunks'];

/** Reads a remote-read `ReadRequest` (prompb/remote.proto); null when it is none, or asks for too much at once. */
export function decodeReadRequest(bytes: Uint8Array): ReadRequest | null {
  const cursor = ProtoCursor.over(bytes);
  const queries: ReadQuery[] = [];
  const numbers: number[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10 && queries.length < MOST_QUERIES) queries.push(readQuery(cursor.message()));
    else if (cursor.tag === 18) cursor.packed(numbers, (inner) => inner.varint(), MOST_QUERIES);
    else if (cursor.tag === 16 && numbers.length < MOST_QUERIES) numbers.push(cursor.varint());
    else if (cursor.tag === 10 || cursor.tag === 16) cursor.bad = true;
    else cursor.skip();
  }
  return cursor.bad ? null : { queries, accepted: numbers.map((number) => READ_RESPONSE_TYPES[number] ?? 'unknown') };
}

function readQuery(cursor: ProtoCursor): ReadQuery {
  let start = 0;
  let end = 0;
  const matchers: Matcher[] = [];
  while (cursor.next()) {
    if (cursor.tag === 8) start = cursor.int64();
    else if (cursor.tag === 16) end = cursor.int64();
    else if (cursor.tag === 26) {
      matchers.push(readMatcher(cursor.message()));
      if (matchers.length > MOST_MATCHERS) cursor.bad = true;
    } else cursor.skip();
  }
  return { start, end, matchers };
}

function readMatcher(cursor: ProtoCursor): Matcher {
  let op: MatchOp = '=';
  let name = '';
  let value = '';
  while (cursor.next()) {
    if (cursor.tag === 8) {
      const found = OPS[cursor.varint()];
      if (found === undefined) cursor.bad = true;
      else op = found;
    } else if (cursor.tag === 18) name = cursor.text();
    else if (cursor.tag === 26) value = cursor.text();
    else cursor.skip();
  }
  return { name, op, value };
}

/** A `ReadRequest` for whole samples. */
export function encodeReadRequest(queries: readonly ReadQuery[]): Uint8Array {
  const out = new ProtoOutput();
  for (const { start, end, matchers } of queries) {
    out.message(1, (query) => {
      query.int(1, start);
      query.int(2, end);
      for (const { name, op, value } of matchers) {
        query.message(3, (matcher) => {
          matcher.int(1, OPS.indexOf(op));
          matcher.bytesField(2, encodeUtf8(name));
          matcher.bytesField(3, encodeUtf8(value));
        });
      }
    });
  }
  return out.finish();
}

/** The results of a `ReadResponse` of whole samples, one a query, each made of the same bytes as a write request; null when it is none. */
export function decodeReadResponse(bytes: Uint8Array): readonly Uint8Array[] | null {
  const cursor = ProtoCursor.over(bytes);
  const results: Uint8Array[] = [];
  while (cursor.next()) {
    if (cursor.tag === 10 && results.length < MOST_QUERIES) results.push(cursor.blob());
    else cursor.skip();
  }
  return cursor.bad ? null : results;
}

/** A remote-read `ReadResponse` of whole samples: a result for each query, each made of `TimeSeries` fields as a write request has them. */
export function encodeReadResponse(results: readonly (readonly Uint8Array[])[]): Uint8Array {
  const sizes = results.map((pieces) => pieces.reduce((sum, { length }) => sum + length, 0));
  const out = new ProtoOutput();
  out.reserve(sizes.reduce((sum, size) => sum + size + 11, 0));
  for (const [i, pieces] of results.entries()) {
    out.putByte(10);
    out.putVarint(sizes[i] ?? 0);
    for (const piece of pieces) out.putBytes(piece);
  }
  return out.finish();
}
