import type { WriteBatch } from './write-batch.ts';
import { METADATA_LIMIT, REQUEST_LIMIT, WriteReader } from './write-reader.ts';

/**
 * Walks a remote-write 1.0 `WriteRequest` (prompb/remote.proto) into columns without building a string. The label bytes are not looked
 * into. Takes the bytes over: they may be rearranged. Null, or what is wrong; the batch is then without meaning.
 */
export function decodeWriteRequest(bytes: Uint8Array, batch: WriteBatch): string | null {
  return new Reader(bytes, batch).request();
}

const TOO_MUCH = 'remote write: too many series or samples in one request';

class Reader extends WriteReader {
  request(): string | null {
    const { bytes, batch } = this;
    const end = bytes.length;
    batch.begin(bytes);
    while (this.at < end) {
      const tag = this.varint(end);
      if (tag === 10) {
        const to = this.length(end);
        if (!this.bad) this.series(to);
      } else if (tag === 26) {
        const to = this.length(end);
        if (!this.bad) this.metadata(to);
      } else this.skip(tag, end);
      if (this.bad) return `remote write: malformed message near byte ${this.at}`;
      if (batch.series > REQUEST_LIMIT || batch.samples > REQUEST_LIMIT || this.hasTooManySides) return TOO_MUCH;
    }
    return null;
  }

  private series(end: number): void {
    const { bytes, batch } = this;
    const start = this.at;
    let labelsFrom = start;
    let labelsTo = start;
    let scattered = false;
    while (this.at < end) {
      const field = this.at;
      let tag = bytes[field] ?? 0;
      this.at = field + 1;
      if (tag >= 0x80) {
        this.at = field;
        tag = this.varint(end);
      }
      if (tag === 10) {
        const to = this.length(end);
        if (labelsTo === labelsFrom) labelsFrom = field;
        else if (field !== labelsTo) scattered = true;
        labelsTo = to;
        this.at = to;
      } else if (tag === 18) {
        const to = this.length(end);
        if (!this.bad) this.sample(to);
      } else if (tag === 26 || tag === 34) {
        const to = this.length(end);
        if (!this.bad) (tag === 26 ? batch.exemplars : batch.histograms).add(batch.series, this.at, to);
        this.at = to;
        if (this.hasTooManySides) return;
      } else this.skip(tag, end);
      if (this.bad || batch.samples > REQUEST_LIMIT) return;
    }
    if (this.at !== end) this.bad = true;
    else if (scattered) this.scattered(start, end);
    else batch.endSeries(labelsFrom, labelsTo);
  }

  /** Label fields that are not all together are brought to the beginning of the message, which is then read again. */
  private scattered(start: number, end: number): void {
    const { batch } = this;
    const samples = batch.series === 0 ? 0 : (batch.samplesTo[batch.series - 1] ?? 0);
    batch.starts?.fill(0, samples, batch.samples);
    batch.samples = samples;
    for (const ranges of [batch.histograms, batch.exemplars]) {
      while (ranges.count > 0 && ranges.series[ranges.count - 1] === batch.series) ranges.count -= 1;
    }
    this.gather(start, end);
    this.at = start;
    this.series(end);
  }

  private metadata(end: number): void {
    const { metadata } = this.batch;
    if (metadata.count >= METADATA_LIMIT) {
      this.at = end;
      return;
    }
    const at = metadata.add(-1, 0);
    while (this.at < end && !this.bad) {
      const tag = this.varint(end);
      if (tag === 8) metadata.words[at + 1] = this.varint(end);
      else if (tag === 18) metadata.place(at + 2, ...this.text(end));
      else if (tag === 34) metadata.place(at + 4, ...this.text(end));
      else if (tag === 42) metadata.place(at + 6, ...this.text(end));
      else this.skip(tag, end);
    }
    if (this.at !== end) this.bad = true;
  }

  /** Moves the label fields of a message before the others; all keep their order. */
  private gather(start: number, end: number): void {
    const message = this.bytes.slice(start, end);
    const fields: number[] = [];
    let labelBytes = 0;
    this.at = start;
    while (this.at < end) {
      const field = this.at;
      const tag = this.varint(end);
      this.skip(tag, end);
      if (tag === 10) labelBytes += this.at - field;
      fields.push(tag === 10 ? 1 : 0, field - start, this.at - start);
    }
    const to = [start + labelBytes, start];
    for (let i = 0; i < fields.length; i += 3) {
      const kind = fields[i] ?? 0;
      const field = message.subarray(fields[i + 1], fields[i + 2]);
      this.bytes.set(field, to[kind]);
      to[kind] = (to[kind] ?? 0) + field.length;
    }
  }
}
