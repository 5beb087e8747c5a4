import { constants, zstdCompressSync } from 'node:zlib';
import type { Parsed } from '../../core/base/problem.ts';
import { DeltaSums } from '../../core/otlp/delta-sums.ts';
import type { OtlpRequest } from '../../core/otlp/otlp-request.ts';
import { hasDelta, translateOtlp } from '../../core/otlp/translate-otlp.ts';
import { compileRelabelling, type Relabelling } from '../../core/scrape/relabel.ts';
import type { RelabelRule } from '../../core/scrape/relabel-rule.ts';
import { TargetMemory } from '../../core/scrape/target-memory.ts';
import { encodeMetadata, encodeWriteRequest, type WriteMetadata } from '../../core/wire/encode-write.ts';
import { parseOtlpMetrics } from '../../core/wire/otlp-json.ts';
import { decodeOtlpMetrics } from '../../core/wire/otlp-proto.ts';
import { WriteBody } from '../../core/wire/write-body.ts';
import { decompressSync } from '../decompress.ts';
import { movable } from '../movable.ts';
import { DescribedMetrics } from './described-metrics.ts';
import type { Decoder, FetchedBody, IntakeCall, IntakeCalls, NotFetched, OtlpAnswer, OtlpAsk, WriteRequestBody } from './messages.ts';

type Answer<K extends IntakeCall> = IntakeCalls[K]['answer'];
type AskOf<K extends IntakeCall> = IntakeCalls[K]['ask'];

const DECODED_LIMIT_BYTES = 32 << 20;
const DELTA_SERIES_LIMIT = 200_000;
/** Shorter bodies are not worth compressing. */
const COMPRESSED_FROM_BYTES = 2_048;
const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };
/** Jobs of which the ready rules are kept. */
const MOST_RELABELLINGS = 100;
const NOTHING = { duration: 0, scraped: 0, kept: 0, added: 0, exemplars: 0, repeated: 0, bodyBytes: 0 };

/** Answers the calls of the intake thread: turns what targets and OpenTelemetry send into write requests. */
export class IntakeDesk implements Decoder {
  private readonly targets = new Map<number, TargetMemory>();
  /** The targets of a job share its rules. */
  private readonly relabellings = new Map<string, Relabelling>();
  /** What is put together for one scrape after the other. */
  private readonly body = new WriteBody();
  private readonly described = new DescribedMetrics();
  private readonly deltas = new DeltaSums(DELTA_SERIES_LIMIT);
  private nextTicket = 1;
  /** The request with deltas whose fate is not known, and how to say that it is. */
  private unsettled: { readonly ticket: number; readonly settled: () => void } | null = null;
  private turn: Promise<void> = Promise.resolve();

  async ask<K extends IntakeCall>(call: K, ask: AskOf<K>): Promise<Answer<K>> {
    const calls: { readonly [C in IntakeCall]: (given: AskOf<C>) => Answer<C> | Promise<Answer<C>> } = {
      open: ({ target, rules }) => {
        const { relabel, ...rest } = rules;
        this.targets.set(target, new TargetMemory({ ...rest, relabelling: this.relabelling(relabel) }, this.body));
        return null;
      },
      scrape: (given) => this.scrape(given),
      close: (given) => this.close(given),
      otlp: (given) => this.otlp(given),
      settle: (given) => this.settle(given),
    };
    return calls[call](ask);
  }

  private scrape({ target, at, duration, fetched }: AskOf<'scrape'>): Answer<'scrape'> {
    const memory = this.targets.get(target);
    if (memory === undefined) return { bodies: [], outcome: { ...NOTHING, problem: 'the target is not known' }, families: null };
    const bytes = 'reason' in fetched ? fetched : plain(fetched);
    if ('reason' in bytes || 'reason' in fetched) {
      const { reason, isTooLong } = 'reason' in bytes ? bytes : { reason: '', isTooLong: false };
      const outcome = { ...NOTHING, problem: reason, duration, bodyBytes: isTooLong ? -1 : 0 };
      return { bodies: memory.fail(at, outcome).map(compressed), outcome, families: null };
    }
    const before = memory.families;
    const { bodies, outcome } = memory.take({ format: fetched.format, bytes }, at, duration);
    if (memory.families === before) return { bodies: bodies.map(compressed), outcome, families: null };
    const news = this.described.news([...memory.families].map(([name, family]) => ({ name, ...family })));
    const last = bodies.length - 1;
    const described = bodies.map((body, index) => (index === last ? withMetadata(body, news) : body));
    return { bodies: described.map(compressed), outcome, families: memory.families };
  }

  private close({ target, at }: AskOf<'close'>): Answer<'close'> {
    const memory = this.targets.get(target);
    this.targets.delete(target);
    return memory === undefined || at === null ? [] : memory.end(at).map(compressed);
  }

  private async otlp(given: OtlpAsk): Promise<OtlpAnswer> {
    const bytes = decompressSync(given.body, given.encoding, DECODED_LIMIT_BYTES);
    if ('problem' in bytes) return { error: bytes.problem, message: bytes.message };
    const { value, problems } = given.format === 'protobuf' ? decodeOtlpMetrics(bytes) : parseText(bytes);
    if (value === null) return { error: 'bad', message: problems[0]?.message ?? 'the body cannot be read' };
    const ticket = this.nextTicket;
    this.nextTicket += 1;
    if (!hasDelta(value)) return this.translate(value, given, ticket);
    // What a delta point adds up to depends on the one before: one request after the other.
    const before = this.turn;
    let settled = (): void => {};
    this.turn = new Promise((done) => {
      settled = done;
    });
    await before;
    this.unsettled = { ticket, settled };
    this.deltas.begin(given.now);
    return this.translate(value, given, ticket);
  }

  private translate(request: OtlpRequest, { now, rules }: OtlpAsk, ticket: number): OtlpAnswer {
    const { series, refused, exemplars, metadata } = translateOtlp(request, now, this.deltas, rules);
    const news = this.described.news(metadata);
    if (series.length === 0) return { ticket, request: null, refused, exemplars };
    return { ticket, request: compressed(withMetadata(encodeWriteRequest(series), news)), refused, exemplars };
  }

  private settle({ ticket, isStored }: AskOf<'settle'>): null {
    if (!isStored) this.described.clear();
    if (this.unsettled?.ticket !== ticket) return null;
    if (!isStored) this.deltas.undo();
    this.unsettled.settled();
    this.unsettled = null;
    return null;
  }

  private relabelling(rules: readonly RelabelRule[]): Relabelling {
    const key = JSON.stringify(rules);
    const known = this.relabellings.get(key);
    if (known !== undefined) return known;
    if (this.relabellings.size >= MOST_RELABELLINGS) this.relabellings.clear();
    const made = compileRelabelling(rules);
    this.relabellings.set(key, made);
    return made;
  }
}

function plain({ body, encoding, limitBytes }: FetchedBody): Uint8Array | NotFetched {
  const bytes = decompressSync(body, encoding, limitBytes);
  if (!('problem' in bytes)) return bytes;
  const isTooLong = bytes.problem === 'too-large';
  return { reason: isTooLong ? `body_size_limit of ${limitBytes} bytes exceeded` : bytes.message, isTooLong };
}

function compressed(body: Uint8Array): WriteRequestBody {
  const isShort = body.length < COMPRESSED_FROM_BYTES;
  return { body: isShort ? new Uint8Array(body) : movable(zstdCompressSync(body, FAST)), encoding: isShort ? 'none' : 'zstd' };
}

function withMetadata(body: Uint8Array, news: readonly WriteMetadata[]): Uint8Array {
  if (news.length === 0) return body;
  const described = encodeMetadata(news);
  const whole = new Uint8Array(body.length + described.length);
  whole.set(body);
  whole.set(described, body.length);
  return whole;
}

function parseText(bytes: Uint8Array): Parsed<OtlpRequest> {
  return parseOtlpMetrics(new TextDecoder().decode(bytes));
}
