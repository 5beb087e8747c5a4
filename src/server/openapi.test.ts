import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ErrorBody } from '../contract/endpoint.ts';
import { endpoints } from '../contract/api/endpoints.ts';
import { openApiDocument } from './openapi.ts';
import { NOUNS, startTestServer, tokenOf } from './test-server.test.ts';

const document = openApiDocument(endpoints, '1.2.3');

function* referencesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key === '$ref' && typeof inner === 'string') yield inner;
    else yield* referencesIn(inner);
  }
}

test('the document names every endpoint once, with its access, and every reference leads somewhere', () => {
  const paths = document['paths'] as Record<string, Record<string, { operationId: string; 'x-access'?: string }>>;
  const components = document['components'] as { schemas: Record<string, unknown> };
  for (const { method, path, access } of endpoints) {
    const operation = paths[path]?.[method.toLowerCase()];
    assert.equal(operation?.['x-access'] ?? null, access, `${method} ${path}`);
  }
  const ids = Object.values(paths).flatMap((methods) => Object.values(methods).map(({ operationId }) => operationId));
  assert.equal(new Set(ids).size, ids.length);
  const references = [...referencesIn(document)];
  assert.ok(references.length > 50);
  for (const reference of references) {
    const [, name = ''] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
    assert.ok(components.schemas[name] !== undefined, reference);
  }
  for (const name of ['Alert', 'AlertDetail', 'Run', 'Action', 'Host', 'Error', 'LiveEvent', 'OutputChunk']) {
    assert.ok(components.schemas[name] !== undefined, name);
  }
});

test('every registered route of our API is described, and every described one is registered', async () => {
  const running = await startTestServer();
  await running.server.ready();
  const undescribed = new Set(['/api/openapi.json', '/api/docs', '/api/v2/alerts', '/api/hooks/alertmanager']);
  const registered = running.server.routeEntries
    .map(({ method, url }) => `${method} ${url.replaceAll(/:(\w+)/g, '{$1}')}`)
    .filter((name) => / \/api\/(?!v1\/(?!write))/.test(name) && !undescribed.has(name.split(' ')[1] ?? ''));
  const described = Object.entries(document['paths'] as object).flatMap(([path, methods]) =>
    Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path}`),
  );
  assert.deepEqual(registered.toSorted(), described.toSorted());
  await running.close();
});

test('the readable page shows the endpoints, and runs nothing', async () => {
  const running = await startTestServer();
  const headers = await tokenOf(running, 'viewer');
  const page = await running.inject({ url: '/api/docs', headers });
  assert.match(page.body, /\/api\/alerts\/\{id\}\/acknowledge/);
  assert.doesNotMatch(page.body, /<script|https?:\/\/(?!127)/i);
  const json = await running.inject({ url: '/api/openapi.json', headers });
  assert.equal(json.json().info.version, '0.0.0-test');
  await running.close();
});

test('every kind of error has the one shape, and nothing of the inside', async () => {
  const status = async (): Promise<never> => {
    throw new Error('the password is hunter2');
  };
  const running = await startTestServer('', { nouns: { ...NOUNS, system: { ...NOUNS.system, status } } });
  const headers = await tokenOf(running, 'admin');
  const big = JSON.stringify({ comment: 'x'.repeat(2_000_000) });
  const json = { ...headers, 'content-type': 'application/json' };
  const answers = [
    [401, await running.inject({ url: '/api/alerts' })],
    [404, await running.inject({ url: '/api/alerts/1', headers })],
    [404, await running.inject({ url: '/api/nothing', headers })],
    [404, await running.inject({ method: 'DELETE', url: '/elsewhere', headers })],
    [404, await running.inject({ url: `/api/alerts/${'x'.repeat(400)}`, headers })],
    [400, await running.inject({ url: '/api/alerts?limit=0', headers })],
    [400, await running.inject({ method: 'POST', url: '/api/alerts/1/resolve', headers: json, payload: '{"comment":' })],
    [400, await running.inject({ method: 'POST', url: '/api/alerts/1/resolve', headers: json, payload: '[1]' })],
    [400, await running.inject({ method: 'POST', url: '/api/alerts/1/resolve', headers: json, payload: '{"__proto__":{"a":1}}' })],
    [400, await running.inject({ method: 'POST', url: '/api/alerts/1/resolve', headers: json, payload: '{"a":'.repeat(65) })],
    [413, await running.inject({ method: 'POST', url: '/api/alerts/1/resolve', headers: json, payload: big })],
    [
      415,
      await running.inject({
        method: 'POST',
        url: '/api/alerts/1/resolve',
        headers: { ...headers, 'content-type': 'text/xml' },
        payload: '<a/>',
      }),
    ],
    [500, await running.inject({ url: '/api/status', headers })],
  ] as const;
  for (const [status, answer] of answers) {
    assert.equal(answer.statusCode, status, answer.body);
    assert.ok(ErrorBody.safeParse(answer.json()).success, answer.body);
    assert.doesNotMatch(answer.body, /hunter2|\.ts/);
    assert.match(String(answer.headers['content-security-policy']), /script-src 'self';/);
    assert.equal(answer.headers['cache-control'], 'no-store');
  }
  const failed = answers.at(-1)?.[1].json().error.message as string;
  const [id = ''] = /id\d+/.exec(failed) ?? [];
  assert.ok(JSON.stringify(running.log).includes(id) && JSON.stringify(running.log).includes('hunter2'), 'the log has it');
  await running.close();
});
