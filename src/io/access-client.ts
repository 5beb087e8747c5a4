import { MINUTE, type Millis } from '../core/base/time.ts';
import type { SecretRef } from '../core/config/secret-ref.ts';
import type { HttpAccess, TlsAccess } from '../core/scrape/scrape-job.ts';
import { type ClientTls, type HttpClient, type HttpClientSettings, type HttpOutcome, type HttpRequest, openHttpClient } from './http.ts';

/** Outgoing requests with the credentials and the certificates of a configuration. It never rejects. */
export interface AccessClient {
  request(request: HttpRequest): Promise<HttpOutcome>;
  close(): void;
}

export interface AccessDoors {
  /** The text of a secret; throws with a reason fit to be shown. */
  readonly resolve: (secret: SecretRef) => Promise<string>;
  readonly now: () => Millis;
}

/** Certificates may be renewed while the server runs: the files are looked at again after so long. */
const LOOK_AGAIN = MINUTE;
const MOST_REDIRECTS = 10;
const VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;

export function openAccessClient(access: HttpAccess, doors: AccessDoors): AccessClient {
  return new Client(access, doors);
}

class Client implements AccessClient {
  private readonly access: HttpAccess;
  private readonly doors: AccessDoors;
  private http: HttpClient | null = null;
  private built = '';
  private lookedAt = 0;

  constructor(access: HttpAccess, doors: AccessDoors) {
    this.access = access;
    this.doors = doors;
  }

  async request(request: HttpRequest): Promise<HttpOutcome> {
    try {
      const http = await this.client();
      return await this.follow(http, request, await this.headers());
    } catch (error) {
      return { kind: 'failed', reason: error instanceof Error ? error.message : String(error), code: '' };
    }
  }

  close(): void {
    this.http?.close();
  }

  private async follow(http: HttpClient, request: HttpRequest, own: Readonly<Record<string, string>>): Promise<HttpOutcome> {
    let { url } = request;
    const deadline = this.doors.now() + request.timeout;
    for (let hops = 0; ; hops += 1) {
      // Credentials are for the host that they were configured for.
      const isKnown = new URL(url).host === new URL(request.url).host;
      const headers = isKnown ? { ...request.headers, ...own } : request.headers;
      const timeout = hops === 0 ? request.timeout : Math.max(1, deadline - this.doors.now());
      const outcome = await http.request({ ...request, url, ...(headers !== undefined && { headers }), timeout });
      const location = outcome.kind === 'answered' && isRedirect(outcome.status) ? outcome.headers['location'] : undefined;
      // What changes something is not done again elsewhere.
      const follows = this.access.followRedirects && (request.method === 'GET' || request.method === 'HEAD');
      if (location === undefined || !follows) return outcome;
      if (hops >= MOST_REDIRECTS) return { kind: 'failed', reason: `more than ${MOST_REDIRECTS} redirects`, code: '' };
      if (!URL.canParse(location, url)) return { kind: 'failed', reason: 'redirected to no address', code: '' };
      url = new URL(location, url).href;
    }
  }

  private async headers(): Promise<Readonly<Record<string, string>>> {
    const headers: Record<string, string> = {};
    for (const [name, values] of this.access.headers) {
      const texts = await Promise.all(values.map((value) => this.doors.resolve(value)));
      headers[name.toLowerCase()] = texts.map((value) => value.trim()).join(', ');
    }
    const authorization = await this.authorization();
    return authorization === null ? headers : { ...headers, authorization };
  }

  private async authorization(): Promise<string | null> {
    const { authorization } = this.access;
    if (authorization === null) return null;
    const { resolve } = this.doors;
    if (authorization.kind === 'credentials') return `${authorization.type} ${(await resolve(authorization.credentials)).trim()}`;
    const password = authorization.password === null ? '' : await resolve(authorization.password);
    const pair = `${await resolve(authorization.user)}:${password.replace(/\r?\n$/, '')}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  }

  private async client(): Promise<HttpClient> {
    const { tls } = this.access;
    const now = this.doors.now();
    if (this.http !== null && (tls === null || now - this.lookedAt < LOOK_AGAIN)) return this.http;
    const settings = tls === null ? {} : await this.settings(tls);
    this.lookedAt = now;
    const built = JSON.stringify(settings);
    if (this.http !== null && built === this.built) return this.http;
    this.http?.close();
    this.built = built;
    this.http = openHttpClient(settings);
    return this.http;
  }

  private async settings(tls: TlsAccess): Promise<HttpClientSettings> {
    const text = async (secret: SecretRef | null): Promise<string | undefined> =>
      secret === null ? undefined : this.doors.resolve(secret);
    const [ca, cert, key] = [await text(tls.ca), await text(tls.cert), await text(tls.key)];
    const own: ClientTls = {
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(tls.serverName !== null && { servername: tls.serverName }),
      ...versions(tls),
      rejectUnauthorized: !tls.isInsecure,
    };
    return { ...(ca !== undefined && { ca }), tls: own };
  }
}

function versions({ minVersion, maxVersion }: TlsAccess): Pick<ClientTls, 'minVersion' | 'maxVersion'> {
  const min = VERSIONS.find((version) => version === minVersion);
  const max = VERSIONS.find((version) => version === maxVersion);
  return { ...(min !== undefined && { minVersion: min }), ...(max !== undefined && { maxVersion: max }) };
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}
