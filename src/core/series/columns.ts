/** Samples of one series as growing columns; reused from series to series. */
export class Columns {
  size = 0;
  times: Float64Array;
  values: Float64Array;
  /** 1 where the sample is a staleness marker. */
  stale: Uint8Array;

  constructor(room = 256) {
    this.times = new Float64Array(room);
    this.values = new Float64Array(room);
    this.stale = new Uint8Array(room);
  }

  /** Makes room for `more` samples behind the ones that are there. */
  reserve(more: number): void {
    const need = this.size + more;
    if (need <= this.times.length) return;
    const room = Math.max(need, this.times.length * 2);
    this.times = grown(this.times, new Float64Array(room));
    this.values = grown(this.values, new Float64Array(room));
    this.stale = grown(this.stale, new Uint8Array(room));
  }

  add(time: number, value: number, stale: number): void {
    if (this.size === this.times.length) this.reserve(1);
    const at = this.size;
    this.times[at] = time;
    this.values[at] = value;
    this.stale[at] = stale;
    this.size = at + 1;
  }

  /** Brings the samples into the order of time and drops all but the first that was added of several at one time. */
  sort(): void {
    const { times, size } = this;
    let ordered = true;
    for (let i = 1; i < size && ordered; i += 1) ordered = (times[i] ?? 0) > (times[i - 1] ?? 0);
    if (ordered) return;
    const order = new Uint32Array(size);
    for (let i = 0; i < size; i += 1) order[i] = i;
    order.sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0) || a - b);
    const from = { times: times.slice(0, size), values: this.values.slice(0, size), stale: this.stale.slice(0, size) };
    this.size = 0;
    for (const index of order) {
      const time = from.times[index] ?? 0;
      if (this.size > 0 && times[this.size - 1] === time) continue;
      this.add(time, from.values[index] ?? 0, from.stale[index] ?? 0);
    }
  }

  /** Leaves only the samples with `from <= time <= to`; they are in order. */
  clip(from: number, to: number): void {
    let first = 0;
    while (first < this.size && (this.times[first] ?? 0) < from) first += 1;
    let last = this.size;
    while (last > first && (this.times[last - 1] ?? 0) > to) last -= 1;
    if (first > 0) {
      this.times.copyWithin(0, first, last);
      this.values.copyWithin(0, first, last);
      this.stale.copyWithin(0, first, last);
    }
    this.size = last - first;
  }

  /** Is one of the samples a staleness marker? */
  hasStale(): boolean {
    const at = this.stale.indexOf(1);
    return at >= 0 && at < this.size;
  }
}

function grown<T extends { set(from: T): void }>(from: T, to: T): T {
  to.set(from);
  return to;
}
