import type { WriteBatch } from './write-batch.ts';
import { REQUEST_LIMIT, WriteReader } from './write-reader.ts';

/**
 * Walks a remote-write 1.0 `WriteRequest` (prompb/remote.proto) into columns without building a string. The label bytes are not looked
 * into. Takes the bytes over: they may be rearranged. Null, or what is wrong; the batch is then without meaning.
 */
export function decodeWriteRequest(bytes: Uint8Array, batch: WriteBatch): string | null {
  return new Reader(bytes, batch).request();
}

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
      } else this.skip(tag, end);
      if (this.bad) return `remote write: malformed message near byte ${this.at}`;
      if (batch.series > REQUEST_LIMIT || batch.samples > REQUEST_LIMIT) return 'remote write: too many series or samples in one request';
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
      } else {
        if (tag === 26) batch.exemplars += 1;
        else if (tag === 34) batch.histograms += 1;
        this.skip(tag, end);
      }
      if (this.bad) return;
      if (batch.samples > REQUEST_LIMIT) return;
    }
    if (this.at !== end) this.bad = true;
    else if (scattered) batch.endSeries(start, this.gather(start, end));
    else batch.endSeries(labelsFrom, labelsTo);
  }

  /** Moves the label fields of a message to its beginning, over samples that are already read. Where they end. */
  private gather(start: number, end: number): number {
    const { bytes } = this;
    let to = start;
    this.at = start;
    while (this.at < end) {
      const field = this.at;
      const tag = this.varint(end);
      const isLabel = tag === 10;
      this.skip(tag, end);
      if (!isLabel) continue;
      bytes.copyWithin(to, field, this.at);
      to += this.at - field;
    }
    return to;
  }
}
