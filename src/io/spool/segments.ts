import type { Millis } from '../../core/base/time.ts';
import type { Files, OpenFile } from '../files.ts';
import { decodeFrame, decodeLength, HEADER_BYTES, type Waiting } from './frame.ts';

const NAME = /^(\d{16})\.segment$/;

/** One file of the spool. Numbers rise with time. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  sizeBytes: number;
  /** About when its last frame was written. */
  writtenAt: Millis;
}

export function segmentPath(folder: string, number: number): string {
  return `${folder}/${String(number).padStart(16, '0')}.segment`;
}

/** The segments in a folder, oldest first. */
export async function loadSegments(files: Files, folder: string): Promise<Segment[]> {
  const segments: Segment[] = [];
  for (const { name } of await files.list(folder)) {
    const number = NAME.exec(name)?.[1];
    const state = number === undefined ? null : await files.state(`${folder}/${name}`);
    if (number === undefined || state?.kind !== 'file') continue;
    segments.push({ number: Number(number), path: `${folder}/${name}`, sizeBytes: state.sizeBytes, writtenAt: state.modifiedAt });
  }
  return segments.sort((a, b) => a.number - b.number);
}

/** The frame at a position, and where the next one begins; null at the end, or where the file is damaged. */
export async function readFrame(file: OpenFile, position: number): Promise<{ waiting: Waiting; next: number } | null> {
  const length = decodeLength(await file.readAt(position, HEADER_BYTES));
  if (length === null) return null;
  const waiting = decodeFrame(await file.readAt(position, HEADER_BYTES + length));
  return waiting === null ? null : { waiting, next: position + HEADER_BYTES + length };
}

/** Where the whole frames end: behind it is what a crash left half-written. */
export async function soundLength(file: OpenFile): Promise<number> {
  let position = 0;
  for (;;) {
    const frame = await readFrame(file, position);
    if (frame === null) return position;
    position = frame.next;
  }
}
