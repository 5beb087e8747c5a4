import { NAME } from '../base/labels.ts';
import type { Millis } from '../base/time.ts';
import { encodeLabels } from '../wire/encode-write.ts';
import { type FamilyLine, scanExposition, type TextFormat } from '../wire/scan-exposition.ts';
import { METRIC_TYPES, type MetricType } from '../wire/metric-type.ts';
import { scanMetricFamilies } from '../wire/scan-metric-families.ts';
import { WriteBody } from '../wire/write-body.ts';
import { AnswerReading } from './answer-reading.ts';
import { KnownLines } from './known-lines.ts';
import type { MemoryRules } from './memory-rules.ts';
import { StartGroups } from './start-groups.ts';

/** What a target answered. */
export interface ScrapedBody {
  readonly format: TextFormat | 'protobuf';
  readonly bytes: Uint8Array;
}

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
  /** Samples of a series that the answer already had: only the first one counts. */
  readonly repeated: number;
  /** How long the answer was, decompressed; -1: above `body_size_limit`. */
  readonly bodyBytes: number;
}

/** A family, for `/api/v1/targets/metadata`. */
export interface ScrapedFamily {
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** What the reports on a scrape are called. */
const REPORTS = [
  'up',
  'scrape_duration_seconds',
  'scrape_samples_scraped',
  'scrape_samples_post_metric_relabeling',
  'scrape_series_added',
] as const;
const MORE_REPORTS = ['scrape_timeout_seconds', 'scrape_sample_limit', 'scrape_body_size_bytes'] as const;

/**
 * What a target said before, so that the next answer costs little and a series that is missing from it is written stale. It turns
 * answers into bodies of write requests.
 */
export class TargetMemory {
  /** What the last good answer said of its families. */
  families: ReadonlyMap<string, ScrapedFamily> = new Map();
  private readonly rules: MemoryRules;
  private readonly body: WriteBody;
  private lines = new KnownLines();
  /** What the lines about families say, by their number. */
  private said = new Map<number, FamilyLine>();
  /** The exemplars that series had last, by their number. */
  private exemplars = new Map<number, readonly string[]>();
  private readonly groups = new StartGroups();
  private readonly reports: readonly Uint8Array[];
  private scrape = 0;
  private hasReported = false;

  /** What is put together in `body` counts until the next call of whoever shares it. */
  constructor(rules: MemoryRules, body: WriteBody = new WriteBody()) {
    this.rules = rules;
    this.body = body;
    const names = rules.reportedTimeout === null ? REPORTS : [...REPORTS, ...MORE_REPORTS];
    this.reports = names.map((name) => encodeLabels({ ...rules.target, [NAME]: name }));
  }

  /** Takes an answer that came: the write bodies for it, with the reports on the scrape. A bad one leaves only stale markers and `up 0`. */
  take(
    { format, bytes }: ScrapedBody,
    at: Millis,
    duration: Millis,
  ): { readonly bodies: readonly Uint8Array[]; readonly outcome: ScrapeOutcome } {
    this.scrape += 1;
    const { lines, rules, body, said, exemplars, groups, scrape } = this;
    const before = lines.count;
    lines.begin(bytes);
    body.clear();
    const reading = new AnswerReading({ lines, said, exemplars, groups }, rules, body, {
      scrape,
      at,
      saysStarts: format === 'openmetrics',
    });
    const problem =
      (format === 'protobuf' ? scanMetricFamilies(bytes, reading, rules.histograms) : scanExposition(bytes, format, reading)) ??
      reading.limitProblem();
    const outcome = {
      problem,
      duration,
      scraped: reading.scraped,
      kept: reading.kept,
      added: reading.added,
      exemplars: reading.exemplars,
      repeated: reading.repeated,
      bodyBytes: bytes.length,
    };
    if (problem !== null) {
      for (let id = before; id < lines.count; id += 1) this.forget(id);
      return { bodies: this.fail(at, outcome), outcome };
    }
    reading.endFamily();
    reading.flush();
    const isSaid = this.endMissing(body, at);
    if (isSaid || reading.hasNewFamilies) this.families = familiesOf(format === 'protobuf' ? reading.described : this.said.values());
    this.report(body, at, outcome);
    return { bodies: reading.takeAll(), outcome };
  }

  /** No answer that could be read: stale markers for what was there, and `up 0`. */
  fail(at: Millis, outcome: ScrapeOutcome): readonly Uint8Array[] {
    const { body } = this;
    body.clear();
    this.endLive(body, at);
    this.report(body, at, outcome);
    return [body.view()];
  }

  /** The target is gone: everything of it ends, the reports too. */
  end(at: Millis): readonly Uint8Array[] {
    const { body } = this;
    body.clear();
    this.endLive(body, at);
    if (this.hasReported) for (const labels of this.reports) body.add(labels, [0, labels.length], at, 'stale');
    this.hasReported = false;
    return body.samples === 0 ? [] : [body.view()];
  }

  private report(body: WriteBody, at: Millis, { problem, duration, scraped, kept, added, bodyBytes }: ScrapeOutcome): void {
    const { reportedTimeout, limits } = this.rules;
    const more = [(reportedTimeout ?? 0) / 1_000, limits.samples, bodyBytes];
    const values = [problem === null ? 1 : 0, duration / 1_000, scraped, kept, added, ...more];
    for (const [index, labels] of this.reports.entries()) body.add(labels, [0, labels.length], at, values[index] ?? 0);
    this.hasReported = true;
  }

  /** Lines that the last answer does not have any more; was one about a family among them? */
  private endMissing(body: WriteBody, at: Millis): boolean {
    const { lines, scrape, said } = this;
    const { size } = said;
    for (let id = 0; id < lines.count; id += 1) {
      if (lines.seenIn(id) === scrape) {
        lines.settle(id);
        continue;
      }
      if (lines.kind(id) === 'forgotten') continue;
      if (lines.isLive(id)) body.add(lines.records, lines.labels(id), at, 'stale');
      this.forget(id);
    }
    const isSaid = said.size < size;
    if (lines.isWasteful) this.compact();
    return isSaid;
  }

  private endLive(body: WriteBody, at: Millis): void {
    const { lines } = this;
    for (let id = 0; id < lines.count; id += 1) {
      if (!lines.isLive(id)) continue;
      body.add(lines.records, lines.labels(id), at, 'stale');
      lines.end(id);
    }
  }

  private forget(id: number): void {
    this.lines.forget(id);
    this.said.delete(id);
    this.exemplars.delete(id);
  }

  private compact(): void {
    const { lines, numbers } = this.lines.compacted();
    const renumbered = <T>(from: ReadonlyMap<number, T>): Map<number, T> => {
      const to = new Map<number, T>();
      for (const [id, one] of from) to.set(numbers.get(id) ?? -1, one);
      return to;
    };
    this.lines = lines;
    this.groups.keep(lines);
    this.said = renumbered(this.said);
    this.exemplars = renumbered(this.exemplars);
  }
}

function familiesOf(lines: Iterable<FamilyLine>): ReadonlyMap<string, ScrapedFamily> {
  const families = new Map<string, ScrapedFamily>();
  for (const { kind, name, text } of lines) {
    const { type, help, unit } = families.get(name) ?? { type: 'unknown', help: '', unit: '' };
    if (kind === 'type') families.set(name, { type: METRIC_TYPES.find((known) => known === text) ?? 'unknown', help, unit });
    else families.set(name, kind === 'help' ? { type, help: text, unit } : { type, help, unit: text });
  }
  return families;
}
