import type { FastifyReply } from 'fastify';
import { SESSION_LONGEST } from '../core/access/session.ts';
import { SECOND } from '../core/base/time.ts';
import type { Settings } from '../core/config/settings.ts';

function isSecure(settings: Settings): boolean {
  return settings.server.externalUrl.startsWith('https:');
}

/** The prefix makes browsers refuse the cookie from anybody but this very host over TLS. */
export function cookieName(settings: Settings): string {
  return isSecure(settings) ? '__Host-tocsin' : 'tocsin';
}

export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals !== -1 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return null;
}

/** Gives the secret to the browser; null takes it back. */
export function setSessionCookie(reply: FastifyReply, settings: Settings, secret: string | null): void {
  const lasts = secret === null ? 0 : SESSION_LONGEST / SECOND;
  const secure = isSecure(settings) ? '; Secure' : '';
  void reply.header('set-cookie', `${cookieName(settings)}=${secret ?? ''}; Path=/; Max-Age=${lasts}; HttpOnly; SameSite=Lax${secure}`);
}
