import type { Millis } from '../../../core/base/time.ts';
import type { Clock } from '../../clock.ts';
import type { HttpClient } from '../../http.ts';
import type { Log } from '../../log.ts';
import type { Random } from '../../random.ts';
import { decideDelivery } from '../../spool/delivery.ts';
import type { Spool } from '../../spool/spool.ts';

export interface DeliverDoors {
  readonly http: Pick<HttpClient, 'request'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Log, 'warn' | 'error' | 'info'>;
}

export interface Delivering {
  readonly url: string;
  /** For one request. */
  readonly timeout: Millis;
  readonly spool: Spool;
  /** Called with each body that the other server has taken. */
  readonly onDelivered: (payload: Uint8Array) => void;
  readonly state: DeliveryState;
}

/** How the delivery stands; it is kept up to date. */
export interface DeliveryState {
  delivered: number;
  /** Bodies that the other server will never take. */
  refused: number;
  /** Why the last attempt did not succeed; null when it did. */
  problem: string | null;
  /** Since when no attempt succeeded; null when the last one did. */
  failingSince: Millis | null;
}

const ANSWER_LIMIT_BYTES = 65_536;
const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
} as const;

/** Sends what waits to the other server, one body after the other in order, until the signal aborts. It never gives up. */
export async function deliver(
  { url, timeout, spool, onDelivered, state }: Delivering,
  doors: DeliverDoors,
  signal: AbortSignal,
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    await spool.arrival(signal);
    const waiting = signal.aborted ? null : await spool.peek();
    if (waiting === null) continue;
    const request = {
      method: 'POST',
      url,
      headers: HEADERS,
      body: waiting.payload,
      timeout,
      limitBytes: ANSWER_LIMIT_BYTES,
      signal,
    } as const;
    const outcome = await doors.http.request(request);
    if (signal.aborted && outcome.kind === 'failed') return;
    const delivery = decideDelivery(outcome, { now: doors.clock.now(), failures, fraction: doors.random.fraction() });
    if (delivery.kind === 'again') {
      if (failures === 0) doors.log.warn('samples wait: the other series store takes none', { url: nameOf(url), why: delivery.why });
      failures += 1;
      state.problem = delivery.why;
      state.failingSince ??= doors.clock.now();
      await spool.sync();
      await doors.clock.wait(delivery.after, signal);
      continue;
    }
    if (failures > 0)
      doors.log.info('the other series store takes samples again', {
        url: nameOf(url),
        after: failures,
        waitingBytes: spool.state().bytes,
      });
    failures = 0;
    state.problem = null;
    state.failingSince = null;
    if (delivery.kind === 'delivered') {
      state.delivered += 1;
      onDelivered(waiting.payload);
    } else {
      state.refused += 1;
      doors.log.error('the other series store refused samples, they are dropped', { url: nameOf(url), why: delivery.why });
    }
    await spool.drop();
  }
}

/** The address without what may be a secret in it. */
function nameOf(url: string): string {
  return URL.canParse(url) ? `${new URL(url).origin}${new URL(url).pathname}` : '';
}
