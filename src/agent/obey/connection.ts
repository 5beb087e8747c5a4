import { AGENT_PATHS, type Hello, HelloAnswer, OrderLine } from '../../contract/agent.ts';
import type { Millis } from '../../core/base/time.ts';
import type { z } from 'zod';
import type { Doors } from './doors.ts';

export interface ConnectionSettings {
  /** The server's address, without a slash at its end. */
  readonly server: string;
  /** Asked before each request, so that a new token needs no restart. */
  readonly token: () => string;
  readonly host: string;
  /** Whether the server itself starts this agent, on the same machine. */
  readonly local: boolean;
}

export interface Connection {
  readonly settings: ConnectionSettings;
  readonly doors: Doors;
}

export interface ConnectionHooks {
  readonly hello: () => Hello;
  readonly connected: (answer: HelloAnswer) => void;
  readonly disconnected: () => void;
  readonly receive: (order: OrderLine) => void;
}

const ANSWER_WITHIN: Millis = 15_000;
/** The server lets itself be heard every 10 s. */
const SILENT_FOR: Millis = 25_000;
const MOST_ANSWER_BYTES = 4 << 20;
const LONGEST_LINE_BYTES = 4 << 20;
const FIRST_RETRY: Millis = 100;
const LONGEST_RETRY: Millis = 10_000;
const LONGEST_LOCAL_RETRY: Millis = 1_000;
const NEWLINE = 0x0a;

export function urlOf({ server }: ConnectionSettings, path: string, query: Readonly<Record<string, string>>): string {
  return `${server}${path}?${new URLSearchParams(query).toString()}`;
}

export function headersOf({ token }: ConnectionSettings): Readonly<Record<string, string>> {
  return { authorization: `Bearer ${token()}` };
}

/** Doubles with every failure up to a limit; half of it is chance, so that not all agents come at once. */
export function waitBeforeRetry({ settings, doors }: Connection, failures: number): Millis {
  const longest = settings.local ? LONGEST_LOCAL_RETRY : LONGEST_RETRY;
  const length = Math.min(longest, FIRST_RETRY * 2 ** Math.min(failures - 1, 20));
  return length / 2 + (length / 2) * doors.random.fraction();
}

/** Null: it is not what the protocol says. */
export function parseAnswer<T>(shape: z.ZodType<T>, body: Uint8Array): T | null {
  try {
    const parsed = shape.safeParse(JSON.parse(Buffer.from(body).toString('utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Says hello and receives orders, again and again until the signal aborts. */
export async function keepConnected(connection: Connection, hooks: ConnectionHooks, signal: AbortSignal): Promise<void> {
  const { clock, log } = connection.doors;
  let failures = 0;
  let reported = '';
  while (!signal.aborted) {
    const trouble = await connectOnce(connection, hooks, signal);
    if (signal.aborted) return;
    failures = trouble.wasConnected ? 1 : failures + 1;
    if (trouble.wasConnected || trouble.reason !== reported) log.warn('not connected to the server', { reason: trouble.reason });
    reported = trouble.reason;
    await clock.wait(waitBeforeRetry(connection, failures), signal);
  }
}

interface Trouble {
  readonly reason: string;
  readonly wasConnected: boolean;
}

async function connectOnce({ settings, doors }: Connection, hooks: ConnectionHooks, signal: AbortSignal): Promise<Trouble> {
  const failed = (reason: string): Trouble => ({ reason, wasConnected: false });
  const hello = await doors.http.request({
    method: 'POST',
    url: `${settings.server}${AGENT_PATHS.hello}`,
    headers: { ...headersOf(settings), 'content-type': 'application/json' },
    body: JSON.stringify(hooks.hello()),
    timeout: ANSWER_WITHIN,
    limitBytes: MOST_ANSWER_BYTES,
    signal,
  });
  if (hello.kind === 'failed') return failed(hello.reason);
  const answer = hello.status === 200 ? parseAnswer(HelloAnswer, hello.body) : null;
  if (answer === null) return failed(`the server answers ${hello.status} to the hello`);
  const stream = await doors.http.stream({
    method: 'GET',
    url: urlOf(settings, AGENT_PATHS.orders, { host: settings.host, session: answer.session }),
    headers: headersOf(settings),
    timeout: SILENT_FOR,
    limitBytes: 0,
    signal,
  });
  if (stream.kind === 'failed') return failed(stream.reason);
  if (stream.status !== 200) {
    stream.close();
    return failed(`the server answers ${stream.status} to the request for orders`);
  }
  hooks.connected(answer);
  try {
    await readLines(stream.chunks, (line) => receiveLine(line, hooks, doors));
    return { reason: 'the server ended the connection', wasConnected: true };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), wasConnected: true };
  } finally {
    stream.close();
    hooks.disconnected();
  }
}

function receiveLine(line: string, hooks: ConnectionHooks, { log }: Doors): void {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = null;
  }
  const order = OrderLine.safeParse(value);
  if (order.success) hooks.receive(order.data);
  else log.error('an order is not understood', { problem: order.error.issues[0]?.message ?? '' });
}

async function readLines(chunks: AsyncIterable<Uint8Array>, take: (line: string) => void): Promise<void> {
  let rest: Uint8Array = Buffer.alloc(0);
  for await (const chunk of chunks) {
    let bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE)) {
      const line = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8').trim();
      if (line !== '') take(line);
      bytes = bytes.subarray(end + 1);
    }
    if (bytes.length > LONGEST_LINE_BYTES) throw new Error('an order is too long');
    rest = bytes;
  }
}
