import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { HOUR, SECOND, type Millis } from '../core/base/time.ts';
import { encodeSnappy } from '../core/wire/snappy.ts';
import type { Clock } from '../io/clock.ts';
import type { HttpClient, HttpOutcome } from '../io/http.ts';
import type { Log } from '../io/log.ts';
import type { Random } from '../io/random.ts';
import { MOST_PAYLOAD_BYTES } from '../io/spool/frame.ts';
import type { Spool } from '../io/spool/spool.ts';
import { decideDelivery, type Delivery } from '../io/spool/delivery.ts';

/** What shipping counts, from the start of the agent. */
export interface ShipCounts {
  delivered: number;
  refused: number;
  failures: number;
}

export interface ShipDoors {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface ShipSettings {
  /** The address of the server, without a slash at its end. */
  readonly server: string;
  readonly token: () => string;
  readonly spool: Spool;
  readonly counts: ShipCounts;
}

type Encoding = 'zstd' | 'snappy';
const TIMEOUT: Millis = 15 * SECOND;
const ANSWER_LIMIT_BYTES = 65_536;
/** A server that once did not know zstd may have been replaced. */
const TRY_ZSTD_AGAIN: Millis = HOUR;
/** A window of 128 KiB: nothing here repeats over a longer distance, and the compressor takes memory by the window. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_windowLog]: 17 } };

/** A write request as it waits in the spool. */
export function compressBatch(request: Uint8Array): Uint8Array {
  // The length stands in the frame's header, so that the receiver can refuse what is too long before it unpacks it.
  const options = { ...ZSTD, pledgedSrcSize: request.length };
  return zstdCompressSync(request, options);
}

/** Delivers what the spool holds, one batch after the other in order, until the signal aborts. It never gives up. */
export async function ship(settings: ShipSettings, doors: ShipDoors, signal: AbortSignal): Promise<void> {
  const { spool, counts } = settings;
  let encoding: Encoding = 'zstd';
  let encodedSince: Millis = 0;
  let failures = 0;
  while (!signal.aborted) {
    await spool.arrival(signal);
    const batch = signal.aborted ? null : await spool.peek();
    if (batch === null) continue;
    if (encoding === 'snappy' && doors.clock.elapsed() - encodedSince > TRY_ZSTD_AGAIN) encoding = 'zstd';
    const outcome = await post(settings, doors, { payload: batch.payload, encoding, signal });
    if (signal.aborted && outcome.kind === 'failed') return;
    const delivery = decideDelivery(outcome, { now: doors.clock.now(), failures, fraction: doors.random.fraction() });
    if (delivery.kind === 'encoding' && encoding === 'zstd') {
      encoding = 'snappy';
      encodedSince = doors.clock.elapsed();
      continue;
    }
    if (delivery.kind === 'again') {
      if (failures === 0) doors.log.warn('samples could not be delivered and wait', { why: delivery.why });
      failures += 1;
      counts.failures += 1;
      await spool.sync();
      await doors.clock.wait(delivery.after, signal);
      continue;
    }
    if (failures > 0) doors.log.info('samples are delivered again', { after: failures, waitingBytes: spool.state().bytes });
    failures = 0;
    settle(delivery, counts, doors.log);
    await spool.drop();
  }
}

function settle(delivery: Exclude<Delivery, { kind: 'again' }>, counts: ShipCounts, log: Log): void {
  if (delivery.kind === 'delivered') {
    counts.delivered += 1;
    return;
  }
  counts.refused += 1;
  log.error('the server refused samples, they are dropped', { why: delivery.why });
}

interface Posted {
  readonly payload: Uint8Array;
  readonly encoding: Encoding;
  readonly signal: AbortSignal;
}

async function post(settings: ShipSettings, doors: ShipDoors, { payload, encoding, signal }: Posted): Promise<HttpOutcome> {
  let token: string;
  try {
    token = settings.token();
  } catch (error) {
    return { kind: 'failed', reason: `the token cannot be read: ${error instanceof Error ? error.message : String(error)}`, code: '' };
  }
  return doors.http.request({
    method: 'POST',
    url: `${settings.server}/api/v1/write`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/x-protobuf',
      'content-encoding': encoding,
      'x-prometheus-remote-write-version': '0.1.0',
    },
    body: encoding === 'zstd' ? payload : encodeSnappy(zstdDecompressSync(payload, { maxOutputLength: MOST_PAYLOAD_BYTES })),
    timeout: TIMEOUT,
    limitBytes: ANSWER_LIMIT_BYTES,
    signal,
  });
}
