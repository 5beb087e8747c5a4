import { grown } from './grown.ts';

/** The bits of Prometheus' staleness marker; an ordinary NaN has others (model/value/value.go). */
export const STALE_HIGH = 0x7ff00000;
/** The low word of the staleness marker. */
export const STALE_LOW = 0x00000002;

const FIRST = 1024;

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
  /** What was understood and is not stored. */
  exemplars = 0;
  histograms = 0;

  /** Forgets the last request; `bytes` is what the label ranges of the next one point into. */
  begin(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.series = 0;
    this.samples = 0;
    this.exemplars = 0;
    this.histograms = 0;
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
  }
}
