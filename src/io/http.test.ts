import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { test } from 'node:test';
import { openHttpClient } from './http.ts';

async function listen(listener: RequestListener): Promise<{ server: Server; url: string; close: () => Promise<void> }> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  return { server, url: `http://127.0.0.1:${port}`, close };
}

const base = { method: 'POST', timeout: 5_000, limitBytes: 1_000 } as const;

test('an answer has its status, headers and body, and the connection is used again', async () => {
  const ports = new Set<number | undefined>();
  const { url, close } = await listen((request, response) => {
    ports.add(request.socket.remotePort);
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => response.writeHead(202, { 'X-Length': request.headers['content-length'] }).end(body));
  });
  const client = openHttpClient();
  for (let i = 0; i < 3; i++) {
    const outcome = await client.request({ ...base, url, body: 'grüße' });
    assert.equal(outcome.kind, 'answered');
    if (outcome.kind !== 'answered') return;
    assert.equal(outcome.status, 202);
    assert.equal(outcome.headers['x-length'], '7');
    assert.equal(Buffer.from(outcome.body).toString(), 'grüße');
  }
  assert.equal(ports.size, 1);
  client.close();
  await close();
});

test('a refused connection, a bad address, a silent server and a broken body are failures that say why', async () => {
  const client = openHttpClient();
  const gone = await listen(() => {});
  await gone.close();
  const refused = await client.request({ ...base, url: gone.url });
  assert.ok(refused.kind === 'failed' && refused.code === 'ECONNREFUSED');
  const nonsense = await client.request({ ...base, url: 'file:///etc/passwd' });
  assert.ok(nonsense.kind === 'failed' && nonsense.reason.includes('http'));
  const silent = await listen(() => {});
  const timedOut = await client.request({ ...base, url: silent.url, timeout: 50 });
  assert.ok(timedOut.kind === 'failed' && timedOut.reason === 'no answer within 50 ms');
  const controller = new AbortController();
  const asked = client.request({ ...base, url: silent.url, signal: controller.signal });
  controller.abort();
  assert.deepEqual(await asked, { kind: 'failed', reason: 'given up', code: '' });
  await silent.close();
  const broken = await listen((_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setImmediate(() => response.destroy());
  });
  assert.equal((await client.request({ ...base, url: broken.url })).kind, 'failed');
  await broken.close();
  client.close();
});

test('an answer that is too long is cut off, and the body may dribble no longer than the timeout', async () => {
  const client = openHttpClient();
  const long = await listen((_request, response) => response.end('x'.repeat(2_000)));
  const outcome = await client.request({ ...base, url: long.url });
  assert.ok(outcome.kind === 'failed' && outcome.reason.includes('1000 bytes'));
  await long.close();
  const dribble = await listen((_request, response) => {
    const timer = setInterval(() => response.write('.'), 10);
    response.on('close', () => clearInterval(timer));
  });
  const slow = await client.request({ ...base, url: dribble.url, timeout: 100 });
  assert.ok(slow.kind === 'failed' && slow.reason === 'no answer within 100 ms');
  await dribble.close();
  client.close();
});

test('redirects are not followed', async () => {
  let asked = 0;
  const { url, close } = await listen((_request, response) => {
    asked += 1;
    response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end();
  });
  const client = openHttpClient();
  const outcome = await client.request({ ...base, url });
  assert.ok(outcome.kind === 'answered' && outcome.status === 307);
  assert.equal(asked, 1);
  client.close();
  await close();
});

test('an address that is not permitted is not connected to, by number or by name', async () => {
  let asked = 0;
  const { url, close } = await listen((_request, response) => {
    asked += 1;
    response.end();
  });
  const client = openHttpClient({ permits: (address) => !address.startsWith('127.') && address !== '::1' });
  const byNumber = await client.request({ ...base, url });
  assert.ok(byNumber.kind === 'failed' && byNumber.code === 'ERR_REFUSED');
  const byName = await client.request({ ...base, url: url.replace('127.0.0.1', 'localhost') });
  assert.ok(byName.kind === 'failed' && byName.reason.includes('no permitted address'));
  assert.equal(asked, 0);
  client.close();
  const open = openHttpClient({ permits: () => true });
  assert.equal((await open.request({ ...base, url })).kind, 'answered');
  open.close();
  await close();
});

test('a stream gives each piece as it arrives, and fails when it stays silent', async () => {
  let more: () => void = () => {};
  const { url, close } = await listen((_request, response) => {
    response.write('one');
    more = () => response.write('two');
  });
  const client = openHttpClient();
  const outcome = await client.stream({ ...base, method: 'GET', url, timeout: 200 });
  assert.ok(outcome.kind === 'streaming' && outcome.status === 200);
  if (outcome.kind !== 'streaming') return;
  const seen: string[] = [];
  await assert.rejects(async () => {
    for await (const chunk of outcome.chunks) {
      seen.push(Buffer.from(chunk).toString());
      more();
      more = () => {};
    }
  }, /silent/);
  assert.deepEqual(seen, ['one', 'two']);
  client.close();
  await close();
});

test('leaving the loop closes the stream', async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((resolve) => (closed = resolve));
  const { url, close } = await listen((_request, response) => {
    response.on('close', closed);
    response.write('one');
  });
  const client = openHttpClient();
  const outcome = await client.stream({ ...base, method: 'GET', url });
  if (outcome.kind !== 'streaming') assert.fail('no stream');
  for await (const _chunk of outcome.chunks) break;
  await gone;
  client.close();
  await close();
});
