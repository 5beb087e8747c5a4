import { extname } from 'node:path';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { QueryAsk, QueryTold } from './messages.ts';
import type { QueryAnswer } from './query-answer.ts';

/** How the series thread learns of the query thread. */
export type Introduce = (port: MessagePort, memory: SharedArrayBuffer) => Promise<unknown>;

interface Waiting {
  readonly done: (answer: QueryAnswer) => void;
  readonly failed: (error: Error) => void;
}

/** The thread for long queries: started when the first one comes, ended when none came for a while. */
export class QueryThread {
  private readonly introduce: Introduce;
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | null = null;
  private nextId = 1;
  /** Looks of `rest` at which nothing was under way. */
  private idle = 0;

  constructor(introduce: Introduce) {
    this.introduce = introduce;
  }

  async query(ask: QueryAsk): Promise<QueryAnswer> {
    this.idle = 0;
    const worker = this.worker ?? this.start();
    const id = this.nextId;
    this.nextId += 1;
    return new Promise((done, failed) => {
      this.waiting.set(id, { done, failed });
      worker.postMessage({ id, ask });
    });
  }

  /** Called now and then; ends the thread when it had nothing to do at so many calls. */
  rest(calls: number): void {
    this.idle = this.waiting.size === 0 ? this.idle + 1 : 0;
    if (this.idle >= calls) void this.stop(new Error('idle'));
  }

  async stop(reason: Error): Promise<void> {
    const { worker } = this;
    this.worker = null;
    for (const { failed } of this.waiting.values()) failed(reason);
    this.waiting.clear();
    await worker?.terminate();
  }

  private start(): Worker {
    const { port1, port2 } = new MessageChannel();
    const memory = new SharedArrayBuffer(8);
    const file = new URL(`./query-worker${extname(import.meta.url)}`, import.meta.url);
    const worker = new Worker(file, { workerData: { select: port1, memory }, transferList: [port1] });
    worker.on('message', ({ id, answer }: QueryTold) => {
      this.waiting.get(id)?.done(answer);
      this.waiting.delete(id);
    });
    let death = new Error('the query thread ended');
    worker.on('error', (error: Error) => {
      death = error;
    });
    worker.on('exit', () => {
      if (this.worker === worker) void this.stop(death);
    });
    this.worker = worker;
    this.introduce(port2, memory).catch((error: unknown) => void this.stop(error instanceof Error ? error : new Error(String(error))));
    return worker;
  }
}
