import { isAbsolute } from 'node:path';
import { fileErrorCode, type Files } from '../../io/files.ts';

const NEWLINE = 0x0a;

/** A file that is kept with the output of a run, under a heading; what cannot be read leaves a note that says why. */
export async function collectFile(files: Files, path: string, limitBytes: number): Promise<Buffer> {
  if (!isAbsolute(path)) return heading(path, 'not collected: the path is not absolute');
  try {
    const state = await files.state(path);
    if (state === null) return heading(path, 'not collected: there is no such file');
    // A pipe or a device could keep us waiting for ever.
    if (state.kind !== 'file') return heading(path, 'not collected: it is not a file');
    return await readEnd(files, path, limitBytes);
  } catch (error) {
    return heading(path, `not collected: ${fileErrorCode(error) ?? String(error)}`);
  }
}

async function readEnd(files: Files, path: string, limitBytes: number): Promise<Buffer> {
  const file = await files.open(path, 'read');
  try {
    const size = file.sizeBytes();
    const from = Math.max(0, size - limitBytes);
    const read = await file.readAt(from, size - from);
    // A cut line may begin in the middle of a secret, which would then not be recognised.
    const lineEnd = from > 0 ? read.indexOf(NEWLINE) : -1;
    const content = read.subarray(lineEnd + 1 < read.length ? lineEnd + 1 : 0);
    const note = from > 0 ? `the last ${content.length} of ${size} bytes` : `${content.length} bytes`;
    const end = content.at(-1) === NEWLINE || content.length === 0 ? '' : '\n';
    return Buffer.concat([heading(path, note), content, Buffer.from(end)]);
  } finally {
    await file.close();
  }
}

function heading(path: string, note: string): Buffer {
  return Buffer.from(`\n--- ${path.replace(/\p{Cc}/gu, '?')} (${note})\n`);
}
