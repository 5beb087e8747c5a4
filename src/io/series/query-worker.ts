import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { QueryAsk, QueryTold } from './messages.ts';
import { runQuery } from './query.ts';
import { RemoteSource } from './remote-source.ts';

/** The query thread: evaluates what would keep the series thread from its writes for too long. */
function work(port: MessagePort, { select, memory }: { readonly select: MessagePort; readonly memory: SharedArrayBuffer }): void {
  const source = new RemoteSource(select, memory);
  port.on('message', ({ id, ask }: { readonly id: number; readonly ask: QueryAsk }) => {
    const { answer, transfer } = runQuery(source, ask);
    port.postMessage({ id, answer } satisfies QueryTold, transfer);
  });
}

if (parentPort !== null) work(parentPort, workerData as { readonly select: MessagePort; readonly memory: SharedArrayBuffer });
