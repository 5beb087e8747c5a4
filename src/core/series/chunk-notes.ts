const SHIFT = 12;
const NOTES = 1 << SHIFT;
const MASK = NOTES - 1;

/** What is known of so many sealed chunks. */
export interface NotesPage {
  readonly before: Int32Array;
  readonly at: Uint32Array;
  readonly size: Uint32Array;
  readonly from: Float64Array;
  readonly to: Float64Array;
}

/** What a page of notes occupies. */
export const NOTES_PAGE_BYTES: number = NOTES * 28;

/** A page of notes, of one piece. */
export function newNotesPage(): NotesPage {
  const buffer = new ArrayBuffer(NOTES_PAGE_BYTES);
  return {
    from: new Float64Array(buffer, 0, NOTES),
    to: new Float64Array(buffer, NOTES * 8, NOTES),
    before: new Int32Array(buffer, NOTES * 16, NOTES),
    at: new Uint32Array(buffer, NOTES * 20, NOTES),
    size: new Uint32Array(buffer, NOTES * 24, NOTES),
  };
}

/** Where the sealed chunks of a memtable are and which times they span; each names the one of its series before it. */
export class ChunkNotes {
  count = 0;
  readonly pages: NotesPage[] = [];
  private readonly take: () => NotesPage;

  constructor(take: () => NotesPage) {
    this.take = take;
  }

  /** Notes a chunk, and gives its number. */
  add(
    before: number,
    { at, size, from, to }: { readonly at: number; readonly size: number; readonly from: number; readonly to: number },
  ): number {
    const chunk = this.count;
    if ((chunk & MASK) === 0) this.pages.push(this.take());
    const page = this.pages[chunk >>> SHIFT];
    if (page === undefined) return chunk;
    const i = chunk & MASK;
    page.before[i] = before;
    page.at[i] = at;
    page.size[i] = size;
    page.from[i] = from;
    page.to[i] = to;
    this.count = chunk + 1;
    return chunk;
  }

  /** The chunk of the same series that was sealed before, -1 when there is none. */
  before(chunk: number): number {
    return this.pages[chunk >>> SHIFT]?.before[chunk & MASK] ?? -1;
  }

  /** Where its bytes begin. */
  at(chunk: number): number {
    return this.pages[chunk >>> SHIFT]?.at[chunk & MASK] ?? 0;
  }

  /** How many bytes it has. */
  size(chunk: number): number {
    return this.pages[chunk >>> SHIFT]?.size[chunk & MASK] ?? 0;
  }

  /** May it have samples between the times? */
  overlaps(chunk: number, from: number, to: number): boolean {
    const page = this.pages[chunk >>> SHIFT];
    const i = chunk & MASK;
    return page !== undefined && (page.from[i] ?? 0) <= to && (page.to[i] ?? 0) >= from;
  }
}
