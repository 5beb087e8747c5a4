import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createPlainServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { MINUTE } from '../core/base/time.ts';
import type { SecretRef } from '../core/config/secret-ref.ts';
import type { HttpAccess, TlsAccess } from '../core/scrape/scrape-job.ts';
import { openAccessClient, type AccessClient } from './access-client.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'access-'));
const servers: Server[] = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function openServer(answer: RequestListener): Promise<{ readonly url: string; readonly asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createPlainServer((request, response) => {
    asked.push(request);
    void answer(request, response);
  });
  return { url: `http://127.0.0.1:${await listen(server)}`, asked };
}

const literal = (value: string): SecretRef => ({ kind: 'literal', value });
const OPEN: HttpAccess = { authorization: null, tls: null, headers: [], followRedirects: true };
let now = 0;

function open(access: Partial<HttpAccess>): AccessClient {
  return openAccessClient(
    { ...OPEN, ...access },
    {
      now: () => now,
      resolve: async (secret) => {
        if (secret.kind === 'literal') return secret.value;
        if (secret.kind === 'file') return readFileSync(secret.name, 'utf8');
        throw new Error(`there is no secret ${secret.name}: set it first`);
      },
    },
  );
}

async function get(client: AccessClient, url: string): Promise<string> {
  const outcome = await client.request({
    method: 'GET',
    url,
    headers: {},
    timeout: 5_000,
    limitBytes: 1_000,
    signal: new AbortController().signal,
  });
  return outcome.kind === 'failed' ? outcome.reason : `${outcome.status} ${Buffer.from(outcome.body).toString()}`;
}

test('credentials are sent, but to no other host than they are for', async () => {
  const other = await openServer((request, response) => response.end(request.headers.authorization ?? 'nothing'));
  const first = await openServer((request, response) => {
    if (request.url === '/away') response.writeHead(302, { location: `${other.url}/there` }).end();
    else if (request.url === '/here') response.writeHead(302, { location: '/stays' }).end();
    else response.end(request.headers.authorization);
  });
  const basic = open({ authorization: { kind: 'basic', user: literal('me'), password: literal('p:w') } });
  assert.equal(await get(basic, first.url), `200 Basic ${Buffer.from('me:p:w').toString('base64')}`);
  assert.equal(await get(basic, `${first.url}/here`), `200 Basic ${Buffer.from('me:p:w').toString('base64')}`);
  assert.equal(await get(basic, `${first.url}/away`), '200 nothing');
  const bearer = open({ authorization: { kind: 'credentials', type: 'Bearer', credentials: literal('abc\n') } });
  assert.equal(await get(bearer, first.url), '200 Bearer abc');
  const missing = open({ authorization: { kind: 'credentials', type: 'Bearer', credentials: { kind: 'secret', name: 'x' } } });
  assert.equal(await get(missing, first.url), 'there is no secret x: set it first');
  const tenant = await openServer((request, response) => response.end(request.headers['x-scope'] ?? 'none'));
  const away = await openServer((_request, response) => response.writeHead(302, { location: tenant.url }).end());
  const scoped = open({ headers: [['X-Scope', [literal('a'), literal('b\n')]]] });
  assert.equal(await get(scoped, tenant.url), '200 a, b');
  assert.equal(await get(scoped, away.url), '200 none');
  for (const client of [basic, bearer, missing, scoped]) client.close();
});

function makeCertificate(name: string): { readonly cert: string; readonly key: string } {
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-keyout',
    key,
    '-out',
    cert,
    ...subject,
  ]);
  assert.equal(made.status, 0, String(made.stderr));
  return { cert, key };
}

test('TLS: authorities, names, certificates of both sides, and files that are renewed', {
  skip: !hasOpenssl && 'needs openssl',
}, async () => {
  const [server, client, second] = ['shop.internal', 'tocsin', 'second'].map(makeCertificate);
  assert.ok(server !== undefined && client !== undefined && second !== undefined);
  const options = {
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ca: readFileSync(client.cert),
    requestCert: true,
    rejectUnauthorized: false,
  };
  const secure = createServer(options, (request, response) => {
    const { authorized } = request.socket as TLSSocket;
    response.end(authorized ? 'known' : 'unknown');
  });
  const url = `https://127.0.0.1:${await listen(secure)}`;
  const none: TlsAccess = { ca: null, cert: null, key: null, serverName: null, isInsecure: false, minVersion: null, maxVersion: null };
  const file = (name: string): SecretRef => ({ kind: 'file', name });
  const clients: AccessClient[] = [];
  const ask = (tls: Partial<TlsAccess>): Promise<string> => {
    const one = open({ tls: { ...none, ...tls } });
    clients.push(one);
    return get(one, url);
  };
  const trusting = { ca: file(server.cert), serverName: 'shop.internal' };
  assert.match(await ask({}), /self-signed/);
  assert.match(await ask({ ca: file(server.cert) }), /does not match|altnames/i);
  assert.equal(await ask(trusting), '200 unknown');
  assert.equal(await ask({ isInsecure: true }), '200 unknown');
  assert.equal(await ask({ ...trusting, cert: file(client.cert), key: file(client.key) }), '200 known');
  assert.match(await ask({ ca: file(join(folder, 'nothing.pem')) }), /ENOENT/);
  assert.match(await ask({ ...trusting, maxVersion: 'TLSv1', minVersion: 'TLSv1' }), /protocol|alert|unsupported/i);

  const changing = join(folder, 'changing.pem');
  const renewed = open({ tls: { ...none, ca: file(changing), serverName: 'shop.internal' } });
  clients.push(renewed);
  spawnSync('cp', [second.cert, changing]);
  assert.match(await get(renewed, url), /self-signed/);
  spawnSync('cp', [server.cert, changing]);
  assert.match(await get(renewed, url), /self-signed/);
  now += MINUTE;
  assert.equal(await get(renewed, url), '200 unknown');
  for (const one of clients) one.close();
});
