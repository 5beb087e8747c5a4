import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestServer, tokenOf } from './test-server.test.ts';

const FILES: Readonly<Record<string, string>> = {
  'index.html': '<html>page</html>',
  'assets/app-abc123.js': 'plain',
  'assets/app-abc123.js.br': 'brotli',
  'assets/app-abc123.js.gz': 'gzip',
  'icon.svg': '<svg/>',
};
const asked: string[] = [];
const loadPage = async (path: string): Promise<Uint8Array | null> => {
  asked.push(path);
  const text = FILES[path];
  return text === undefined ? null : Buffer.from(text);
};

test('the page is served with its files, compressed where it was, and every address of the page leads to it', async () => {
  const running = await startTestServer('', { loadPage });
  const get = (url: string, headers: Record<string, string> = {}) => running.inject({ url, headers });
  for (const url of ['/', '/alerts', '/runs/r1?tab=output', '/setup', '/alerts/x.y.z-0']) {
    const answer = await get(url);
    assert.deepEqual([answer.statusCode, answer.body, answer.headers['cache-control']], [200, FILES['index.html'], 'no-cache'], url);
    assert.equal(answer.headers['content-type'], 'text/html; charset=utf-8');
  }
  const app = '/assets/app-abc123.js';
  const plain = await get(app);
  assert.equal(plain.body, 'plain');
  assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  const brotli = await get(app, { 'accept-encoding': 'gzip, deflate, br' });
  assert.deepEqual([brotli.body, brotli.headers['content-encoding'], brotli.headers['vary']], ['brotli', 'br', 'Accept-Encoding']);
  assert.equal((await get(app, { 'accept-encoding': 'gzip, br;q=0' })).body, 'gzip');
  const cached = await get('/', { 'if-none-match': String((await get('/')).headers['etag']) });
  assert.deepEqual([cached.statusCode, cached.body], [304, '']);
  assert.notEqual((await get(app)).headers['etag'], brotli.headers['etag']);
  assert.equal((await get('/assets/gone-123.js')).statusCode, 404, 'an old file is not the page');
  assert.equal((await get('/icon.svg')).headers['content-type'], 'image/svg+xml');
  await running.close();
});

test('no path leaves the folder', async () => {
  const running = await startTestServer('', { loadPage });
  asked.length = 0;
  for (const url of [
    '/../etc/passwd',
    '/..%2f..%2fetc/passwd',
    '/assets/../../x.js',
    '/.env',
    '/assets/.hidden.js',
    '//etc/x.js',
    '/%00.js',
    '/a\\b.js',
  ]) {
    await running.inject({ url });
  }
  const paths = asked.filter((path) => !/^(index\.html|etc\/x\.js|x\.js|a\/b\.js)(\.br|\.gz)?$/.test(path));
  assert.deepEqual(paths, []);
  await running.close();
});

test('before the page is built the address says how to build it', async () => {
  const running = await startTestServer();
  const answer = await running.inject({ url: '/' });
  assert.equal(answer.statusCode, 503);
  assert.match(answer.body, /npm start builds it/);
  await running.close();
});

test('another origin gets nothing unless the configuration names it exactly', async () => {
  const running = await startTestServer('server: { cors_origins: ["https://grafana.example"] }');
  const headers = await tokenOf(running, 'viewer');
  const ask = (origin: string, method: 'GET' | 'OPTIONS' = 'GET') =>
    running.inject({ method, url: '/api/v1/status/buildinfo', headers: { ...headers, origin } });
  assert.equal((await ask('https://grafana.example')).headers['access-control-allow-origin'], 'https://grafana.example');
  const preflight = await ask('https://grafana.example', 'OPTIONS');
  assert.equal(preflight.statusCode, 204);
  assert.match(String(preflight.headers['access-control-allow-headers']), /Authorization/);
  for (const origin of ['https://evil.example', 'null', 'https://grafana.example.evil', 'http://grafana.example']) {
    assert.equal((await ask(origin)).headers['access-control-allow-origin'], undefined, origin);
  }
  await running.close();
});

test('/metrics shows what the server counted, under routes and not under paths', async () => {
  const running = await startTestServer();
  const headers = await tokenOf(running, 'viewer');
  for (const id of ['1', '2', '3']) await running.inject({ url: `/api/alerts/${id}`, headers });
  const { body, headers: sent } = await running.inject({ url: '/metrics', headers });
  assert.equal(sent['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  assert.match(body, /^tocsin_http_requests_total\{code="404",method="GET",route="\/api\/alerts\/:id"\} 3$/m);
  assert.match(body, /^# TYPE tocsin_http_requests_total counter$/m);
  await running.close();
});

test('readiness says why not, and a reload says what is wrong', async () => {
  let why: string | null = 'the journal is being read';
  const running = await startTestServer('', {
    whyNotReady: () => why,
    reload: async () => ({
      error: { code: 'bad_request', message: 'bad', problems: [{ file: 'tocsin.yml', line: 3, column: 1, message: 'no' }] },
    }),
  });
  const ready = async () => (await running.inject({ url: '/readyz' })).statusCode;
  assert.equal(await ready(), 503);
  why = null;
  assert.equal(await ready(), 200);
  assert.equal((await running.inject({ url: '/healthz' })).statusCode, 200);
  const reload = await running.inject({ method: 'POST', url: '/-/reload', headers: await tokenOf(running, 'admin') });
  assert.equal(reload.statusCode, 400);
  assert.deepEqual(reload.json().error.problems, [{ message: 'tocsin.yml:3:1: no' }]);
  await running.close();
});
