import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A pipe between a command and us: `writeFd` is for the command, and has to be closed here once it has it. */
interface Pipe {
  readonly source: Readable;
  readonly writeFd: number;
}

export type PipePair = readonly [Pipe, Pipe];

/** Runs a program with these arguments; whether it ended well. */
export type RunTool = (program: string, args: readonly string[]) => Promise<boolean>;

const MOST_SPARE = 4;

/**
 * Real pipes for the output of commands. The runtime connects children by sockets, and on Linux a script that writes to /dev/stderr or
 * /dev/stdout cannot open those. So named pipes are made ahead, opened and unlinked at once; each pair serves one command.
 */
export class PipeSupply {
  readonly #runTool: RunTool;
  readonly #spare: (readonly [number, number])[] = [];
  #making: Promise<boolean> | null = null;

  constructor(runTool: RunTool) {
    this.#runTool = runTool;
  }

  /** Makes some ahead. */
  prepare(): void {
    if (process.platform !== 'linux' || this.#making !== null || this.#spare.length >= MOST_SPARE) return;
    this.#making = this.#make();
    void this.#making.then((made) => {
      this.#making = null;
      if (made) this.prepare();
    });
  }

  /** Null: there are none on this system, or now. */
  async take(): Promise<PipePair | null> {
    if (this.#spare.length === 0) {
      this.prepare();
      await this.#making;
    }
    const pair = this.#spare.shift();
    return pair === undefined ? null : openPair(pair);
  }

  async #make(): Promise<boolean> {
    const opened: number[] = [];
    let folder = '';
    try {
      folder = mkdtempSync(join(tmpdir(), 'tocsin-pipes-'));
      const paths = [join(folder, 'stdout'), join(folder, 'stderr')];
      if (!(await this.#runTool('mkfifo', ['-m', '600', ...paths]))) return false;
      for (const path of paths) opened.push(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
      const [stdout, stderr] = opened.splice(0);
      if (stdout === undefined || stderr === undefined) return false;
      this.#spare.push([stdout, stderr]);
      return true;
    } catch {
      for (const fd of opened) closeSync(fd);
      return false;
    } finally {
      if (folder !== '') rmSync(folder, { recursive: true, force: true });
    }
  }
}

function openPair([stdout, stderr]: readonly [number, number]): PipePair | null {
  const first = openPipe(stdout);
  const second = openPipe(stderr);
  if (first !== null && second !== null) return [first, second];
  for (const pipe of [first, second]) {
    if (pipe === null) continue;
    pipe.source.destroy();
    closeSync(pipe.writeFd);
  }
  return null;
}

/** One end to read, without waiting, and one for the command, which waits; then the end is seen when the last writer is gone. */
function openPipe(fd: number): Pipe | null {
  const path = `/proc/self/fd/${fd}`;
  try {
    const readFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const writeFd = openSync(path, constants.O_WRONLY);
      return { source: new Socket({ fd: readFd, readable: true, writable: false }), writeFd };
    } catch (error) {
      closeSync(readFd);
      throw error;
    }
  } catch {
    return null;
  } finally {
    closeSync(fd);
  }
}
