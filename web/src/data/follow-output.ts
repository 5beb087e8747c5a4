import { backoffMs } from './backoff.ts';
import { parseError } from './error.ts';
import { EventStreamParser, type StreamEvent } from './event-stream.ts';

export interface OutputChunk {
  readonly offset: number;
  readonly stream: 'stdout' | 'stderr' | 'note';
  readonly bytes: Uint8Array;
}

interface Listener {
  /** Where the stream is. */
  readonly url: string;
  /** The number of bytes already there: the stream goes on after them. */
  readonly offset: () => number;
  readonly onChunk: (chunk: OutputChunk) => void;
  readonly onState: (state: FollowState) => void;
  /** Whether the run is over, so that the end of the stream is the end of the output. */
  readonly isOver: () => boolean;
  /** Waits before the next attempt; ends early when `signal` aborts. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export type FollowState = { readonly kind: 'connecting' | 'following' | 'complete' } | { readonly kind: 'lost'; readonly error: Error };

/** Follows the output of a run from its first byte, across lost connections, until it is complete. Gives a function that stops it. */
export function followOutput(listener: Listener): () => void {
  const stop = new AbortController();
  void follow(listener, stop.signal);
  return () => stop.abort();
}

async function follow(listener: Listener, signal: AbortSignal): Promise<void> {
  let attempt = 0;
  while (!signal.aborted) {
    const before = listener.offset();
    try {
      const ended = await readOnce(listener, signal);
      if (signal.aborted) return;
      if (ended || listener.isOver()) return listener.onState({ kind: 'complete' });
    } catch (error) {
      if (signal.aborted) return;
      listener.onState({ kind: 'lost', error: error instanceof Error ? error : new Error(String(error)) });
    }
    attempt = listener.offset() > before ? 0 : attempt + 1;
    await (listener.wait ?? pause)(backoffMs(attempt, Math.random()), signal);
  }
}

/** Reads one connection to its end; true when the server said that the output is complete. */
async function readOnce(listener: Listener, signal: AbortSignal): Promise<boolean> {
  const offset = listener.offset();
  const response = await fetch(listener.url, {
    credentials: 'same-origin',
    headers: { Accept: 'text/event-stream', ...(offset > 0 && { 'Last-Event-ID': String(offset) }) },
    signal,
  });
  if (!response.ok || response.body === null) throw parseError(await response.json().catch(() => null), response.status);
  listener.onState({ kind: 'following' });
  const parser = new EventStreamParser();
  for await (const text of textOf(response.body)) {
    for (const event of parser.push(text)) {
      if (event.event === 'end' || event.event === 'done') return true;
      const chunk = parseChunk(event);
      if (chunk !== null) listener.onChunk(chunk);
    }
  }
  return false;
}

async function* textOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  try {
    let part = await reader.read();
    while (!part.done) {
      yield decoder.decode(part.value, { stream: true });
      part = await reader.read();
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parseChunk({ data }: StreamEvent): OutputChunk | null {
  try {
    const chunk: unknown = JSON.parse(data);
    if (typeof chunk !== 'object' || chunk === null || !('data' in chunk) || !('offset' in chunk)) return null;
    if (typeof chunk.data !== 'string' || typeof chunk.offset !== 'number') return null;
    const stream = 'stream' in chunk && (chunk.stream === 'stderr' || chunk.stream === 'note') ? chunk.stream : 'stdout';
    return { offset: chunk.offset, stream, bytes: Uint8Array.from(atob(chunk.data), (char) => char.charCodeAt(0)) };
  } catch {
    return null;
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
