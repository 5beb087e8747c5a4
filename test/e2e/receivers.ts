import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import { z } from 'zod';

const HookBody = z.object({
  version: z.literal('4'),
  status: z.enum(['firing', 'resolved']),
  receiver: z.string(),
  groupKey: z.string(),
  externalURL: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: z.record(z.string(), z.string()),
      annotations: z.record(z.string(), z.string()),
      startsAt: z.string(),
      endsAt: z.string(),
      fingerprint: z.string(),
    }),
  ),
});
type HookBody = z.output<typeof HookBody>;

export interface Receiver<T> {
  readonly port: number;
  readonly got: readonly T[];
  close(): Promise<void>;
}

export interface Posted {
  readonly headers: IncomingMessage['headers'];
  readonly body: HookBody;
  /** As it came, for the signature. */
  readonly text: string;
}

export interface Hook extends Receiver<Posted> {
  readonly url: string;
  /** How often somebody tried. */
  attempts(): number;
}

/** A real receiver of Alertmanager's webhook, version 4. `answer` gives the status for each attempt in order; `never` leaves it without one. */
export async function openHook(answer: (attempt: number) => number | 'never' = () => 200): Promise<Hook> {
  const got: Posted[] = [];
  let attempts = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = answer(attempts++);
      if (status === 'never') return;
      const text = Buffer.concat(chunks).toString();
      if (status < 300) got.push({ headers: request.headers, body: HookBody.parse(JSON.parse(text)), text });
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, got, close, url: `http://127.0.0.1:${port}/hook`, attempts: () => attempts };
}

/** A real mail server that takes everything. */
export async function openMailbox(): Promise<Receiver<Email>> {
  const got: Email[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData: (stream, _session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const keep = async (): Promise<void> => void got.push(await PostalMime.parse(Buffer.concat(chunks)));
        keep().finally(done);
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, got, close: () => new Promise((resolve) => server.close(() => resolve())) };
}
