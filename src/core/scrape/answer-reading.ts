import type { Millis } from '../base/time.ts';
import { encodeLabels } from '../wire/encode-write.ts';
import { encodeExemplar, encodeStarted } from '../wire/prompb-encode.ts';
import { fitsRecord, setSample } from '../wire/sample-record.ts';
import type { Exemplar, FamilyLine, TextSink } from '../wire/scan-exposition.ts';
import type { FamilySink } from '../wire/scan-metric-families.ts';
import { withMoment } from '../wire/scan-native-histogram.ts';
import { readSeriesText } from '../wire/series-text.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import type { WriteBody } from '../wire/write-body.ts';
import type { KnownLines } from './known-lines.ts';
import { PendingSamples } from './pending-samples.ts';
import { storedLabels } from './scrape-labels.ts';
import { startGroupOf, type StartGroups } from './start-groups.ts';
import type { MemoryRules } from './memory-rules.ts';

/** What is known of a target from the answers before. */
export interface TargetLines {
  readonly lines: KnownLines;
  readonly said: Map<number, FamilyLine>;
  readonly exemplars: Map<number, readonly string[]>;
  readonly groups: StartGroups;
}

/** Which scrape it is, and of what moment. */
export interface ScrapeMoment {
  readonly scrape: number;
  readonly at: Millis;
  /** Whether series named `..._created` say when others started, as in OpenMetrics. */
  readonly saysStarts: boolean;
}

const NEWLINE = 10;
/** One answer may have so many labels a series where the job does not say less. */
const MOST_LABELS = 256;
/** Lines about families that are remembered: three of each. */
const MOST_SAID = 30_000;
/** So many exemplars of a series are remembered. */
const MOST_EXEMPLARS = 16;
const LONGEST_HELP = 1_000;
/** A body beyond this is handed on in pieces. */
const PIECE_BYTES = 8 << 20;
const RUN_BYTES = 1 << 20;

/** One answer of a target while it is read: what it becomes in the body of a write request. */
export class AnswerReading implements TextSink, FamilySink {
  private readonly body: WriteBody;
  /** Said of families in protobuf, where lines are not known. */
  readonly described: FamilyLine[] = [];
  hasNewFamilies = false;
  scraped = 0;
  kept = 0;
  added = 0;
  exemplars = 0;
  /** Samples of a series that the answer already had, without a moment of their own. */
  repeated = 0;
  private readonly target: TargetLines;
  private readonly lines: KnownLines;
  /** Lines from this number on were not there before. */
  private readonly firstNew: number;
  private readonly rules: MemoryRules;
  private readonly scrape: number;
  private readonly at: Millis;
  private readonly done: Uint8Array[] = [];
  private readonly saysStarts: boolean;
  private readonly pending = new PendingSamples();
  /** What the samples are of that come. */
  private current = { name: '', type: '' };
  /** The series of the sample that comes. */
  private id = -1;
  /** The series of the sample before, when that is kept. */
  private last = -1;
  private matchedAt = -1;
  private matchedEnd = -1;
  /** Records that follow each other and have their samples: they are copied together. */
  private runFrom = 0;
  private runTo = 0;
  private runSamples = 0;

  constructor(known: TargetLines, rules: MemoryRules, body: WriteBody, { scrape, at, saysStarts }: ScrapeMoment) {
    this.target = known;
    this.body = body;
    this.lines = known.lines;
    this.firstNew = known.lines.count;
    this.rules = rules;
    this.scrape = scrape;
    this.at = at;
    this.saysStarts = saysStarts;
  }

  takeAll(): readonly Uint8Array[] {
    this.flush();
    return [...this.done, this.body.view()];
  }

  limitProblem(): string | null {
    return this.isOverLimit ? `${this.kept} samples, sample_limit is ${this.rules.limits.samples}` : null;
  }

  private get isOverLimit(): boolean {
    const { samples } = this.rules.limits;
    return samples > 0 && this.kept > samples;
  }

  known(bytes: Uint8Array, at: number): number {
    const { lines } = this;
    const end = lines.match(at);
    if (end < 0) return -1;
    if (bytes[end - 1] === NEWLINE) {
      const id = lines.takeExpected();
      lines.see(id, this.scrape);
      const said = this.target.said.get(id);
      if (said !== undefined) this.enter(said);
    } else {
      this.matchedAt = at;
      this.matchedEnd = end;
    }
    return end;
  }

  series(bytes: Uint8Array, from: number, to: number): string | null {
    const { lines } = this;
    const id = from === this.matchedAt && to === this.matchedEnd ? lines.takeExpected() : lines.find(bytes, from, to);
    this.matchedAt = -1;
    this.id = id;
    return id < 0 ? this.first(bytes, from, to) : null;
  }

  sample(value: number, written: Millis | null, start: Millis): void {
    const { lines, id, scrape } = this;
    const group = lines.group(id);
    // It counts also where relabelling drops the series that says it.
    if (group < 0) this.target.groups.say(-group, Math.trunc(value * 1_000), scrape);
    const at = this.place(written);
    if (at === null) return;
    if (group > 0) this.pending.add(id, group, value, at);
    else this.write(id, value, at, start);
  }

  /** The samples of a family have all come. */
  endFamily(): void {
    const { lines, scrape } = this;
    const { groups } = this.target;
    this.pending.release((id, group, value, at) => {
      const start = groups.startIn(group, scrape);
      if (start === 0 && !groups.hasSaid(group)) lines.setGroup(id, 0);
      this.write(id, value, at, start > 0 && start <= at ? start : 0);
    });
    groups.endFamily();
  }

  private enter(said: FamilyLine): void {
    if (said.name !== this.current.name) this.endFamily();
    const type = said.kind === 'type' ? said.text : said.name === this.current.name ? this.current.type : '';
    this.current = { name: said.name, type };
  }

  private write(id: number, value: number, at: Millis, start: Millis): void {
    const { lines, body } = this;
    if (start !== 0) {
      this.flush();
      body.addMessage(lines.records, lines.labels(id), 2, encodeStarted(value, at, start));
    } else if (!fitsRecord(at)) {
      this.flush();
      body.add(lines.records, lines.labels(id), at, value);
    } else {
      const from = lines.recordStart(id);
      if (from !== this.runTo || from - this.runFrom > RUN_BYTES) {
        this.flush();
        this.runFrom = from;
      }
      this.runTo = lines.recordStop(id);
      this.runSamples += 1;
      setSample(lines.recordsView, this.runTo, value, at);
    }
  }

  histogram(message: Uint8Array, written: Millis | null, start: Millis): void {
    const at = this.place(written);
    if (at === null) return;
    this.flush();
    this.body.addMessage(this.lines.records, this.lines.labels(this.id), 4, withMoment(message, at, start));
  }

  exemplar({ labels, value, at }: Exemplar): void {
    const { last } = this;
    if (last < 0) return;
    this.exemplars += 1;
    // Targets show an exemplar until they have a newer one.
    const shown = JSON.stringify([labels, value, at]);
    const before = this.target.exemplars.get(last) ?? [];
    if (before.includes(shown)) return;
    this.target.exemplars.set(last, [...before, shown].slice(-MOST_EXEMPLARS));
    const message = encodeExemplar(encodeLabels(labels), value, at ?? this.at);
    this.flush();
    this.body.addMessage(this.lines.records, this.lines.labels(last), 3, message);
  }

  family(said: FamilyLine, bytes: Uint8Array, from: number, to: number): void {
    const { lines } = this;
    const known = this.target.said;
    this.enter(said);
    let id = lines.find(bytes, from, to);
    if (id < 0) {
      if (known.size >= MOST_SAID) return;
      id = lines.add('said', bytes, [from, to], null);
      known.set(id, { ...said, text: said.text.slice(0, LONGEST_HELP) });
      this.hasNewFamilies = true;
    }
    lines.see(id, this.scrape);
  }

  describe(said: FamilyLine): void {
    this.enter(said);
    if (this.described.length >= MOST_SAID) return;
    this.described.push({ ...said, text: said.text.slice(0, LONGEST_HELP) });
    this.hasNewFamilies = true;
  }

  /** Copies the samples whose records follow each other. */
  flush(): void {
    if (this.runTo > this.runFrom) this.body.addRecords(this.lines.records, [this.runFrom, this.runTo], this.runSamples);
    this.runFrom = 0;
    this.runTo = 0;
    this.runSamples = 0;
    if (this.body.size > PIECE_BYTES) this.done.push(this.body.take());
  }

  /** The moment of a sample of the series; null: it is not stored. */
  private place(written: Millis | null): Millis | null {
    this.scraped += 1;
    this.last = -1;
    const { lines, id, scrape } = this;
    const isRepeated = lines.seenIn(id) === scrape;
    lines.see(id, scrape);
    if (!lines.isKept(id)) return null;
    this.kept += 1;
    const own = this.rules.honorTimestamps ? written : null;
    // The rest of what is too much only needs to be counted.
    if (this.isOverLimit) return null;
    // The same series twice at one moment: the first value counts.
    if (isRepeated && own === null) {
      this.repeated += 1;
      return null;
    }
    if (id >= this.firstNew && !isRepeated) this.added += 1;
    lines.setLiveNext(id, own === null || this.rules.trackTimestampsStaleness);
    this.last = id;
    return own ?? this.at;
  }

  private first(bytes: Uint8Array, from: number, to: number): string | null {
    const text = decodeUtf8(bytes, from, to);
    if (text === null) return 'the text is not UTF-8';
    const read = readSeriesText(text, 0, MOST_LABELS);
    if ('problem' in read) return read.problem;
    if (read.end !== text.length) return 'nothing more is expected after a series';
    const labels = storedLabels(read.labels, this.current.type, this.rules);
    if (typeof labels === 'string') {
      this.scraped += 1;
      return labels;
    }
    this.id = this.lines.add(labels === null ? 'dropped' : 'kept', bytes, [from, to], labels === null ? null : encodeLabels(labels));
    const group = this.saysStarts ? startGroupOf(read.labels, this.current) : null;
    if (group !== null) this.lines.setGroup(this.id, this.target.groups.open(group.key) * (group.isCreated ? -1 : 1));
    return null;
  }
}
