import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Role } from '../core/access/actor.ts';
import { settingsOf, startTestServer, tokenOf, type TestServer } from './test-server.test.ts';

/** Streams that stay open whatever is asked. */
const ENDLESS = new Set(['GET /api/live', 'GET /api/v1/notifications/live']);
/** What answers anybody: whether the server lives, the session, the page. Nothing else may ever be added without thought. */
const OPEN = new Set([
  'GET /healthz',
  'GET /readyz',
  'GET /-/healthy',
  'GET /-/ready',
  'GET /api/session',
  'POST /api/session/login',
  'POST /api/session/logout',
  'POST /api/session/link',
  'POST /api/session/setup',
  'OPTIONS /api/v1/*',
  // One link of one person from a mail: the token in it is the authority, and what is refused says nothing.
  'GET /decide/:token',
  'POST /decide',
  'GET /',
  'HEAD /',
  'GET /*',
  'HEAD /*',
]);

const ROLES: readonly Role[] = ['viewer', 'operator', 'admin', 'agent', 'ingest'];

/** Who may, by route. `-` nobody with a token: it is a person's own. */
const TABLE: Readonly<Record<string, readonly Role[]>> = {
  'GET /api/alerts': ['viewer', 'operator', 'admin'],
  'GET /api/alerts/:id': ['viewer', 'operator', 'admin'],
  'GET /api/alerts/:id/explain': ['viewer', 'operator', 'admin'],
  'POST /api/alerts/:id/acknowledge': ['operator', 'admin'],
  'POST /api/alerts/:id/unacknowledge': ['operator', 'admin'],
  'POST /api/alerts/:id/resolve': ['operator', 'admin'],
  'GET /api/actions': ['viewer', 'operator', 'admin'],
  'GET /api/actions/:name': ['viewer', 'operator', 'admin'],
  'POST /api/actions/:name/preview': ['operator', 'admin'],
  'POST /api/actions/:name/runs': ['operator', 'admin'],
  'GET /api/runs': ['viewer', 'operator', 'admin'],
  'GET /api/runs/:id': ['viewer', 'operator', 'admin'],
  'GET /api/runs/:id/output': ['viewer', 'operator', 'admin'],
  'GET /api/runs/:id/output/live': ['viewer', 'operator', 'admin'],
  'POST /api/runs/:id/approve': ['operator', 'admin'],
  'POST /api/runs/:id/reject': ['operator', 'admin'],
  'POST /api/runs/:id/cancel': ['operator', 'admin'],
  'GET /api/recommendations': ['viewer', 'operator', 'admin'],
  'GET /api/recommendations/:id/documents/:n': ['viewer', 'operator', 'admin'],
  'POST /api/recommendations/:id/acknowledge': ['operator', 'admin'],
  'POST /api/recommendations/:id/helped': ['operator', 'admin'],
  'POST /api/recommendations/:id/did-not-help': ['operator', 'admin'],
  'GET /api/hosts': ['viewer', 'operator', 'admin'],
  'GET /api/hosts/:name': ['viewer', 'operator', 'admin'],
  'GET /api/discovery/hosts': ['viewer', 'operator', 'admin'],
  'GET /api/agents': ['viewer', 'operator', 'admin'],
  'GET /api/series/status': ['viewer', 'operator', 'admin'],
  'POST /api/series/deletions': ['admin'],
  'POST /api/series/clean': ['admin'],
  'GET /api/series/snapshots': ['viewer', 'operator', 'admin'],
  'POST /api/series/snapshots': ['admin'],
  'DELETE /api/series/snapshots/:name': ['admin'],
  'POST /api/series/recalls': ['admin'],
  'POST /api/series/holds': ['admin'],
  'POST /api/series/holds/:name/lift': ['admin'],
  'POST /api/v1/admin/tsdb/snapshot': ['admin'],
  'PUT /api/v1/admin/tsdb/snapshot': ['admin'],
  'POST /api/v1/admin/tsdb/delete_series': ['admin'],
  'PUT /api/v1/admin/tsdb/delete_series': ['admin'],
  'POST /api/v1/admin/tsdb/clean_tombstones': ['admin'],
  'PUT /api/v1/admin/tsdb/clean_tombstones': ['admin'],
  'GET /api/status': ['viewer', 'operator', 'admin'],
  'GET /api/overview': ['viewer', 'operator', 'admin'],
  'GET /api/due': ['viewer', 'operator', 'admin'],
  'GET /api/demo': ['viewer', 'operator', 'admin'],
  'POST /api/demo': ['operator', 'admin'],
  'GET /api/audit': ['admin'],
  'GET /api/users': ['admin'],
  'POST /api/users': ['admin'],
  'PUT /api/users/:name': ['admin'],
  'POST /api/users/:name/link': ['admin'],
  'GET /api/tokens': ['admin'],
  'POST /api/tokens': ['admin'],
  'DELETE /api/tokens/:id': ['admin'],
  'POST /api/session/password': [],
  'GET /api/live': ['viewer', 'operator', 'admin'],
  'GET /api/openapi.json': ['viewer', 'operator', 'admin'],
  'GET /api/docs': ['viewer', 'operator', 'admin'],
  'GET /metrics': ['viewer', 'operator', 'admin'],
  'POST /-/reload': ['admin'],
  'POST /api/v2/alerts': ['operator', 'admin', 'ingest'],
  'POST /api/hooks/alertmanager': ['operator', 'admin', 'ingest'],
  'POST /api/v1/write': ['admin', 'agent', 'ingest'],
  'GET /api/v1/query': ['viewer', 'operator', 'admin'],
  'POST /api/v1/query': ['viewer', 'operator', 'admin'],
  'GET /api/v1/query_range': ['viewer', 'operator', 'admin'],
  'POST /api/v1/query_range': ['viewer', 'operator', 'admin'],
  'GET /api/v1/series': ['viewer', 'operator', 'admin'],
  'POST /api/v1/series': ['viewer', 'operator', 'admin'],
  'GET /api/v1/labels': ['viewer', 'operator', 'admin'],
  'POST /api/v1/labels': ['viewer', 'operator', 'admin'],
  'GET /api/v1/label/:name/values': ['viewer', 'operator', 'admin'],
  'GET /api/v1/metadata': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/buildinfo': ['viewer', 'operator', 'admin'],
  'GET /api/v1/format_query': ['viewer', 'operator', 'admin'],
  'POST /api/v1/format_query': ['viewer', 'operator', 'admin'],
  'GET /api/v1/parse_query': ['viewer', 'operator', 'admin'],
  'POST /api/v1/parse_query': ['viewer', 'operator', 'admin'],
  'GET /api/v1/query_exemplars': ['viewer', 'operator', 'admin'],
  'POST /api/v1/query_exemplars': ['viewer', 'operator', 'admin'],
  'POST /api/v1/read': ['viewer', 'operator', 'admin'],
  'GET /api/v1/alertmanagers': ['viewer', 'operator', 'admin'],
  'GET /api/v1/notifications': ['viewer', 'operator', 'admin'],
  'GET /api/v1/features': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/config': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/flags': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/runtimeinfo': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/walreplay': ['viewer', 'operator', 'admin'],
  'GET /api/v1/scrape_pools': ['viewer', 'operator', 'admin'],
  'GET /api/v1/targets': ['viewer', 'operator', 'admin'],
  'GET /api/v1/targets/metadata': ['viewer', 'operator', 'admin'],
  'GET /federate': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/tsdb': ['viewer', 'operator', 'admin'],
  'GET /api/v1/notifications/live': ['viewer', 'operator', 'admin'],
  'GET /api/v1/scrape_pools/config': ['viewer', 'operator', 'admin'],
  'GET /api/v1/search/label_names': ['viewer', 'operator', 'admin'],
  'GET /api/v1/search/label_values': ['viewer', 'operator', 'admin'],
  'GET /api/v1/search/metric_names': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/self_metrics': ['viewer', 'operator', 'admin'],
  'GET /api/v1/status/tsdb/blocks': ['viewer', 'operator', 'admin'],
  'GET /api/v1/targets/relabel_steps': ['viewer', 'operator', 'admin'],
  'POST /api/v1/search/label_names': ['viewer', 'operator', 'admin'],
  'POST /api/v1/search/label_values': ['viewer', 'operator', 'admin'],
  'POST /api/v1/search/metric_names': ['viewer', 'operator', 'admin'],
};

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS';
const url = (pattern: string): string => pattern.replaceAll(/:(\w+)/g, '1').replaceAll('*', 'x');
const isDenied = (status: number): boolean => status === 401 || status === 403;

describe('who may use which route', () => {
  let running: TestServer;
  before(async () => {
    running = await startTestServer();
  });
  after(() => running.close());

  test('without credentials every route of the running server refuses, but the few that answer anybody', async () => {
    const { server, inject } = running;
    await server.ready();
    assert.ok(server.routeEntries.length > 60);
    for (const route of server.routeEntries) {
      const name = `${route.method} ${route.url}`;
      const answer = await inject({ method: route.method as Method, url: url(route.url) });
      assert.equal(isDenied(answer.statusCode), !OPEN.has(name), `${name} answered ${answer.statusCode}`);
      if (isDenied(answer.statusCode)) assert.equal(answer.statusCode, 401, name);
      assert.doesNotMatch(answer.body, /at .*\.ts:/);
    }
  });

  test('every route lets in exactly the roles of the table', async () => {
    const { server, inject } = running;
    await server.ready();
    const guarded = server.routeEntries.map(({ method, url: pattern }) => `${method} ${pattern}`).filter((name) => !OPEN.has(name));
    assert.deepEqual(guarded.toSorted(), Object.keys(TABLE).toSorted());
    for (const role of ROLES) {
      const headers = await tokenOf(running, role);
      for (const [name, allowed] of Object.entries(TABLE)) {
        // An open stream does not end; live/*.test.ts follows those.
        if (ENDLESS.has(name) && allowed.includes(role)) continue;
        const [method = '', pattern = ''] = name.split(' ');
        const answer = await inject({ method: method as Method, url: url(pattern), headers });
        assert.equal(isDenied(answer.statusCode), !allowed.includes(role), `${role}: ${name} answered ${answer.statusCode} ${answer.body}`);
      }
    }
  });

  test('a token for one action may run that action and do nothing else whatever', async () => {
    const { server, inject } = running;
    const headers = await tokenOf(running, 'operator', ['clean']);
    for (const name of Object.keys(TABLE)) {
      const [method = '', pattern = ''] = name.split(' ');
      const answer = await inject({ method: method as Method, url: url(pattern), headers });
      assert.equal(answer.statusCode, 403, `${name} answered ${answer.statusCode}`);
    }
    assert.ok(server.routeEntries.length > 0);
    const own = await inject({ method: 'POST', url: '/api/actions/clean/runs', headers, payload: {} });
    assert.equal(own.statusCode, 404, 'as far as the command, which knows no such action');
    const other = await inject({ method: 'POST', url: '/api/actions/drop/runs', headers, payload: {} });
    assert.equal(other.statusCode, 403);
    assert.match(other.body, /may not run drop/);
  });

  test('a wrong credential is refused even where nothing would be shown', async () => {
    const { inject } = running;
    for (const authorization of ['Bearer nonsense', 'Bearer', 'Basic eDp5', `Bearer ${'x'.repeat(1000)}`, 'Digest a']) {
      const answer = await inject({ url: '/api/alerts', headers: { authorization } });
      assert.equal(answer.statusCode, 401, authorization);
      assert.match(String(answer.headers['www-authenticate']), /^Bearer/);
    }
  });

  test('basic authentication with the token as password counts where foreign clients come, and nowhere else', async () => {
    const { inject } = running;
    const { authorization } = await tokenOf(running, 'viewer');
    const basic = `Basic ${Buffer.from(`grafana:${authorization.slice('Bearer '.length)}`).toString('base64')}`;
    const status = async (path: string): Promise<number> => (await inject({ url: path, headers: { authorization: basic } })).statusCode;
    assert.equal(await status('/api/v1/status/buildinfo'), 200);
    assert.equal(await status('/metrics'), 200);
    assert.equal(await status('/api/openapi.json'), 401);
  });

  test('an address that cannot be read is refused in the words of every other refusal', async () => {
    const answer = await running.inject({ url: '/assets/%c0%ae%c0%ae/package.json' });
    assert.equal(answer.statusCode, 400);
    assert.deepEqual(answer.json(), { error: { code: 'bad_request', message: 'The address cannot be read.' } });
  });

  test('a route that does not say who may use it cannot be registered', async () => {
    const other = await startTestServer('', { extensions: [] });
    assert.throws(() => other.server.get('/api/forgotten', () => 'secret'), /does not say who may use it/);
    await other.close();
  });
});

describe('without signing in', () => {
  test('anonymous opens what its role may, under names that nobody else can give to the server', async () => {
    const test1 = await startTestServer('server: { anonymous: viewer }');
    const get = (host: string): Promise<{ statusCode: number }> => test1.inject({ url: '/api/openapi.json', headers: { host } });
    assert.equal((await get('127.0.0.1:4780')).statusCode, 200);
    assert.equal((await get('localhost:4780')).statusCode, 200);
    assert.equal((await get('[::1]:4780')).statusCode, 200);
    assert.equal((await get('attacker.example:4780')).statusCode, 403, 'a foreign name that points here');
    const denied = await test1.inject({ method: 'POST', url: '/api/demo', headers: { host: 'localhost:4780' } });
    assert.equal(denied.statusCode, 403, 'a viewer may not');
    await test1.close();
  });

  test('anonymous operators are protected from other pages in the same browser', async () => {
    const test1 = await startTestServer('server: { anonymous: operator }');
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await test1.inject({ method: 'POST', url: '/api/demo', headers: { host: 'localhost:4780', ...headers } })).statusCode;
    assert.equal(await post({}), 404);
    assert.equal(await post({ origin: 'http://localhost:4780' }), 404);
    assert.equal(await post({ origin: 'https://attacker.example' }), 403);
    assert.equal(await post({ origin: 'null' }), 403);
    assert.equal(await post({ 'sec-fetch-site': 'cross-site' }), 403);
    assert.equal(await post({ 'sec-fetch-site': 'same-site' }), 403);
    await test1.close();
  });

  test('off loopback it is refused unless it is asked for twice', async () => {
    const settings = settingsOf();
    const open = { ...settings, server: { ...settings.server, anonymous: 'admin', listen: { host: '0.0.0.0', port: 4780 } } } as const;
    const closed = await startTestServer('', { settings: () => open });
    assert.equal((await closed.inject({ url: '/api/openapi.json', headers: { host: '10.0.0.1' } })).statusCode, 401);
    await closed.close();
    const wide = await startTestServer('', { settings: () => ({ ...open, server: { ...open.server, anonymousAnywhere: true } }) });
    assert.equal((await wide.inject({ url: '/api/openapi.json', headers: { host: '10.0.0.1' } })).statusCode, 200);
    await wide.close();
  });
});
