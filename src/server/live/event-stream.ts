import type { FastifyReply } from 'fastify';
import { SECOND } from '../../core/base/time.ts';
import type { Timers } from '../parts.ts';

const HEARTBEAT = 15 * SECOND;
/** Unsent bytes above which a client counts as slow. */
const SLOW_BYTES = 256 * 1024;
const RECONNECT_MS = 1_500;

/** Server-sent events to one client. */
export interface EventStream {
  /** `data` is one line: JSON. */
  send(event: { readonly name: string; readonly data: string; readonly id?: string }): void;
  /** Whether the client takes less than it is sent. */
  isSlow(): boolean;
  isOpen(): boolean;
  /** Resolves when the client has taken everything, or is gone. */
  drained(): Promise<void>;
  /** Calls back once, at once when it is closed already. */
  onClose(callback: () => void): void;
  /** Calls back with every heartbeat. */
  onBeat(callback: () => void): void;
  close(): void;
}

/** Takes the answer over from Fastify and keeps it open; a comment now and then keeps proxies from closing it. */
export function openEventStream(reply: FastifyReply, timers: Timers): EventStream {
  reply.hijack();
  const { raw } = reply;
  const closing: (() => void)[] = [];
  const beating: (() => void)[] = [];
  let cancelBeat: (() => void) | null = null;
  let open = true;
  const ended = (): void => {
    if (!open) return;
    open = false;
    cancelBeat?.();
    for (const callback of closing) callback();
  };
  const beat = (): void => {
    if (!raw.writableNeedDrain) raw.write(':\n\n');
    for (const callback of beating) callback();
    if (open) cancelBeat = timers.after(HEARTBEAT, beat);
  };
  raw.on('close', ended);
  raw.on('error', ended);
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  raw.writeHead(200, { ...plainHeaders(reply), ...headers });
  raw.write(`retry: ${RECONNECT_MS}\n\n`);
  cancelBeat = timers.after(HEARTBEAT, beat);
  return {
    send: ({ name, data, id }) => {
      if (open) raw.write(`${id === undefined ? '' : `id: ${id}\n`}event: ${name}\ndata: ${data}\n\n`);
    },
    isSlow: () => raw.writableLength > SLOW_BYTES,
    isOpen: () => open,
    drained: () =>
      new Promise((resolve) => {
        if (!open || !raw.writableNeedDrain) resolve();
        else {
          raw.once('drain', resolve);
          closing.push(resolve);
        }
      }),
    onClose: (callback) => {
      if (open) closing.push(callback);
      else callback();
    },
    onBeat: (callback) => beating.push(callback),
    close: () => {
      raw.end();
      ended();
      // A client that does not read would keep the socket.
      timers.after(SECOND, () => raw.destroy());
    },
  };
}

function plainHeaders(reply: FastifyReply): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value : String(value);
  }
  return headers;
}
