import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { decodePieces, type OutputPiece } from './frame.ts';
import { eachFrame, type LiveFile, LONGEST_WINDOW, readWindows } from './live-file.ts';

/**
 * The output of a run that has ended: blocks of frames, each compressed on its own, so that reading may begin at any of them; then the
 * list of the blocks, its length and the mark of the format.
 */
export interface PackedFile {
  readonly kind: 'packed';
  readonly handle: FileHandle;
  readonly length: number;
  readonly blocks: readonly Block[];
}

interface Block {
  /** Bytes of output before it. */
  readonly offset: number;
  readonly position: number;
  /** Compressed. */
  readonly size: number;
}

const MARK = 'tocsin output 1\n';
const ENTRY_BYTES = 24;
const END_BYTES = 16 + MARK.length;

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Writes the packed form beside the live one; it stands under its name when it is whole and on the medium. */
export async function packFile(live: LiveFile, path: string): Promise<void> {
  const beside = `${path}.tmp`;
  const handle = await open(beside, 'w', 0o600);
  try {
    const blocks: Block[] = [];
    let offset = 0;
    let position = 0;
    for await (const frames of readWindows(live.handle, 0, live.size)) {
      const packed = await compress(frames);
      await handle.writeFile(packed);
      blocks.push({ offset, position, size: packed.length });
      position += packed.length;
      for (const { piece } of eachFrame(frames)) offset += piece.bytes.length;
    }
    await handle.writeFile(encodeEnd(blocks, offset));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, path);
}

/** Makes the live form again, for output that came late. */
export async function unpackFile(packed: PackedFile, path: string): Promise<void> {
  const beside = `${path}.tmp`;
  const handle = await open(beside, 'w', 0o600);
  try {
    for (const block of packed.blocks) await handle.writeFile(await readBlock(packed, block));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, path);
}

/** Null when there is no file, or none that is whole. */
export async function openPackedFile(path: string): Promise<PackedFile | null> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const end = await readEnd(handle);
  if (end === null) {
    await handle.close();
    await rm(path, { force: true });
    return null;
  }
  return { kind: 'packed', handle, ...end };
}

export async function readPacked(file: PackedFile, from: number, limitBytes: number): Promise<readonly OutputPiece[]> {
  const pieces: OutputPiece[] = [];
  let taken = 0;
  const first = file.blocks.findLastIndex((block) => block.offset <= from);
  for (const block of file.blocks.slice(Math.max(0, first))) {
    for (const piece of decodePieces(await readBlock(file, block), block.offset, from)) {
      pieces.push(piece);
      taken += piece.bytes.length;
      if (taken >= limitBytes) return pieces;
    }
  }
  return pieces;
}

async function readBlock({ handle }: PackedFile, { position, size }: Block): Promise<Buffer> {
  const packed = Buffer.allocUnsafe(size);
  await handle.read(packed, 0, size, position);
  return decompress(packed, { maxOutputLength: LONGEST_WINDOW });
}

/** offset, position, size of each block; how many blocks; bytes of output; the mark. */
function encodeEnd(blocks: readonly Block[], length: number): Buffer {
  const end = Buffer.alloc(blocks.length * ENTRY_BYTES + END_BYTES);
  for (const [index, { offset, position, size }] of blocks.entries()) {
    for (const [field, number] of [offset, position, size].entries()) end.writeDoubleLE(number, index * ENTRY_BYTES + field * 8);
  }
  end.writeDoubleLE(blocks.length, blocks.length * ENTRY_BYTES);
  end.writeDoubleLE(length, blocks.length * ENTRY_BYTES + 8);
  end.write(MARK, blocks.length * ENTRY_BYTES + 16, 'latin1');
  return end;
}

async function readEnd(handle: FileHandle): Promise<Pick<PackedFile, 'length' | 'blocks'> | null> {
  const { size } = await handle.stat();
  const end = Buffer.alloc(END_BYTES);
  if (size < END_BYTES) return null;
  await handle.read(end, 0, END_BYTES, size - END_BYTES);
  const count = end.readDoubleLE(0);
  const start = size - END_BYTES - count * ENTRY_BYTES;
  if (end.toString('latin1', 16) !== MARK || !Number.isSafeInteger(count) || count < 0 || start < 0) return null;
  const list = Buffer.alloc(count * ENTRY_BYTES);
  await handle.read(list, 0, list.length, start);
  const blocks = Array.from({ length: count }, (_, index): Block => {
    const field = (number: number): number => list.readDoubleLE(index * ENTRY_BYTES + number * 8);
    return { offset: field(0), position: field(1), size: field(2) };
  });
  return { length: end.readDoubleLE(8), blocks };
}
