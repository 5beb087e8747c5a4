import { NAME } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { encodeLabels } from '../wire/encode-write.ts';
import { type Exemplar, type ScanSink, scanExposition, type TextFormat } from '../wire/scan-exposition.ts';
import { encodeExemplar, encodeStarted } from '../wire/prompb-encode.ts';
import { type HistogramChoice, scanMetricFamilies } from '../wire/scan-metric-families.ts';
import { withMoment } from '../wire/scan-native-histogram.ts';
import { readSeriesText } from '../wire/series-text.ts';
import { WriteBody } from '../wire/write-body.ts';
import { ByteSlab, type Range } from './byte-slab.ts';
import { type LabelRules, storedLabels } from './scrape-labels.ts';

/** What a target answered, read so far that its format is known. */
export type ScrapedBody =
  | { readonly format: TextFormat; readonly text: string }
  | { readonly format: 'protobuf'; readonly bytes: Uint8Array };

/** What is known of a scrape besides its samples. `problem`: why it failed; its samples are then worth nothing. */
export interface ScrapeOutcome {
  readonly problem: string | null;
  readonly duration: Millis;
  /** Samples in the body, and those that were left after relabelling. */
  readonly scraped: number;
  readonly kept: number;
  /** Series that the scrape before did not have. */
  readonly added: number;
  readonly exemplars: number;
}

/** How the samples of a target become series. */
export interface MemoryRules extends LabelRules {
  readonly honorTimestamps: boolean;
  readonly trackTimestampsStaleness: boolean;
  /** As what histograms are taken that have a native part and classic buckets. */
  readonly histograms: HistogramChoice;
}

/** A series of the target, by the text it is written as. */
interface Known {
  /** Null: relabelling drops it. */
  range: Range | null;
  /** The scrape in which it was seen last. */
  seen: number;
  /** Its last sample is in force until it is written stale; `next`: it will be, if the answer that is being read is good. */
  live: boolean;
  next: boolean;
  /** The exemplars that it had last. */
  exemplars?: string[];
}

/** A family, for `/api/v1/targets/metadata`. */
export interface ScrapedFamily {
  readonly type: string;
  readonly help: string;
  readonly unit: string;
}

/** One answer may have so many labels a series where the job does not say less. */
const MOST_LABELS = 256;
const MOST_FAMILIES = 10_000;
/** So many exemplars of a series are remembered. */
const MOST_EXEMPLARS = 16;
const LONGEST_HELP = 1_000;
/** A body beyond this is handed on in pieces. */
const PIECE_BYTES = 8 << 20;
const REPORTS = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;

/**
 * What a target said before, so that the next answer costs little and a series that is missing from it is written stale. It turns
 * answers into bodies of write requests.
 */
export class TargetMemory {
  /** What the last good answer said of its families. */
  families: ReadonlyMap<string, ScrapedFamily> = new Map();
  private readonly rules: MemoryRules;
  private readonly known = new Map<string, Known>();
  private slab = new ByteSlab();
  private readonly reports: readonly Range[];
  private readonly reportBytes = new ByteSlab();
  private scrape = 0;
  private hasReported = false;

  constructor(rules: MemoryRules) {
    this.rules = rules;
    this.reports = REPORTS.map((name) => this.reportBytes.put(encodeLabels({ ...rules.target, [NAME]: name })));
  }

  /** Takes an answer that came: the write bodies for it, with the reports on the scrape. A bad one leaves only stale markers and `up 0`. */
  take(body: ScrapedBody, at: Millis, duration: Millis): { readonly bodies: readonly Uint8Array[]; readonly outcome: ScrapeOutcome } {
    this.scrape += 1;
    const reading = new Reading(this.known, this.rules, { scrape: this.scrape, at, slab: this.slab });
    const problem =
      (body.format === 'protobuf'
        ? scanMetricFamilies(body.bytes, reading, this.rules.histograms)
        : scanExposition(body.text, body.format, reading)) ?? reading.limitProblem();
    const outcome = { problem, duration, scraped: reading.scraped, kept: reading.kept, added: reading.added, exemplars: reading.exemplars };
    if (problem !== null) {
      for (const series of reading.fresh) this.forget(series);
      return { bodies: this.fail(at, outcome), outcome };
    }
    this.families = reading.families;
    this.endMissing(reading.body, at);
    this.report(reading.body, at, outcome);
    return { bodies: reading.takeAll(), outcome };
  }

  /** No answer that could be read: stale markers for what was there, and `up 0`. */
  fail(at: Millis, outcome: ScrapeOutcome): readonly Uint8Array[] {
    const body = new WriteBody();
    this.endLive(body, at);
    this.report(body, at, outcome);
    return [body.take()];
  }

  /** The target is gone: everything of it ends, the reports too. */
  end(at: Millis): readonly Uint8Array[] {
    const body = new WriteBody();
    this.endLive(body, at);
    if (this.hasReported) for (const range of this.reports) body.add(this.reportBytes.bytes, range, at, 'stale');
    this.hasReported = false;
    return body.samples === 0 ? [] : [body.take()];
  }

  private report(body: WriteBody, at: Millis, { problem, duration, scraped, kept, added }: ScrapeOutcome): void {
    const values = [problem === null ? 1 : 0, duration / 1_000, scraped, kept, added];
    for (const [index, range] of this.reports.entries()) body.add(this.reportBytes.bytes, range, at, values[index] ?? 0);
    this.hasReported = true;
  }

  /** Series that the last answer does not have any more. */
  private endMissing(body: WriteBody, at: Millis): void {
    for (const [series, one] of this.known) {
      if (one.seen === this.scrape) {
        one.live = one.next;
        continue;
      }
      if (one.live && one.range !== null) body.add(this.slab.bytes, one.range, at, 'stale');
      this.forget(series);
    }
    if (this.slab.isWasteful) this.compact();
  }

  private endLive(body: WriteBody, at: Millis): void {
    for (const one of this.known.values()) {
      if (one.live && one.range !== null) body.add(this.slab.bytes, one.range, at, 'stale');
      one.live = false;
    }
  }

  private forget(series: string): void {
    const range = this.known.get(series)?.range ?? null;
    if (range !== null) this.slab.giveUp(range);
    this.known.delete(series);
  }

  private compact(): void {
    const slab = new ByteSlab();
    for (const one of this.known.values()) if (one.range !== null) one.range = slab.put(this.slab.bytes.subarray(...one.range));
    this.slab = slab;
  }
}

/** One answer while it is read. */
class Reading implements ScanSink {
  readonly body = new WriteBody();
  /** Series that were not known before, kept or dropped. */
  readonly fresh: string[] = [];
  readonly families = new Map<string, ScrapedFamily>();
  scraped = 0;
  kept = 0;
  added = 0;
  exemplars = 0;
  private readonly known: Map<string, Known>;
  private readonly rules: MemoryRules;
  private readonly now: { readonly scrape: number; readonly at: Millis; readonly slab: ByteSlab };
  private readonly done: Uint8Array[] = [];
  private type = '';
  /** The series of the sample before, when it is kept. */
  private last: Known | null = null;

  constructor(known: Map<string, Known>, rules: MemoryRules, now: Reading['now']) {
    this.known = known;
    this.rules = rules;
    this.now = now;
  }

  takeAll(): readonly Uint8Array[] {
    return [...this.done, this.body.take()];
  }

  limitProblem(): string | null {
    return this.isOverLimit ? `${this.kept} samples, sample_limit is ${this.rules.limits.samples}` : null;
  }

  private get isOverLimit(): boolean {
    const { samples } = this.rules.limits;
    return samples > 0 && this.kept > samples;
  }

  sample(series: string, value: number, written: Millis | null, start: Millis): string | null {
    const place = this.place(series, written);
    if (place === null || typeof place === 'string') return place;
    const { range, at } = place;
    if (start === 0) this.body.add(this.now.slab.bytes, range, at, value);
    else this.body.addMessage(this.now.slab.bytes, range, 2, encodeStarted(value, at, start));
    this.cut();
    return null;
  }

  histogram(series: string, message: Uint8Array, written: Millis | null, start: Millis): string | null {
    const place = this.place(series, written);
    if (place === null || typeof place === 'string') return place;
    this.body.addMessage(this.now.slab.bytes, place.range, 4, withMoment(message, place.at, start));
    this.cut();
    return null;
  }

  exemplar({ labels, value, at }: Exemplar): void {
    const { last } = this;
    if (last === null || last.range === null) return;
    this.exemplars += 1;
    // Targets show an exemplar until they have a newer one.
    const shown = JSON.stringify([labels, value, at]);
    if (last.exemplars?.includes(shown) === true) return;
    last.exemplars = [...(last.exemplars ?? []), shown].slice(-MOST_EXEMPLARS);
    const message = encodeExemplar(encodeLabels(labels), value, at ?? this.now.at);
    this.body.addMessage(this.now.slab.bytes, last.range, 3, message);
  }

  family(kind: 'type' | 'help' | 'unit', name: string, text: string): void {
    if (kind === 'type') this.type = text;
    if (this.families.size >= MOST_FAMILIES) return;
    const family = this.families.get(name) ?? { type: 'unknown', help: '', unit: '' };
    this.families.set(name, { ...family, [kind]: text.slice(0, LONGEST_HELP) });
  }

  /** Where a sample of the series goes; null: nowhere. A text is what is wrong with the series. */
  private place(series: string, written: Millis | null): { readonly range: Range; readonly at: Millis } | string | null {
    this.scraped += 1;
    this.last = null;
    const { scrape } = this.now;
    let one = this.known.get(series);
    if (one === undefined) {
      const made = this.first(series);
      if (typeof made === 'string') return made;
      one = made;
    }
    const isRepeated = one.seen === scrape;
    one.seen = scrape;
    if (one.range === null) return null;
    this.kept += 1;
    const own = this.rules.honorTimestamps ? written : null;
    // The same series twice at one moment: the first value counts. And the rest of what is too much only needs to be counted.
    if ((isRepeated && own === null) || this.isOverLimit) return null;
    one.next = own === null || this.rules.trackTimestampsStaleness;
    this.last = one;
    return { range: one.range, at: own ?? this.now.at };
  }

  private cut(): void {
    if (this.body.size > PIECE_BYTES) this.done.push(this.body.take());
  }

  private first(series: string): Known | string {
    // A piece of the answer would keep all of it in memory.
    const text = ` ${series}`.slice(1);
    const read = readSeriesText(text, 0, MOST_LABELS);
    if ('problem' in read) return read.problem;
    if (read.end !== text.length) return 'nothing more is expected after a series';
    const labels = storedLabels(read.labels, this.type, this.rules);
    if (typeof labels === 'string') return labels;
    const one: Known = { range: labels === null ? null : this.now.slab.put(encodeLabels(labels)), seen: 0, live: false, next: false };
    this.known.set(text, one);
    this.fresh.push(text);
    if (one.range !== null) this.added += 1;
    return one;
  }
}
