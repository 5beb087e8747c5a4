import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { command } from '../cli/command.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

/** A certificate that no authority vouches for, with its key. */
function makeCertificate(folder: string, name: string): void {
  const made = spawnSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '30',
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=DNS:${name},IP:127.0.0.1`,
      '-keyout',
      join(folder, 'key.pem'),
      '-out',
      join(folder, 'cert.pem'),
    ],
    { encoding: 'utf8' },
  );
  assert.equal(made.status, 0, made.stderr);
}

function servedName(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(url).port), rejectUnauthorized: false }, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      resolve(new X509Certificate(raw).subject);
    });
    socket.on('error', reject);
  });
}

test('with TLS: the server, its own agent, commands, renewal and a bad certificate', {
  skip: !hasOpenssl && 'needs openssl',
}, async (t) => {
  const actions = { hello: { command: ['/bin/echo', 'hello'] } };
  const program = new Program({ config: { server: { tls: { cert: 'tls/cert.pem', key: 'tls/key.pem' } }, actions } });
  t.after(() => program.close());
  const folder = join(program.root, 'config/tls');
  mkdirSync(folder);

  await program.launch();
  await assert.rejects(program.listening(), /server\.tls\.cert: ENOENT[^]*server\.tls\.key: ENOENT/);

  makeCertificate(folder, 'first.example.com');
  await program.start();
  const { url } = program;
  assert.match(url, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.equal(await servedName(url), 'CN=first.example.com');
  const plain = await fetch(url.replace('https', 'http')).then(
    (response) => response.status,
    () => 'no answer',
  );
  assert.ok(plain === 'no answer' || plain === 400, String(plain));

  const env = { TOCSIN_SERVER: url, TOCSIN_TOKEN: 'e2e-administrator-0123456789abcdef' };
  const ca = join(program.root, 'ca.pem');
  writeFileSync(ca, readFileSync(join(folder, 'cert.pem')));
  const distrusted = await command(['status'], { env });
  assert.equal(distrusted.code, 1);
  assert.match(distrusted.stderr, /not trusted .*--ca FILE/);

  await until(
    'the local agent is connected',
    async () => (await command(['hosts', '--ca', ca], { env })).stdout.includes('connected'),
    30_000,
  );
  const ran = await command(['run', 'hello', '--follow', '--ca', ca], { env });
  assert.deepEqual([ran.code, ran.stdout], [0, 'hello\n'], ran.stderr);

  const socket = join(program.data, 'agent/server.sock');
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal(await statusOf(socket, '/api/status'), 404, 'the socket is for the agent only');
  assert.equal(await statusOf(socket, '/api/agent/orders'), 401, 'and even there asks for its token');

  makeCertificate(folder, 'second.example.com');
  await until('the new certificate is shown', async () => (await servedName(url)) === 'CN=second.example.com');

  writeFileSync(join(folder, 'cert.pem'), 'no certificate');
  program.signal('SIGHUP');
  await until('it is complained about', () => /configuration is wrong[^\n]*no certificate and its key/.test(program.said));
  assert.equal(await servedName(url), 'CN=second.example.com');
  assert.equal(await program.stop(), 0);
});

function statusOf(socketPath: string, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
}
