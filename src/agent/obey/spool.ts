import type { Millis } from '../../core/base/time.ts';
import type { Clock } from '../../io/clock.ts';
import { Masker, type Piece } from './mask.ts';
import type { OutputStream, RunFile } from './run-file.ts';

export interface SpoolHooks {
  /** More output can be read from the file. */
  readonly grown: () => void;
  /** The limit is reached; called once. */
  readonly full: () => void;
  /** Whether the command should wait until what it printed is written. */
  readonly hold: (wait: 'wait' | 'go on') => void;
}

const MOST_PENDING_BYTES = 1 << 20;
const ENOUGH_PENDING_BYTES = 1 << 18;
const MOST_WAITING_BYTES = 1 << 16;
const LONGEST_WAIT: Millis = 1_000;
/** Readings of one stream in quick succession become one piece. */
const MERGE_WITHIN: Millis = 50;
const MERGED_BYTES = 1 << 18;
/** Of the file, for each reading that is kept: thousands of tiny ones must not make it endless. */
const FRAME_BYTES = 20;
const FRAMES_ALLOWANCE_BYTES = 1 << 16;

/** The way of the output from the pipes into the run's file: masked, in order, up to a limit. */
export class Spool {
  readonly #file: RunFile;
  readonly #masker: Masker<OutputStream>;
  readonly #clock: Clock;
  readonly #hooks: SpoolHooks;
  readonly #ended = new AbortController();
  #left: number;
  #framesLeft: number;
  #pending: Piece<OutputStream>[] = [];
  #pendingBytes = 0;
  #writing: Promise<void> | null = null;
  #overtaking = false;
  #holding = false;
  #failure: string | null = null;
  #truncated = false;

  constructor(file: RunFile, secrets: readonly string[], limitBytes: number, doors: { readonly clock: Clock; readonly hooks: SpoolHooks }) {
    this.#file = file;
    this.#masker = new Masker(secrets);
    this.#left = limitBytes;
    this.#framesLeft = limitBytes + FRAMES_ALLOWANCE_BYTES;
    this.#clock = doors.clock;
    this.#hooks = doors.hooks;
  }

  get truncated(): boolean {
    return this.#truncated;
  }

  /** Why output could not be kept, null when it could. */
  get failure(): string | null {
    return this.#failure;
  }

  take(stream: 'stdout' | 'stderr', bytes: Buffer): void {
    this.#keep(this.#masker.push(stream, this.#clock.now(), bytes));
    if (this.#masker.waitingBytes > MOST_WAITING_BYTES) this.#keep(this.#masker.overtake());
    else if (this.#masker.waitingBytes > 0) void this.#overtakeLater();
  }

  /** Text of our own, and files that are kept with the output: masked too, but not counted. */
  note(bytes: Buffer, secrets: readonly string[]): void {
    const masker = new Masker<OutputStream>(secrets);
    for (const piece of [...masker.push('note', this.#clock.now(), bytes), ...masker.end()]) this.#enqueue(piece);
  }

  /** Returns when everything is in the file. */
  async end(): Promise<void> {
    this.#keep(this.#masker.end());
    await this.flush();
  }

  async flush(): Promise<void> {
    this.#ended.abort();
    while (this.#writing !== null) await this.#writing;
  }

  #keep(pieces: readonly Piece<OutputStream>[]): void {
    for (const piece of pieces) {
      if (this.#truncated) return;
      const bytes = piece.bytes.length > this.#left ? piece.bytes.subarray(0, this.#left) : piece.bytes;
      this.#left -= bytes.length;
      this.#framesLeft -= FRAME_BYTES;
      if (bytes.length > 0) this.#enqueue({ ...piece, bytes });
      if (bytes.length < piece.bytes.length || this.#framesLeft <= 0) {
        this.#truncated = true;
        this.#hooks.full();
      }
    }
  }

  #enqueue(piece: Piece<OutputStream>): void {
    if (this.#failure !== null) return;
    this.#pending.push(piece);
    this.#pendingBytes += piece.bytes.length;
    this.#writing ??= this.#write();
    if (this.#pendingBytes > MOST_PENDING_BYTES) this.#hold('wait');
  }

  async #write(): Promise<void> {
    while (this.#pending.length > 0) {
      const pieces = mergePieces(this.#pending);
      const bytes = this.#pendingBytes;
      this.#pending = [];
      try {
        await this.#file.appendOutput(pieces);
        this.#hooks.grown();
      } catch (error) {
        // The command goes on: it may be the one that makes room.
        this.#failure = error instanceof Error ? error.message : String(error);
        this.#truncated = true;
        this.#pending = [];
        this.#pendingBytes = bytes;
      }
      this.#pendingBytes -= bytes;
      if (this.#pendingBytes < ENOUGH_PENDING_BYTES) this.#hold('go on');
    }
    this.#writing = null;
  }

  #hold(wait: 'wait' | 'go on'): void {
    if (this.#holding === (wait === 'wait')) return;
    this.#holding = wait === 'wait';
    this.#hooks.hold(wait);
  }

  async #overtakeLater(): Promise<void> {
    if (this.#overtaking) return;
    this.#overtaking = true;
    await this.#clock.wait(LONGEST_WAIT, this.#ended.signal);
    this.#overtaking = false;
    if (!this.#ended.signal.aborted) this.#keep(this.#masker.overtake());
  }
}

function mergePieces(pieces: readonly Piece<OutputStream>[]): readonly Piece<OutputStream>[] {
  const merged: Piece<OutputStream>[] = [];
  let parts: Buffer[] = [];
  let lengthBytes = 0;
  for (const [index, piece] of pieces.entries()) {
    parts.push(piece.bytes);
    lengthBytes += piece.bytes.length;
    const first = pieces[index - parts.length + 1] ?? piece;
    const next = pieces[index + 1];
    const goesOn =
      next !== undefined &&
      next.stream === first.stream &&
      next.at - first.at < MERGE_WITHIN &&
      lengthBytes + next.bytes.length <= MERGED_BYTES;
    if (goesOn) continue;
    merged.push({ stream: first.stream, at: first.at, bytes: parts.length === 1 ? piece.bytes : Buffer.concat(parts) });
    parts = [];
    lengthBytes = 0;
  }
  return merged;
}
