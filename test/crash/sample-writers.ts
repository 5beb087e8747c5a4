import { setTimeout as pause } from 'node:timers/promises';
import type { Api } from '../e2e/api.ts';
import { remoteWrite } from '../e2e/samples.ts';

/** Series of one writer, and samples of each in one request. */
const LANES = 4;
const STEPS = 5;
export const METRIC = 'kill_samples';

/** What writers sent, and what of it was answered: series -> time -> value. */
export class Written {
  readonly answered = new Map<string, Map<number, number>>();
  readonly sent = new Map<string, Map<number, number>>();
  requests = 0;
  unanswered = 0;
  samples = 0;
}

export interface Writers {
  readonly written: Written;
  readonly chance: () => number;
  readonly api: () => Api;
  readonly isOver: () => boolean;
  /** Of the program that runs now: each start brings new series. */
  readonly round: () => number;
}

/** So many senders at once, each with series of its own, until it is over. Samples come in and out of order, each at a time of its own. */
export async function writeOn(writers: Writers, senders: number): Promise<void> {
  await Promise.all(Array.from({ length: senders }, (_, sender) => send(writers, sender)));
}

async function send({ written, chance, api, isOver, round }: Writers, sender: number): Promise<void> {
  for (let at = Date.now(); !isOver(); ) {
    at = Math.max(at + STEPS, Date.now());
    // Now and then the later samples come first.
    const steps = Array.from({ length: STEPS }, (_, step) => (chance() < 0.2 ? STEPS - 1 - step : step));
    const times = [...new Set(steps)].map((step) => at + step);
    const lanes = Array.from({ length: LANES }, (_, lane) => `${sender}-${lane === 0 ? `round ${round()}` : lane}`);
    const series = lanes.map((lane) => ({
      labels: { __name__: METRIC, lane },
      samples: times.map((time) => ({ at: time, value: Math.round(chance() * 1e6) / 100 })),
    }));
    for (const { labels, samples } of series) note(written.sent, labels.lane, samples);
    const answer = await remoteWrite(api(), series).catch(() => null);
    if (answer !== null && answer.status === 204) {
      written.requests += 1;
      for (const { labels, samples } of series) note(written.answered, labels.lane, samples);
      written.samples += LANES * times.length;
    } else if (answer !== null && answer.status < 500) throw new Error(`${answer.status} ${answer.text}`);
    else written.unanswered += 1;
    await pause(answer === null ? 10 : chance() * 6);
  }
}

function note(into: Map<string, Map<number, number>>, lane: string, samples: readonly { readonly at: number; readonly value: number }[]) {
  const known = into.get(lane) ?? new Map<number, number>();
  for (const { at, value } of samples) known.set(at, value);
  into.set(lane, known);
}
