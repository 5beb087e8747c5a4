import type { Window } from './window.ts';

/** How much further than the usual distance of samples an edge may be to be still reached by extrapolation. */
const THRESHOLD = 1.1;

/** What kind of growth is asked for. */
export interface RateKind {
  /** Falls are restarts of a counter. */
  readonly counter: boolean;
  readonly perSecond: boolean;
}

/** What `extrapolationFactor` needs to know about the samples of a window. */
export interface Edges {
  readonly firstTime: number;
  readonly lastTime: number;
  /** Samples less one. */
  readonly gaps: number;
  /** When the counter of the first sample started; 0 = not known. */
  readonly started: number;
  /** How far before the first sample the counter would be zero, as a share of the sampled interval. */
  readonly zero: number;
}

/** By how much the growth between first and last sample is to be multiplied; null when the samples do not suffice. */
export function extrapolationFactor(
  window: Window,
  kind: RateKind,
  edges: Edges,
): { readonly factor: number; readonly fromStart: boolean } | null {
  const { firstTime, lastTime, gaps, started } = edges;
  let toStart = (firstTime - window.start) / 1000;
  let toEnd = (window.end - lastTime) / 1000;
  let sampled = (lastTime - firstTime) / 1000;
  const average = gaps > 0 ? sampled / gaps : 0;
  const threshold = average * THRESHOLD;
  // A start time inside the window is a sample of zero: no extrapolation to the left.
  const fromStart = kind.counter && started !== 0 && started > window.start && started < firstTime;
  if (fromStart) {
    toStart = 0;
    sampled = (lastTime - started) / 1000;
  } else if (gaps === 0) {
    return null;
  } else {
    if (toStart >= threshold) toStart = average / 2;
    // A counter never was below zero.
    if (kind.counter) toStart = Math.min(toStart, sampled * edges.zero);
  }
  if (toEnd >= threshold) toEnd = average / 2;
  let factor = sampled === 0 ? 1 : (sampled + toStart + toEnd) / sampled;
  if (kind.perSecond) factor /= window.vector.range / 1000;
  return { factor, fromStart };
}

/** Notes that start times contradict the samples before them. */
export function noteOverlap(window: Window): void {
  const message = `sample has start time that overlaps with previous sample timestamp for metric ${JSON.stringify(window.metric)}`;
  window.evaluation.notes.warn(message, window.vector.span);
}
