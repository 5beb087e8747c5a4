import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Millis } from '../../core/base/time.ts';
import { Head, type HeadRules } from '../../core/series/head.ts';
import { PartSource } from '../../core/series/part-source.ts';
import { type Refusal, Refusals } from '../../core/series/refusal.ts';
import { decodeWriteRequest } from '../../core/wire/remote-write.ts';
import { decodeWriteRequest2 } from '../../core/wire/remote-write-2.ts';
import { WriteBatch } from '../../core/wire/write-batch.ts';
import { ANY_SERIES } from './block-file.ts';
import { decodeBody } from './decode-body.ts';
import { replayDeletion } from './deleting.ts';
import { decodeDeletion } from './deletion.ts';
import { DiskRoom, diskSpace } from './disk-room.ts';
import { readExtras } from './extras-file.ts';
import { Journal, listSegments } from './journal.ts';
import { EXTRAS, Keeper, type KeeperOptions } from './keeper.ts';
import type { Encoding, JournalRecord } from './journal-record.ts';
import { type ReplayReport, replaySegment } from './replay.ts';

/** What became of one write request. `bad` and `too-large` must not be sent again, `unavailable` must. */
export type WriteOutcome =
  | {
      readonly samples: number;
      readonly histograms?: number;
      readonly exemplars?: number;
      readonly series: number;
      readonly refused: readonly { readonly reason: Refusal; readonly count: number }[];
    }
  | { readonly error: 'bad' | 'too-large' | 'unavailable'; readonly message: string };

export interface EngineOptions {
  readonly folder: string;
  readonly rules: HeadRules;
  /** The largest request body as it comes, and decoded. */
  readonly bodyLimitBytes: number;
  readonly decodedLimitBytes: number;
  readonly segmentBytes: number;
  /** How many exemplars are kept. */
  readonly exemplars?: number | undefined;
  /** Samples are refused while less is free on the disk; null: as much as suits the disk. */
  readonly minFreeBytes: number | null;
  readonly keeping: Omit<KeeperOptions, 'folder' | 'retention' | 'lateWindow'>;
}

/** By which rules samples are taken and kept; an infinite number is none. */
export interface KeepingRules extends HeadRules {
  readonly retentionBytes: number;
  readonly bodyLimitBytes: number;
  /** Older blocks go to the cold folder. */
  readonly coldAfter: Millis;
}

/** A request body and where it came from. */
export interface WriteRequest {
  readonly body: Uint8Array;
  readonly encoding: Encoding;
  readonly source: string;
  readonly protocol: 1 | 2;
  /** When it came. */
  readonly at: Millis;
}

const FIRST_ROOM_BYTES = 1 << 20;
/** A request with more series than this is numbered step by step. */
const GROWN_AT_ONCE = 8_000;
const GROWN_STEP = 1_000;

/** The series store of one folder, in one thread: decode, journal, head. Receiving and replaying are the same code. */
export class SeriesEngine {
  readonly head: Head;
  readonly source: PartSource;
  readonly journal: Journal;
  readonly keeper: Keeper;
  readonly disk: DiskRoom;
  readonly replayed: ReplayReport = { records: 0, torn: 0, corrupt: 0, corruptBytes: 0 };
  journalProblem: string | null = null;
  /** Why exemplars and metadata could not be read at the start; null when they could. */
  extrasProblem: string | null = null;
  readonly requests = { taken: 0, bad: 0, tooLarge: 0, unavailable: 0 };
  private readonly options: EngineOptions;
  private readonly batch = new WriteBatch();
  private readonly refusals = new Refusals();
  /** How many series there were when the last request was received. */
  private known = 0;
  private room: Uint8Array = new Uint8Array(FIRST_ROOM_BYTES);

  constructor(options: EngineOptions) {
    this.options = options;
    this.disk = new DiskRoom(options.minFreeBytes, () => diskSpace(options.folder));
    const folder = join(options.folder, 'journal');
    mkdirSync(folder, { recursive: true });
    this.head = new Head(randomBytes(4).readInt32LE(), options.exemplars);
    const { retention, lateWindow } = options.rules;
    this.keeper = new Keeper(this.head, { ...options.keeping, folder: options.folder, retention, lateWindow });
    this.source = new PartSource(this.head, this.keeper.tiers);
    this.keeper.disk = this.disk;
    this.loadExtras(join(options.folder, EXTRAS));
    for (const { number, path } of listSegments(folder)) {
      if (number > this.keeper.blocks.journalUpTo) replaySegment(path, (record, rules) => this.replay(record, rules), this.replayed);
    }
    this.head.refused.clear();
    this.journal = new Journal({
      folder,
      rules: options.rules,
      segmentBytes: options.segmentBytes,
      behind: this.keeper.blocks.journalUpTo,
    });
    this.keeper.useJournal(this.journal);
  }

  /** By which rules samples are taken and kept. */
  get rules(): KeepingRules {
    const { rules, keeping, bodyLimitBytes } = this.options;
    return { ...rules, retentionBytes: keeping.retentionBytes, bodyLimitBytes, coldAfter: keeping.cold?.after ?? Number.POSITIVE_INFINITY };
  }

  /** Decodes, journals and stores a request; what it answers without an error survives the death of the process. */
  write(request: WriteRequest): WriteOutcome {
    return this.receive(request) ?? this.store(request);
  }

  /** Decodes a request; null: `store` can follow, and only `grow` may come between. */
  receive(request: WriteRequest): WriteOutcome | null {
    if (request.body.length > this.options.bodyLimitBytes)
      return this.fail('too-large', `the body is above the limit of ${this.options.bodyLimitBytes} bytes`);
    const full = this.disk.whyFull();
    if (full !== null) return this.fail('unavailable', full);
    this.known = this.head.table.count;
    const problem = this.decode(request);
    return problem === null ? null : this.fail(problem.problem, problem.message);
  }

  /** Has the received request more series than can be numbered at once, if they are new? */
  get hasMany(): boolean {
    return this.batch.series > GROWN_AT_ONCE;
  }

  /** Numbers the series of the received request ahead of `store`, some with each step. */
  *grow({ source }: WriteRequest): Generator<void> {
    const { batch } = this;
    const { limits } = this.options.rules;
    for (let from = 0; from < batch.series; from += GROWN_STEP) {
      this.head.grow(batch, [from, Math.min(from + GROWN_STEP, batch.series)], { source, limits });
      yield;
    }
  }

  /** Journals and stores the request that was received. */
  store({ body, encoding, source, protocol, at }: WriteRequest): WriteOutcome {
    const unwritten = this.journal.append({ encoding, protocol, at, source, body });
    this.journalProblem = unwritten;
    if (unwritten !== null) {
      this.disk.failed(unwritten, body.length);
      return this.fail('unavailable', `the journal cannot be written: ${unwritten}`);
    }
    this.disk.took(body.length);
    this.requests.taken += 1;
    const stored = this.apply({ source, at, rules: this.options.rules });
    return 'error' in stored ? stored : { ...stored, series: this.head.table.count - this.known };
  }

  async close(): Promise<void> {
    await this.keeper.close();
    await this.journal.close();
  }

  private loadExtras(path: string): void {
    const bytes = readExtras(path);
    if (bytes === null) return;
    if (bytes === 'damaged' || decodeWriteRequest(bytes, this.batch) !== null) {
      this.extrasProblem = 'it is damaged, exemplars and what was said of metrics are lost';
      return;
    }
    this.head.apply(this.batch, { source: '', at: 0, rules: { ...this.options.rules, limits: ANY_SERIES } }, this.refusals);
    this.refusals.clear();
  }

  private replay(record: JournalRecord, rules: HeadRules): void {
    const { encoding } = record;
    if (encoding === 'deletion') {
      const deletion = decodeDeletion(record.body);
      if (deletion !== null) replayDeletion(this, deletion);
    } else if (this.decode({ ...record, encoding }) === null) this.apply({ source: record.source, at: record.at, rules });
  }

  private decode({
    body,
    encoding,
    protocol,
  }: Pick<WriteRequest, 'body' | 'encoding' | 'protocol'>): { readonly problem: 'bad' | 'too-large'; readonly message: string } | null {
    const bytes = decodeBody(body, encoding, this.options.decodedLimitBytes, this.room);
    if ('problem' in bytes) return bytes;
    // Requests of one sender are about equally long: the room for the next one is the largest so far.
    if (encoding === 'snappy' && bytes.buffer.byteLength > this.room.length) this.room = new Uint8Array(bytes.buffer);
    const message = protocol === 2 ? decodeWriteRequest2(bytes, this.batch) : decodeWriteRequest(bytes, this.batch);
    return message === null ? null : { problem: 'bad', message };
  }

  private apply(request: { readonly source: string; readonly at: Millis; readonly rules: HeadRules }): WriteOutcome {
    this.refusals.clear();
    return { ...this.head.apply(this.batch, request, this.refusals), refused: this.refusals.list() };
  }

  private fail(error: 'bad' | 'too-large' | 'unavailable', message: string): WriteOutcome {
    this.requests[error === 'too-large' ? 'tooLarge' : error] += 1;
    return { error, message };
  }
}
