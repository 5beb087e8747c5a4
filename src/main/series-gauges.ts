import { type Counters, measure, type Metric } from '../core/base/counters.ts';
import { REFUSALS } from '../core/series/refusal.ts';
import type { SenderState } from '../io/series/remote/sender.ts';
import type { SeriesStatus } from '../io/series/status.ts';
import type { SeriesStore } from '../io/series/store.ts';

const counter = (name: string, help: string): Metric => ({ name, help, type: 'counter' });
const gauge = (name: string, help: string): Metric => ({ name, help, type: 'gauge' });

const METRICS = {
  series: gauge('tocsin_series', 'Series that are known.'),
  limit: gauge('tocsin_series_limit', 'Series above which new ones are refused.'),
  samples: counter('tocsin_series_samples_total', 'Samples stored since the start, replayed ones included.'),
  refused: counter('tocsin_series_samples_refused_total', 'Samples refused since the start, by reason.'),
  unavailable: counter('tocsin_series_writes_unavailable_total', 'Writes that had to be sent again later.'),
  memory: gauge('tocsin_series_memory_bytes', 'What the series occupy in memory, about.'),
  journal: gauge('tocsin_series_journal_bytes', 'What the journal occupies.'),
  blocks: gauge('tocsin_series_blocks', 'Block files.'),
  blockBytes: gauge('tocsin_series_block_bytes', 'What block files occupy.'),
  blockSamples: gauge('tocsin_series_block_samples', 'Samples in block files.'),
  damaged: gauge('tocsin_series_damaged', 'Records and chunks found damaged, and block files that cannot be served.'),
  exemplars: gauge('tocsin_series_exemplars', 'Exemplars that are kept.'),
  displaced: counter('tocsin_series_exemplars_displaced_total', 'Exemplars that gave way to newer ones.'),
  refusedExemplars: counter('tocsin_series_exemplars_refused_total', 'Exemplars that could not be taken.'),
  free: gauge('tocsin_series_disk_free_bytes', 'What is free on the disk of the series.'),
  full: gauge('tocsin_series_disk_full', '1 while samples are refused for want of space.'),
  failing: gauge('tocsin_series_failing', '1 while journal or blocks cannot be written.'),
} as const;

const SENT = {
  requests: counter('tocsin_remote_write_sent_total', 'Requests that the other server took or refused for good.'),
  waiting: gauge('tocsin_remote_write_waiting_bytes', 'What waits for the other server.'),
  dropped: counter('tocsin_remote_write_dropped_bytes_total', 'What was given up because too much waited.'),
  failing: gauge('tocsin_remote_write_failing', '1 while the other server takes nothing.'),
} as const;

/** Measures the sending to other servers for `/metrics`. */
export function measureSenders(counters: Counters, senders: readonly SenderState[]): void {
  for (const { name, delivered, refused, problem, waitingBytes, droppedBytes } of senders) {
    const labels = { remote: name };
    measure(counters, SENT.requests, { ...labels, outcome: 'taken' }, delivered);
    measure(counters, SENT.requests, { ...labels, outcome: 'refused' }, refused);
    measure(counters, SENT.waiting, labels, waitingBytes);
    measure(counters, SENT.dropped, labels, droppedBytes);
    measure(counters, SENT.failing, labels, problem === null ? 0 : 1);
  }
}

/** Measures the series store for `/metrics`. */
export async function measureSeries(counters: Counters, store: SeriesStore): Promise<void> {
  const status = await store.status(1).catch(() => null);
  if (status === null) return;
  const set = (metric: Metric, value: number): void => measure(counters, metric, {}, value);
  set(METRICS.series, status.series);
  set(METRICS.samples, status.samples);
  set(METRICS.unavailable, status.requests.unavailable);
  for (const reason of REFUSALS) measure(counters, METRICS.refused, { reason }, 0);
  for (const { reason, count } of status.refused) measure(counters, METRICS.refused, { reason }, count);
  set(METRICS.journal, status.journalBytes);
  if (status.forwarding === null) measureKept(set, status);
}

function measureKept(set: (metric: Metric, value: number) => void, status: SeriesStatus): void {
  const { rules, disk, replay } = status;
  if (rules !== null) set(METRICS.limit, rules.limits.series);
  set(METRICS.memory, status.memoryBytes);
  set(METRICS.blocks, status.blocks);
  set(METRICS.blockBytes, status.blockBytes);
  set(METRICS.blockSamples, status.blockSamples);
  set(METRICS.damaged, replay.corrupt + status.damagedChunks + status.blockProblems.length);
  set(METRICS.exemplars, status.exemplars.kept);
  set(METRICS.displaced, status.exemplars.displaced);
  set(METRICS.refusedExemplars, status.exemplars.refused);
  set(METRICS.failing, status.journalProblem === null && status.keepingProblem === null ? 0 : 1);
  if (disk === null) return;
  if (disk.freeBytes !== null) set(METRICS.free, disk.freeBytes);
  set(METRICS.full, disk.full === null ? 0 : 1);
}
