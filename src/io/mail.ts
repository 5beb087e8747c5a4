import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { SendMailOptions } from 'nodemailer';
import type { Millis } from '../core/base/time.ts';

export interface MailServer {
  readonly host: string;
  readonly port: number;
  readonly security: 'none' | 'starttls' | 'tls';
  readonly user: string | null;
  readonly password: string | null;
  readonly insecure: boolean;
  /** Asked with the very address that is connected to; null: any will do. */
  readonly permits: ((address: string) => boolean) | null;
}

/** `refused`: the server will never take it; `failed`: it may later. */
export type MailOutcome = { readonly kind: 'sent' } | { readonly kind: 'refused' | 'failed'; readonly reason: string };

/** For each step of the conversation. */
const TIMEOUT: Millis = 20_000;

/** Hands one mail to a mail server. It never rejects, and its reasons never contain the password. */
export async function sendMail(server: MailServer, mail: SendMailOptions): Promise<MailOutcome> {
  const address = await findPermitted(server);
  if (address === null) return { kind: 'failed', reason: `no permitted address for ${server.host}` };
  // Loaded when it is needed: with what it brings it takes 15 MB, and many servers never send a mail.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: address,
    port: server.port,
    secure: server.security === 'tls',
    requireTLS: server.security === 'starttls',
    ignoreTLS: server.security === 'none',
    tls: { rejectUnauthorized: !server.insecure, ...(isIP(server.host) === 0 && { servername: server.host }) },
    connectionTimeout: TIMEOUT,
    greetingTimeout: TIMEOUT,
    socketTimeout: TIMEOUT,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(server.user !== null && { auth: { user: server.user, pass: server.password ?? '' } }),
  });
  try {
    const sent = await transport.sendMail(mail);
    const rejected = sent.rejected ?? [];
    return rejected.length === 0 ? { kind: 'sent' } : { kind: 'failed', reason: `refused for ${rejected.length} of the recipients` };
  } catch (error) {
    return explain(error);
  } finally {
    transport.close();
  }
}

/** The first address of the mail server that may be connected to. A name that cannot be looked up stays as it is: connecting says why. */
async function findPermitted({ host, permits }: MailServer): Promise<string | null> {
  if (permits === null) return host;
  if (isIP(host) !== 0) return permits(host) ? host : null;
  const found = await lookup(host, { all: true }).catch(() => null);
  return found === null ? host : (found.find(({ address }) => permits(address))?.address ?? null);
}

function explain(error: unknown): MailOutcome {
  const reason = (error instanceof Error ? error.message : String(error)).slice(0, 500);
  const code = error instanceof Error && 'responseCode' in error ? Number(error.responseCode) : 0;
  const step = error instanceof Error && 'code' in error ? String(error.code) : '';
  // A wrong password or certificate is mended in the configuration, and then the mail should still go.
  const final = code >= 500 && (step === 'EENVELOPE' || step === 'EMESSAGE');
  return { kind: final ? 'refused' : 'failed', reason };
}
