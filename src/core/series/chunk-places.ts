import type { Millis } from '../base/time.ts';
import { grown } from '../wire/grown.ts';

const LARGEST_32 = 2 ** 32 - 1;

/** Where the chunks of a block file are, in as little memory as that takes: row `r` has the chunks `first(r)` up to `first(r + 1)`. */
export class ChunkPlaces {
  private readonly origin: Millis;
  private readonly firsts: Uint32Array;
  private readonly starts: Uint32Array | Float64Array;
  private readonly places: Uint32Array | Float64Array;
  private readonly checks: Uint32Array;

  constructor(origin: Millis, columns: ChunkColumns) {
    this.origin = origin;
    this.firsts = columns.firsts;
    this.starts = columns.starts;
    this.places = columns.places;
    this.checks = columns.checks;
  }

  /** The first chunk of a row. */
  first(row: number): number {
    return this.firsts[row] ?? 0;
  }

  /** The time of the first sample of a chunk. */
  from(chunk: number): Millis {
    return this.origin + (this.starts[chunk] ?? 0);
  }

  /** Where the bytes of a chunk begin, from the first chunk of the file on; they end where those of the next one begin. */
  at(chunk: number): number {
    return this.places[chunk] ?? 0;
  }

  /** The CRC-32 of a chunk. */
  crc(chunk: number): number {
    return this.checks[chunk] ?? 0;
  }

  /** What it occupies. */
  get memoryBytes(): number {
    return this.firsts.byteLength + this.starts.byteLength + this.places.byteLength + this.checks.byteLength;
  }
}

interface ChunkColumns {
  readonly firsts: Uint32Array;
  /** Relative to the origin. */
  readonly starts: Uint32Array | Float64Array;
  /** One more than there are chunks. */
  readonly places: Uint32Array | Float64Array;
  readonly checks: Uint32Array;
}

/** Collects the places of chunks, row after row. */
export class ChunkPlacesBuilder {
  private readonly origin: Millis;
  private firsts: Uint32Array;
  private starts: Float64Array;
  private places: Float64Array;
  private checks: Uint32Array;
  private rows = 0;
  private chunks = 0;
  private longest = 0;

  /** `origin`: no chunk begins before it. */
  constructor(origin: Millis, room: { readonly rows: number; readonly chunks: number }) {
    this.origin = origin;
    this.firsts = new Uint32Array(room.rows + 1);
    this.starts = new Float64Array(room.chunks);
    this.places = new Float64Array(room.chunks + 1);
    this.checks = new Uint32Array(room.chunks);
  }

  /** Adds a chunk to the row that is not ended yet. */
  add(from: Millis, bytes: number, crc: number): void {
    const chunk = this.chunks;
    if (chunk === this.starts.length) {
      const room = Math.max(256, chunk * 2);
      this.starts = grown(this.starts, new Float64Array(room));
      this.places = grown(this.places, new Float64Array(room + 1));
      this.checks = grown(this.checks, new Uint32Array(room));
    }
    const start = from - this.origin;
    if (start > this.longest) this.longest = start;
    this.starts[chunk] = start;
    this.places[chunk + 1] = (this.places[chunk] ?? 0) + bytes;
    this.checks[chunk] = crc;
    this.chunks = chunk + 1;
  }

  endRow(): void {
    this.rows += 1;
    if (this.rows === this.firsts.length) this.firsts = grown(this.firsts, new Uint32Array(Math.max(256, this.rows * 2)));
    this.firsts[this.rows] = this.chunks;
  }

  /** All that were added. */
  finish(): ChunkPlaces {
    const { chunks, places } = this;
    return new ChunkPlaces(this.origin, {
      firsts: this.firsts.slice(0, this.rows + 1),
      starts: narrow(this.starts.subarray(0, chunks), this.longest),
      places: narrow(places.subarray(0, chunks + 1), places[chunks] ?? 0),
      checks: this.checks.slice(0, chunks),
    });
  }
}

function narrow(numbers: Float64Array, largest: number): Uint32Array | Float64Array {
  return largest <= LARGEST_32 ? Uint32Array.from(numbers) : numbers.slice();
}
