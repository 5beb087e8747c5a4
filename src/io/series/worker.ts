import { MessageChannel, type MessagePort, parentPort } from 'node:worker_threads';
import { Desk } from './desk.ts';
import type { Ask, Told, WorkerOptions } from './messages.ts';

const SYNC_EVERY = 1_000;

/** The series thread: one message after the other, so that no two calls ever see the store half changed. The first brings the options. */
function work(port: MessagePort): void {
  let answer: ((ask: Ask) => void) | null = null;
  port.on('message', (message: WorkerOptions | Ask) => {
    if (answer === null) answer = open(port, message as WorkerOptions);
    else answer(message as Ask);
  });
}

function open(port: MessagePort, options: WorkerOptions): (ask: Ask) => void {
  const tell = (told: Told, transfer: readonly ArrayBuffer[] = []): void => port.postMessage(told, transfer);
  const desk = new Desk(options, (ids) => tell({ kind: 'touched', ids }));
  // What is sent to a closed port is free at once; the collector would let tens of megabytes of bodies pile up.
  const { port1: nowhere } = new MessageChannel();
  nowhere.close();
  const timer = setInterval(() => void desk.sync(), SYNC_EVERY);
  tell({ kind: 'open' });
  return (ask) => {
    desk.answer(ask).then(
      ({ answer, transfer }) => {
        tell({ kind: 'answer', id: ask.id, answer }, transfer);
        if (ask.call === 'write') nowhere.postMessage(null, [ask.ask.body.buffer as ArrayBuffer]);
        if (ask.call !== 'close') return;
        clearInterval(timer);
        port.close();
      },
      (error: unknown) => tell({ kind: 'fault', id: ask.id, message: error instanceof Error ? error.message : String(error) }),
    );
  };
}

if (parentPort !== null) work(parentPort);
