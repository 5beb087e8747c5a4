import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';

/** A thread that loads the program of the series store and waits for its options. */
export function startThread(): Worker {
  return new Worker(new URL(`./worker${extname(import.meta.url)}`, import.meta.url));
}

/** The series thread, started before anything is known that it needs, so that both threads load their program at the same time. */
export class PreparedThread {
  private worker: Worker | null = startThread();
  private readonly gone = (): void => {
    this.worker = null;
  };

  constructor() {
    // Who ends before it is taken does not wait for it, and one that died is not taken.
    this.worker?.unref();
    this.worker?.on('error', this.gone).on('exit', this.gone);
  }

  /** The thread, once; null when it is gone. */
  take(): Worker | null {
    const { worker } = this;
    this.worker = null;
    worker?.off('error', this.gone).off('exit', this.gone).ref();
    return worker;
  }

  /** Nobody needs it. */
  async end(): Promise<void> {
    await this.worker?.terminate();
  }
}
