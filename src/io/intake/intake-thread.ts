import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { movable } from '../movable.ts';
import type { Decoder, IntakeAsk, IntakeCall, IntakeCalls, IntakeTold, TargetRules } from './messages.ts';

interface Waiting {
  readonly done: (answer: never) => void;
  readonly failed: (error: Error) => void;
}

/** The main thread's handle of the intake thread, which is started when there is something to decode. */
export class IntakeThread implements Decoder {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;
  /** Open targets: a thread that died is followed by one that knows them. */
  private readonly targets = new Map<number, TargetRules>();

  ask<K extends IntakeCall>(call: K, ask: IntakeCalls[K]['ask']): Promise<IntakeCalls[K]['answer']> {
    const message = { id: this.nextId, call, ask } as IntakeAsk;
    this.nextId += 1;
    const worker = this.worker ?? this.start();
    if (message.call === 'open') this.targets.set(message.ask.target, message.ask.rules);
    else if (message.call === 'close') this.targets.delete(message.ask.target);
    return new Promise((done, failed) => {
      this.waiting.set(message.id, { done, failed });
      const [sent, memory] = withMovableBody(message);
      worker.postMessage(sent, memory);
    });
  }

  async stop(): Promise<void> {
    const { worker } = this;
    this.worker = null;
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(new URL(`./intake-worker${extname(import.meta.url)}`, import.meta.url));
    worker.on('message', (told: IntakeTold) => {
      const waiting = this.waiting.get(told.id);
      this.waiting.delete(told.id);
      if ('fault' in told) waiting?.failed(new Error(told.fault));
      else waiting?.done(told.answer as never);
    });
    let death = new Error('the intake thread ended');
    worker.on('error', (error: Error) => {
      death = error;
    });
    worker.on('exit', () => {
      if (this.worker === worker) this.worker = null;
      const waiting = [...this.waiting.values()];
      this.waiting.clear();
      for (const { failed } of waiting) failed(death);
    });
    this.worker = worker;
    for (const [target, rules] of this.targets) worker.postMessage({ id: 0, call: 'open', ask: { target, rules } } satisfies IntakeAsk);
    return worker;
  }
}

/** The message with the memory that goes along. */
function withMovableBody(message: IntakeAsk): [IntakeAsk, ArrayBuffer[]] {
  if (message.call === 'otlp') {
    const body = movable(message.ask.body);
    return [{ ...message, ask: { ...message.ask, body } }, [body.buffer]];
  }
  if (message.call !== 'scrape' || 'reason' in message.ask.fetched) return [message, []];
  const body = movable(message.ask.fetched.body);
  return [{ ...message, ask: { ...message.ask, fetched: { ...message.ask.fetched, body } } }, [body.buffer]];
}
