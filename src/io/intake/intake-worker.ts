import { MessageChannel, type MessagePort, parentPort } from 'node:worker_threads';
import { IntakeDesk } from './intake-desk.ts';
import type { IntakeAsk, IntakeCall, IntakeCalls, IntakeTold } from './messages.ts';

/** The intake thread: what costs when samples come in other ways than remote write. */
function work(port: MessagePort): void {
  const desk = new IntakeDesk();
  // What is sent to a closed port is free at once; the collector would let bodies pile up.
  const { port1: nowhere } = new MessageChannel();
  nowhere.close();
  port.on('message', ({ id, call, ask }: IntakeAsk) => {
    desk.ask(call, ask).then(
      (answer) => port.postMessage({ id, answer } satisfies IntakeTold, memoryOf(answer)),
      (error: unknown) => port.postMessage({ id, fault: error instanceof Error ? error.message : String(error) } satisfies IntakeTold),
    );
    const given = call === 'otlp' ? ask.body : call === 'scrape' && 'body' in ask.fetched ? ask.fetched.body : null;
    if (given !== null) nowhere.postMessage(null, [given.buffer as ArrayBuffer]);
  });
}

function memoryOf(answer: IntakeCalls[IntakeCall]['answer']): ArrayBuffer[] {
  if (answer === null || 'error' in answer) return [];
  const bodies = 'bodies' in answer ? answer.bodies : 'request' in answer ? [answer.request] : answer;
  return bodies.flatMap((one) => (one === null ? [] : [one.body.buffer]));
}

if (parentPort !== null) work(parentPort);
