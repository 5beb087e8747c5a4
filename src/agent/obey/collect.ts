import { isAbsolute } from 'node:path';
import { fileErrorCode } from '../../io/files.ts';
import type { HostUser } from '../../io/exec.ts';
import type { Doors } from './doors.ts';

interface Reach extends Pick<Doors, 'files' | 'exec' | 'clock'> {
  /** With whose rights it is read; null: those of the agent. */
  readonly user: HostUser | null;
}

const NEWLINE = 0x0a;
/** How long reading as another user may take: what was a file a moment ago may be a pipe now. */
const READ_WITHIN = 10_000;

/** A file that is kept with the output of a run, under a heading; what cannot be read leaves a note that says why. */
export async function collectFile(path: string, limitBytes: number, reach: Reach): Promise<Buffer> {
  if (!isAbsolute(path)) return heading(path, 'not collected: the path is not absolute');
  try {
    const state = await reach.files.state(path);
    if (state === null) return heading(path, 'not collected: there is no such file');
    // A pipe or a device could keep us waiting for ever.
    if (state.kind !== 'file') return heading(path, 'not collected: it is not a file');
    const { user } = reach;
    if (user === null) return await readEnd(path, limitBytes, reach);
    const read = await readAs(path, limitBytes, { ...reach, user });
    return read === null
      ? heading(path, `not collected: ${user.name} cannot read it`)
      : framed(path, read, Math.max(state.sizeBytes, read.length));
  } catch (error) {
    return heading(path, `not collected: ${fileErrorCode(error) ?? String(error)}`);
  }
}

async function readEnd(path: string, limitBytes: number, { files }: Reach): Promise<Buffer> {
  const file = await files.open(path, 'read');
  try {
    const size = file.sizeBytes();
    const from = Math.max(0, size - limitBytes);
    return framed(path, await file.readAt(from, size - from), size);
  } finally {
    await file.close();
  }
}

/** A link that the user has put there leads nowhere where it may not look itself. */
async function readAs(path: string, limitBytes: number, reach: Reach & { readonly user: HostUser }): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  const outcome = await reach.exec.start(
    { argv: ['tail', '-c', String(limitBytes), '--', path], env: {}, cwd: '/', user: reach.user },
    {
      output: (stream, bytes) => {
        if (stream !== 'stdout' || length + bytes.length > limitBytes) return;
        chunks.push(bytes);
        length += bytes.length;
      },
    },
  );
  if (outcome.kind === 'not started') return null;
  const over = new AbortController();
  void reach.clock.wait(READ_WITHIN, over.signal).then(() => {
    if (!over.signal.aborted) outcome.process.stop();
  });
  const end = await outcome.process.ended;
  over.abort();
  return end.exitCode === 0 ? Buffer.concat(chunks) : null;
}

/** The last bytes of a file, from a line's beginning on. */
function framed(path: string, read: Uint8Array, size: number): Buffer {
  // A cut line may begin in the middle of a secret, which would then not be recognised.
  const lineEnd = read.length < size ? read.indexOf(NEWLINE) : -1;
  const content = read.subarray(lineEnd + 1 < read.length ? lineEnd + 1 : 0);
  const note = read.length < size ? `the last ${content.length} of ${size} bytes` : `${content.length} bytes`;
  const end = content.at(-1) === NEWLINE || content.length === 0 ? '' : '\n';
  return Buffer.concat([heading(path, note), content, Buffer.from(end)]);
}

function heading(path: string, note: string): Buffer {
  return Buffer.from(`\n--- ${path.replace(/\p{Cc}/gu, '?')} (${note})\n`);
}
