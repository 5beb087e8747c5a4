import { AGENT_PATHS, type Report, ReportsAnswer } from '../../contract/agent.ts';
import type { Millis } from '../../core/base/time.ts';
import { type Connection, headersOf, parseAnswer, urlOf, waitBeforeRetry } from './connection.ts';
import type { KnownRun } from './known-run.ts';
import type { Place } from './run-file.ts';

/** Between two deliveries of output; the first byte after silence goes at once. */
const GAP: Millis = 50;
const MOST_BATCH_BYTES = 1 << 20;
const MOST_REPORTS = 500;
const ANSWER_WITHIN: Millis = 30_000;
const MOST_ANSWER_BYTES = 1 << 20;

/** What of one run goes into a batch. */
interface Part {
  readonly known: KnownRun;
  readonly reports: readonly Report[];
  /** Up to where its output goes. */
  readonly next: Place;
  readonly told: { readonly accepted: boolean; readonly started: boolean };
  readonly fence: number;
}

/** Delivers what happened, in order, one request at a time, until the server has it. */
export class Reporter {
  readonly #connection: Connection;
  readonly #runs: () => Iterable<KnownRun>;
  readonly #settle: (known: KnownRun) => Promise<void>;
  #wake: () => void = () => {};
  #urgent = false;
  #failures = 0;

  constructor(connection: Connection, runs: () => Iterable<KnownRun>, settle: (known: KnownRun) => Promise<void>) {
    this.#connection = connection;
    this.#runs = runs;
    this.#settle = settle;
  }

  /** There is something to deliver. */
  news(when: 'now' | 'soon'): void {
    if (when === 'now') this.#urgent = true;
    this.#wake();
  }

  /** The server answers again. */
  retryNow(): void {
    this.#failures = 0;
    this.news('now');
  }

  /** Whether the last delivery failed. */
  get isFailing(): boolean {
    return this.#failures > 0;
  }

  hasNews(): boolean {
    for (const known of this.#runs()) if (known.hasNews()) return true;
    return false;
  }

  async work(signal: AbortSignal): Promise<void> {
    const { clock } = this.#connection.doors;
    let last = -GAP;
    while (!signal.aborted) {
      if (!this.hasNews()) {
        await this.#sleep(signal, null);
        continue;
      }
      const early = last + GAP - clock.elapsed();
      if (early > 0 && !this.#urgent && this.#failures === 0) {
        await this.#sleep(signal, early);
        continue;
      }
      this.#urgent = false;
      last = clock.elapsed();
      const progressed = await this.#deliver(signal);
      if (progressed) this.#failures = 0;
      else {
        this.#failures += 1;
        const until = clock.elapsed() + waitBeforeRetry(this.#connection, this.#failures);
        // News do not shorten the wait; a server that is heard again does.
        while (!signal.aborted && this.#failures > 0 && clock.elapsed() < until) await this.#sleep(signal, until - clock.elapsed());
      }
    }
  }

  /** Until there are news, or the length is over. */
  async #sleep(signal: AbortSignal, length: Millis | null): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    const either = AbortSignal.any([signal, woken.signal]);
    if (length === null) await new Promise<void>((resolve) => either.addEventListener('abort', () => resolve(), { once: true }));
    else await this.#connection.doors.clock.wait(length, either);
  }

  /** False: nothing moved, try again later. */
  async #deliver(signal: AbortSignal): Promise<boolean> {
    const { doors, settings } = this.#connection;
    let parts: readonly Part[];
    try {
      parts = await this.#gather();
    } catch (error) {
      doors.log.error('the output of a run cannot be read', { error: String(error) });
      return false;
    }
    if (parts.length === 0) return true;
    const outcome = await doors.http.request({
      method: 'POST',
      url: urlOf(settings, AGENT_PATHS.reports, { host: settings.host }),
      headers: { ...headersOf(settings), 'content-type': 'application/json' },
      body: JSON.stringify({ reports: parts.flatMap((part) => part.reports) }),
      timeout: ANSWER_WITHIN,
      limitBytes: MOST_ANSWER_BYTES,
      signal,
    });
    if (outcome.kind === 'failed') return false;
    const answer = outcome.status === 200 ? parseAnswer(ReportsAnswer, outcome.body) : null;
    if (answer === null) {
      doors.log.warn('the server does not take the reports', { status: outcome.status });
      return false;
    }
    let moved = false;
    for (const part of parts) if (await this.#learn(part, answer)) moved = true;
    return moved;
  }

  async #gather(): Promise<readonly Part[]> {
    const parts: Part[] = [];
    let leftBytes = MOST_BATCH_BYTES;
    let leftReports = MOST_REPORTS;
    for (const known of this.#runs()) {
      if (!known.hasNews()) continue;
      const part = await gatherPart(known, leftBytes, leftReports);
      parts.push(part);
      leftBytes -= part.next.offset - known.place.offset;
      leftReports -= part.reports.length;
      if (leftBytes <= 0 || leftReports < FACTS + 1) break;
    }
    return parts;
  }

  /** Whether the answer brought this run forward. */
  async #learn(part: Part, answer: ReportsAnswer): Promise<boolean> {
    const { known } = part;
    if (answer.settled.includes(known.run)) {
      await this.#settle(known);
      return true;
    }
    let moved = false;
    if (known.fence === part.fence) {
      moved = (part.told.accepted && !known.told.accepted) || (part.told.started && !known.told.started);
      known.told.accepted ||= part.told.accepted;
      known.told.started ||= part.told.started;
    }
    const offset = answer.offsets[known.run];
    if (offset === undefined || offset === known.place.offset) return moved;
    await moveTo(known, offset, part.next);
    return true;
  }
}

/** Facts of one run in one batch, at most. */
const FACTS = 3;

async function gatherPart(known: KnownRun, limitBytes: number, limitReports: number): Promise<Part> {
  const reports: Report[] = [known.reportAccepted()];
  if (known.told.accepted) reports.pop();
  const started = known.reportStarted();
  if (started !== null && !known.told.started) reports.push(started);
  const told = { accepted: true, started: started !== null };
  const { fence, file } = known;
  // Looked at before the output is read: what comes later is not yet part of it.
  const finished = known.reportFinished();
  const { chunks, next } =
    file === null ? { chunks: [], next: known.place } : await file.read(known.place, limitBytes, limitReports - FACTS);
  for (const { offset, at, stream, bytes } of chunks) {
    const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
    reports.push({ type: 'output', run: known.run, offset, at, stream, data });
  }
  if (finished !== null && next.offset >= known.outputBytes) reports.push(finished);
  return { known, reports, next, told, fence };
}

/** Goes on from where the server is: mostly the end of what was sent. */
export async function moveTo(known: KnownRun, offset: number, expected: Place): Promise<void> {
  if (offset === expected.offset) known.place = expected;
  else if (known.file !== null) known.place = await known.file.seek(offset);
}
