import { grown } from './grown.ts';

/** The bits of Prometheus' staleness marker; an ordinary NaN has others (model/value/value.go). */
export const STALE_HIGH = 0x7ff00000;
/** The low word of the staleness marker. */
export const STALE_LOW = 0x00000002;

const FIRST = 1024;

/** Messages inside of a write request that are read when they are needed: number `i` belongs to series `series[i]`. */
class MessageRanges {
  count = 0;
  series: Int32Array = new Int32Array(64);
  from: Int32Array = new Int32Array(64);
  to: Int32Array = new Int32Array(64);

  add(series: number, from: number, to: number): void {
    const at = this.count;
    if (at === this.series.length) {
      this.series = grown(this.series, new Int32Array(at * 2));
      this.from = grown(this.from, new Int32Array(at * 2));
      this.to = grown(this.to, new Int32Array(at * 2));
    }
    this.series[at] = series;
    this.from[at] = from;
    this.to[at] = to;
    this.count = at + 1;
  }
}

const METADATA_WORDS = 8;

/**
 * What a write request says of metrics; the texts stand in `WriteBatch.body`. Number `i` is `words[8 * i]` to `words[8 * i + 7]`: the
 * series whose metric it is (-1: the name says it), the type as both protocols number them, then from and to of name, help and unit.
 */
class MetadataRanges {
  count = 0;
  words: Int32Array = new Int32Array(METADATA_WORDS * 8);

  /** Adds one without texts; where its words begin. */
  add(series: number, type: number): number {
    const at = this.count * METADATA_WORDS;
    if (at === this.words.length) this.words = grown(this.words, new Int32Array(at * 2));
    this.words.fill(0, at, at + METADATA_WORDS);
    this.words[at] = series;
    this.words[at + 1] = type;
    this.count += 1;
    return at;
  }

  /** Says where the name (2), the help (4) or the unit (6) stands. */
  place(at: number, from: number, to: number): void {
    this.words[at] = from;
    this.words[at + 1] = to;
  }
}

/**
 * The samples of one write request as columns, reused from request to request. Series `s` has the label bytes
 * `bytes[labelsFrom[s], labelsTo[s])` (the `labels` fields of a remote-write `TimeSeries`, as they came) and the samples from
 * `samplesTo[s - 1]` (0 for the first) up to `samplesTo[s]`.
 */
export class WriteBatch {
  bytes: Uint8Array = new Uint8Array(0);
  series = 0;
  samples = 0;
  labelsFrom: Int32Array = new Int32Array(FIRST);
  labelsTo: Int32Array = new Int32Array(FIRST);
  samplesTo: Int32Array = new Int32Array(FIRST);
  times: Float64Array = new Float64Array(FIRST);
  values: Float64Array = new Float64Array(FIRST);
  /** 1 where the sample is a staleness marker; its value is then without meaning. */
  stale: Uint8Array = new Uint8Array(FIRST);
  /** When the counter of a sample started, 0 = not known; null when the request says it of none. */
  starts: Float64Array | null = null;
  /** The request as it came: what `histograms` and `metadata` point into. */
  body: Uint8Array = new Uint8Array(0);
  /** `Histogram` messages. */
  readonly histograms = new MessageRanges();
  /** `Exemplar` messages as remote write 1.0 spells them, in `bytes`. */
  readonly exemplars = new MessageRanges();
  readonly metadata = new MetadataRanges();
  /** When the counters of a series started, for its histograms that do not say it themselves. */
  readonly created = new Map<number, number>();
  private startRoom: Float64Array = new Float64Array(0);

  /** Forgets the last request; `bytes` is what the label ranges of the next one point into, `body` the request itself. */
  begin(bytes: Uint8Array, body: Uint8Array = bytes): void {
    this.bytes = bytes;
    this.body = body;
    this.series = 0;
    this.samples = 0;
    this.starts = null;
    this.histograms.count = 0;
    this.exemplars.count = 0;
    this.metadata.count = 0;
    if (this.created.size > 0) this.created.clear();
  }

  /** Notes when the counter of a sample started. */
  startOf(sample: number, started: number): void {
    if (this.starts === null) {
      if (this.startRoom.length < this.times.length) this.startRoom = new Float64Array(this.times.length);
      this.starts = this.startRoom.fill(0);
    }
    this.starts[sample] = started;
  }

  /** Closes a series over the samples added since the last one. */
  endSeries(labelsFrom: number, labelsTo: number): void {
    const index = this.series;
    if (index === this.labelsFrom.length) {
      this.labelsFrom = grown(this.labelsFrom, new Int32Array(index * 2));
      this.labelsTo = grown(this.labelsTo, new Int32Array(index * 2));
      this.samplesTo = grown(this.samplesTo, new Int32Array(index * 2));
    }
    this.labelsFrom[index] = labelsFrom;
    this.labelsTo[index] = labelsTo;
    this.samplesTo[index] = this.samples;
    this.series = index + 1;
  }

  /** Room for one more sample. */
  growSamples(): void {
    const size = this.times.length * 2;
    this.times = grown(this.times, new Float64Array(size));
    this.values = grown(this.values, new Float64Array(size));
    this.stale = grown(this.stale, new Uint8Array(size));
    if (this.starts !== null) this.starts = this.startRoom = grown(this.startRoom, new Float64Array(size));
  }
}
