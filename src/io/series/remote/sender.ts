import type { Labels } from '../../../core/base/labels.ts';
import type { Millis } from '../../../core/base/time.ts';
import { compileRelabelling, type Relabelling } from '../../../core/scrape/relabel.ts';
import { LabelReader } from '../../../core/series/label-reader.ts';
import type { RemoteWriteTarget } from '../../../core/series/remote-write-target.ts';
import { encodeLabels } from '../../../core/wire/encode-write.ts';
import { encodeSnappy } from '../../../core/wire/snappy.ts';
import type { WriteBatch } from '../../../core/wire/write-batch.ts';
import { WriteBody } from '../../../core/wire/write-body.ts';
import type { AccessDoors } from '../../access-client.ts';
import { systemClock } from '../../clock.ts';
import { systemFiles } from '../../files.ts';
import type { Log } from '../../log.ts';
import { systemRandom } from '../../random.ts';
import { Spool } from '../../spool/spool.ts';
import { deliver, type DeliveryState } from './deliver.ts';
import { type Endpoint, openEndpoint } from './endpoint.ts';
import { labelsOf } from './forwarded-interest.ts';

export interface SenderDoors extends AccessDoors {
  readonly log: Log;
}

/** How the sending to one server stands. */
export interface SenderState extends Readonly<DeliveryState> {
  readonly name: string;
  readonly waitingBytes: number;
  /** Given up because too much waited. */
  readonly droppedBytes: number;
}

const FOREVER: Millis = Number.MAX_SAFE_INTEGER;
const KNOWN_LIMIT = 200_000;

/** Sends what is stored to one other server as well, through a queue on disk of its own. */
export class Sender {
  readonly target: RemoteWriteTarget;
  private readonly spool: Spool;
  private readonly endpoint: Endpoint;
  private readonly relabelling: Relabelling;
  private readonly state: DeliveryState = { delivered: 0, refused: 0, problem: null, failingSince: null };
  private readonly ending = new AbortController();
  private delivering: Promise<void> = Promise.resolve();
  private readonly reader = new LabelReader();
  /** What relabelling made of label bytes; null: not sent. */
  private readonly known = new Map<string, Uint8Array | null>();
  private readonly doors: SenderDoors;

  constructor(folder: string, target: RemoteWriteTarget, doors: SenderDoors) {
    this.target = target;
    this.doors = doors;
    const limits = { bytes: target.queueBytes, age: FOREVER, memoryBytes: 4 << 20, whenFull: 'drop' } as const;
    this.spool = new Spool(folder, { files: systemFiles, clock: systemClock, log: doors.log }, limits);
    this.endpoint = openEndpoint(target.access, target.headers, doors);
    this.relabelling = compileRelabelling(target.relabel);
  }

  async open(): Promise<void> {
    await this.spool.open();
    const { spool, state, endpoint: http } = this;
    const { url, timeout } = this.target;
    const doors = { http, clock: systemClock, random: systemRandom, log: this.doors.log };
    this.delivering = deliver({ url, timeout, spool, state, onDelivered: () => {} }, doors, this.ending.signal);
  }

  /** What is to be sent of a request whose body in Snappy is `payload`; null: nothing. */
  prepare(batch: WriteBatch, payload: Uint8Array): Uint8Array | null {
    return this.relabelling.isEmpty ? payload : this.relabel(batch);
  }

  /** Resolves when it is in the queue. */
  async queue(payload: Uint8Array): Promise<void> {
    await this.spool.append({ at: this.doors.now(), payload });
  }

  describe(): SenderState {
    const { bytes, droppedBytes } = this.spool.state();
    return { name: this.target.name, ...this.state, waitingBytes: bytes, droppedBytes };
  }

  async close(): Promise<void> {
    this.ending.abort();
    await this.delivering;
    await this.spool.close();
    this.endpoint.close();
  }

  private relabel(batch: WriteBatch): Uint8Array | null {
    const { bytes, series, labelsFrom, labelsTo, samplesTo, times, values, stale } = batch;
    const body = new WriteBody();
    for (let s = 0; s < series; s += 1) {
      const labels = this.labels(bytes, labelsFrom[s] ?? 0, labelsTo[s] ?? 0);
      if (labels === null) continue;
      const place = [0, labels.length] as const;
      for (let i = s === 0 ? 0 : (samplesTo[s - 1] ?? 0); i < (samplesTo[s] ?? 0); i += 1)
        body.add(labels, place, times[i] ?? 0, stale[i] === 1 ? 'stale' : (values[i] ?? 0));
    }
    return body.samples === 0 ? null : encodeSnappy(body.take());
  }

  private labels(bytes: Uint8Array, from: number, to: number): Uint8Array | null {
    const key = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('latin1');
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const labels: Labels | null = this.reader.read(bytes, from, to) ? this.relabelling.apply(labelsOf(this.reader)) : null;
    const encoded = labels === null || Object.keys(labels).length === 0 ? null : encodeLabels(labels);
    if (this.known.size >= KNOWN_LIMIT) this.known.clear();
    this.known.set(key, encoded);
    return encoded;
  }
}
