import type { FastifyRequest } from 'fastify';
import { equalSecrets } from '../core/access/equal-secrets.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Identity } from './identity.ts';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Why a browser's request is not one of our own page, null when it may go on. A token is never sent by a browser on its own, so it needs
 * none of this. A session proves itself by its CSRF token and its origin; without credentials the name of the server in the address must
 * be one that nobody else can give to it, because a foreign name may be made to point here.
 */
export function whyForeign(request: FastifyRequest, settings: Settings, identity: Identity | null): string | null {
  if (identity?.how === 'token') return null;
  if (identity?.how === 'anonymous' && !isOwnName(request.headers.host ?? '', settings)) {
    return 'Without signing in, the server answers only under an IP address, localhost or its external_url.';
  }
  if (SAFE.has(request.method)) return null;
  const { origin } = request.headers;
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'This change comes from another site.';
  if (origin !== undefined && !isOwnOrigin(origin, request.headers.host ?? '', settings)) return `This change comes from ${origin}.`;
  if (identity?.how !== 'session') return null;
  const sent = request.headers['x-csrf-token'];
  if (typeof sent !== 'string' || !equalSecrets(sent, identity.session.csrf)) return 'The header X-CSRF-Token is missing or wrong.';
  return null;
}

function isOwnOrigin(origin: string, host: string, settings: Settings): boolean {
  if (!URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase() || origin === externalOrigin(settings);
}

function externalOrigin(settings: Settings): string {
  const { externalUrl } = settings.server;
  return URL.canParse(externalUrl) ? new URL(externalUrl).origin : '';
}

function isOwnName(host: string, settings: Settings): boolean {
  if (!URL.canParse(`http://${host}`)) return false;
  const { hostname } = new URL(`http://${host}`);
  const external = externalOrigin(settings);
  return isIpAddress(hostname) || hostname === 'localhost' || (external !== '' && new URL(external).hostname === hostname);
}

function isIpAddress(hostname: string): boolean {
  return hostname.startsWith('[') || /^\d{1,3}(\.\d{1,3}){3}$/.test(hostname);
}
