import type { Columns } from './columns.ts';

/** Samples of one series; read, never written. */
interface Samples {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/**
 * The samples in columns as arrays of just their length. Series are read into the same memory one after the other, and most have equally
 * many samples: then the arrays of the one before show the next.
 */
export class ColumnViews {
  private last: Samples = { times: new Float64Array(0), values: new Float64Array(0) };

  of({ size, times, values }: Columns): Samples {
    const { last } = this;
    if (last.times.length === size && last.times.buffer === times.buffer) return last;
    this.last = { times: times.subarray(0, size), values: values.subarray(0, size) };
    return this.last;
  }
}
