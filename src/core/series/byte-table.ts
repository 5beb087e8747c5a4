const PAGE_SHIFT = 20;
const PAGE_BYTES = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_BYTES - 1;

/** A 32-bit hash of `length` bytes; the seed keeps senders from choosing collisions. */
function hashBytes(view: DataView, at: number, length: number, seed: number): number {
  let hash = seed ^ length;
  let i = 0;
  for (; i + 4 <= length; i += 4) {
    hash = Math.imul(hash ^ view.getInt32(at + i, true), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  for (; i < length; i += 1) hash = Math.imul(hash ^ view.getUint8(at + i), 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * Byte strings numbered from 0 in the order they were added: an open-addressing table over typed arrays, the bytes in pages. A key is
 * at most a page (1 MiB) long, all of them together at most 4 GiB.
 */
export class ByteTable {
  count = 0;
  private slots: Int32Array = new Int32Array(1024).fill(-1);
  private offsets: Uint32Array = new Uint32Array(512);
  private lengths: Uint32Array = new Uint32Array(512);
  private hashes: Uint32Array = new Uint32Array(512);
  private readonly pages: Uint8Array[] = [];
  private readonly views: DataView[] = [];
  private used = PAGE_BYTES;
  private readonly seed: number;

  constructor(seed: number) {
    this.seed = seed;
  }

  /** The number of the key, or -1. */
  find(view: DataView, at: number, length: number): number {
    return this.lookup(view, at, length, hashBytes(view, at, length, this.seed));
  }

  /** Is this the key with that number? */
  holds(id: number, view: DataView, at: number, length: number): boolean {
    if (this.lengths[id] !== length) return false;
    const offset = this.offsets[id] ?? 0;
    const page = this.views[offset >>> PAGE_SHIFT];
    if (page === undefined) return false;
    const from = offset & PAGE_MASK;
    let i = 0;
    for (; i + 8 <= length; i += 8) if (page.getBigInt64(from + i) !== view.getBigInt64(at + i)) return false;
    for (; i < length; i += 1) if (page.getUint8(from + i) !== view.getUint8(at + i)) return false;
    return true;
  }

  /** Adds a key that is known to be new, and gives its number. */
  add(view: DataView, at: number, length: number): number {
    if (this.count === this.offsets.length) this.grow();
    const id = this.count;
    const hash = hashBytes(view, at, length, this.seed);
    this.offsets[id] = this.keep(view, at, length);
    this.lengths[id] = length;
    this.hashes[id] = hash;
    this.count = id + 1;
    this.place(id, hash);
    return id;
  }

  /** The number of the key, which is added when it is new. */
  intern(view: DataView, at: number, length: number): number {
    const id = this.find(view, at, length);
    return id >= 0 ? id : this.add(view, at, length);
  }

  /** The bytes of a key; a view of the table's own memory. */
  bytes(id: number): Uint8Array {
    const offset = this.offsets[id] ?? 0;
    const from = offset & PAGE_MASK;
    return (this.pages[offset >>> PAGE_SHIFT] ?? new Uint8Array(0)).subarray(from, from + (this.lengths[id] ?? 0));
  }

  /** How long the key with that number is. */
  sizeOf(id: number): number {
    return this.lengths[id] ?? 0;
  }

  /** What the table occupies. */
  get memoryBytes(): number {
    return this.pages.length * PAGE_BYTES + this.slots.byteLength + this.offsets.byteLength * 3;
  }

  private lookup(view: DataView, at: number, length: number, hash: number): number {
    const { slots, hashes } = this;
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const id = slots[slot] ?? -1;
      if (id < 0) return -1;
      if (hashes[id] === hash && this.holds(id, view, at, length)) return id;
    }
  }

  private keep(view: DataView, at: number, length: number): number {
    if (this.used + length > PAGE_BYTES) {
      const page = new Uint8Array(PAGE_BYTES);
      this.pages.push(page);
      this.views.push(new DataView(page.buffer));
      this.used = 0;
    }
    const index = this.pages.length - 1;
    this.pages[index]?.set(new Uint8Array(view.buffer, view.byteOffset + at, length), this.used);
    const offset = index * PAGE_BYTES + this.used;
    this.used += length;
    return offset;
  }

  private place(id: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while ((this.slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask;
    this.slots[slot] = id;
  }

  private grow(): void {
    const size = this.offsets.length * 2;
    this.offsets = grow32(this.offsets, size);
    this.lengths = grow32(this.lengths, size);
    this.hashes = grow32(this.hashes, size);
    this.slots = new Int32Array(size * 2).fill(-1);
    for (let id = 0; id < this.count; id += 1) this.place(id, this.hashes[id] ?? 0);
  }
}

function grow32(from: Uint32Array, size: number): Uint32Array {
  const to = new Uint32Array(size);
  to.set(from);
  return to;
}
