import { type NotesPage, NOTES_PAGE_BYTES, newNotesPage } from './chunk-notes.ts';
import { newSlabPage, SLAB_SIZES, slabPageBytes, type SlabPage } from './sample-pool.ts';
import { SparePages } from './spare-pages.ts';

/** How many bytes of sealed chunks are together in one piece of memory. */
export const CHUNK_PAGE_BYTES: number = 1 << 20;

/** Memory for the bytes of sealed chunks. */
export interface BytesPage {
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** A page for chunks, longer when one alone is longer. */
export function newBytesPage(size = CHUNK_PAGE_BYTES): BytesPage {
  const bytes = new Uint8Array(size);
  return { bytes, view: new DataView(bytes.buffer) };
}

/** The memory of memtables, which the next one gets when one is written out. */
export class MemtablePages {
  readonly small = new SparePages<SlabPage>(() => newSlabPage(SLAB_SIZES[0]));
  readonly large = new SparePages<SlabPage>(() => newSlabPage(SLAB_SIZES[1]));
  readonly bytes = new SparePages<BytesPage>(() => newBytesPage());
  readonly notes = new SparePages<NotesPage>(newNotesPage);

  /** What waits for the next memtable. */
  get memoryBytes(): number {
    return (
      this.small.count * slabPageBytes(SLAB_SIZES[0]) +
      this.large.count * slabPageBytes(SLAB_SIZES[1]) +
      this.bytes.count * CHUNK_PAGE_BYTES +
      this.notes.count * NOTES_PAGE_BYTES
    );
  }
}
