/** A piece of output as it may be kept: the bytes of one stream, in the order in which they were read across both. */
export interface Piece<S extends string> {
  readonly stream: S;
  readonly at: number;
  readonly bytes: Buffer;
}

const MASK = Buffer.from('***');

/**
 * Replaces every occurrence of the given texts by `***`, literally, also where they come in several pieces, and keeps the order of
 * the pieces of all streams. Occurrences that overlap become one mask, so that no byte of a secret is seen. The end of a stream that
 * might be the beginning of a secret is held until more is known, and what follows it on other streams waits behind it.
 */
export class Masker<S extends string> {
  readonly #secrets: readonly Secret[];
  readonly #queue: Item<S>[] = [];
  readonly #streams = new Map<S, Held<S>>();
  #waitingBytes = 0;

  constructor(secrets: readonly string[]) {
    const texts = [...new Set(secrets)].filter((text) => text !== '');
    this.#secrets = texts.map((text) => prepare(Buffer.from(text, 'utf8')));
  }

  /** How many bytes wait behind a held end. */
  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Takes what was read and gives what may be kept now. */
  push(stream: S, at: number, bytes: Buffer): readonly Piece<S>[] {
    if (this.#secrets.length === 0) return bytes.length === 0 ? [] : [{ stream, at, bytes }];
    const item: Item<S> = { stream, at, out: [], outBytes: 0, held: 0 };
    this.#queue.push(item);
    const before = this.#streams.get(stream);
    const slots = [...(before?.slots ?? []), { item, length: bytes.length }];
    const whole = before === undefined ? bytes : Buffer.concat([before.bytes, bytes]);
    const holdFrom = this.#secrets.reduce((least, secret) => Math.min(least, whole.length - openEnd(secret, whole)), whole.length);
    this.#scan(stream, { bytes: whole, slots, masked: before?.masked ?? 0 }, holdFrom);
    return this.#release();
  }

  /** Lets the streams pass each other: what waits is given, only the held ends stay. Their own order is kept. */
  overtake(): readonly Piece<S>[] {
    const given: Piece<S>[] = [];
    for (const item of this.#queue) this.#take(item, given);
    const held = this.#queue.filter((item) => item.held > 0);
    this.#queue.splice(0, this.#queue.length, ...held);
    return given;
  }

  /** The streams have ended: what was held and is no whole secret is given. */
  end(): readonly Piece<S>[] {
    for (const [stream, held] of this.#streams) this.#scan(stream, held, held.bytes.length);
    return this.#release();
  }

  /** Puts all that stands before `holdFrom` and holds the rest. */
  #scan(stream: S, { bytes, slots, masked }: Held<S>, holdFrom: number): void {
    const places = findPlaces(this.#secrets, bytes, masked);
    let coveredTo = 0;
    for (const { from, to, isNew } of places) {
      this.#putPlain(bytes, slots, coveredTo, Math.min(from, holdFrom));
      if (isNew && from < holdFrom) this.#put(slotAt(slots, from).item, MASK);
      coveredTo = Math.min(to, holdFrom);
    }
    this.#putPlain(bytes, slots, coveredTo, holdFrom);
    const crossing = places.find(({ from, to, isNew }) => (from < holdFrom || !isNew) && to > holdFrom);
    const rest = cutSlots(slots, holdFrom);
    for (const { item } of slots) item.held = 0;
    for (const { item, length } of rest) item.held = length;
    if (rest.length === 0) this.#streams.delete(stream);
    else
      this.#streams.set(stream, {
        bytes: Buffer.from(bytes.subarray(holdFrom)),
        slots: rest,
        masked: (crossing?.to ?? holdFrom) - holdFrom,
      });
  }

  #putPlain(whole: Buffer, slots: readonly Slot<S>[], from: number, to: number): void {
    let start = 0;
    for (const { item, length } of slots) {
      const first = Math.max(from, start);
      const last = Math.min(to, start + length);
      if (first < last) this.#put(item, whole.subarray(first, last));
      start += length;
    }
  }

  #put(item: Item<S>, bytes: Buffer): void {
    item.out.push(bytes);
    item.outBytes += bytes.length;
    this.#waitingBytes += bytes.length;
  }

  #release(): readonly Piece<S>[] {
    const given: Piece<S>[] = [];
    let settled = 0;
    for (const item of this.#queue) {
      this.#take(item, given);
      if (item.held > 0) break;
      settled += 1;
    }
    this.#queue.splice(0, settled);
    return given;
  }

  #take(item: Item<S>, into: Piece<S>[]): void {
    if (item.outBytes === 0) return;
    const [only] = item.out;
    into.push({ stream: item.stream, at: item.at, bytes: item.out.length === 1 && only !== undefined ? only : Buffer.concat(item.out) });
    this.#waitingBytes -= item.outBytes;
    item.out = [];
    item.outBytes = 0;
  }
}

/** One reading: what of it may be given, and how many bytes of it are still held. */
interface Item<S> {
  readonly stream: S;
  readonly at: number;
  out: Buffer[];
  outBytes: number;
  held: number;
}

/** So many bytes of the text that is looked at came with this reading. */
interface Slot<S> {
  readonly item: Item<S>;
  readonly length: number;
}

/** `masked`: how many bytes at the beginning belong to an occurrence whose mask has been put already. */
interface Held<S> {
  readonly bytes: Buffer;
  readonly slots: readonly Slot<S>[];
  readonly masked: number;
}

interface Secret {
  readonly bytes: Buffer;
  /** Of each beginning, the length of its longest proper end that is a beginning too (Knuth, Morris and Pratt). */
  readonly borders: Uint32Array;
}

interface Place {
  readonly from: number;
  to: number;
  readonly isNew: boolean;
}

function prepare(bytes: Buffer): Secret {
  const borders = new Uint32Array(bytes.length);
  for (let at = 1, length = 0; at < bytes.length; at += 1) {
    while (length > 0 && bytes[at] !== bytes[length]) length = borders[length - 1] ?? 0;
    if (bytes[at] === bytes[length]) length += 1;
    borders[at] = length;
  }
  return { bytes, borders };
}

/** The length of the longest end of the text with which the secret begins, and is not complete. */
function openEnd({ bytes, borders }: Secret, text: Buffer): number {
  let length = 0;
  for (let at = Math.max(0, text.length - bytes.length + 1); at < text.length; at += 1) {
    while (length > 0 && (length === bytes.length || text[at] !== bytes[length])) length = borders[length - 1] ?? 0;
    if (text[at] === bytes[length]) length += 1;
  }
  return length;
}

/** Where the secrets stand; what overlaps is one place, and the beginning that was masked before is the first. */
function findPlaces(secrets: readonly Secret[], text: Buffer, masked: number): readonly Place[] {
  const found: Place[] = masked > 0 ? [{ from: 0, to: masked, isNew: false }] : [];
  for (const { bytes } of secrets) {
    for (let at = text.indexOf(bytes); at >= 0; at = text.indexOf(bytes, at + 1))
      found.push({ from: at, to: at + bytes.length, isNew: true });
  }
  found.sort((a, b) => a.from - b.from || Number(a.isNew) - Number(b.isNew));
  const merged: Place[] = [];
  for (const place of found) {
    const last = merged.at(-1);
    if (last !== undefined && place.from < last.to) last.to = Math.max(last.to, place.to);
    else merged.push(place);
  }
  return merged;
}

function slotAt<S>(slots: readonly Slot<S>[], position: number): Slot<S> {
  let end = 0;
  const found = slots.find(({ length }) => {
    end += length;
    return position < end;
  });
  if (found === undefined) throw new RangeError('no reading has this byte');
  return found;
}

function cutSlots<S>(slots: readonly Slot<S>[], from: number): readonly Slot<S>[] {
  const rest: Slot<S>[] = [];
  let start = 0;
  for (const { item, length } of slots) {
    const left = Math.min(length, start + length - from);
    if (left > 0) rest.push({ item, length: left });
    start += length;
  }
  return rest;
}
