import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SYSTEM } from '../core/access/actor.ts';
import type { Advice, Document } from '../core/recommendations/recommendation.ts';
import { settingsOf, startTestServer, tokenOf } from './test-server.test.ts';

const ADVICE: Advice = {
  id: 'a1',
  recommendation: 'replace-disk',
  trigger: 't',
  alert: 'x',
  state: 'active',
  by: null,
  comment: '',
  openedAt: 1,
  closedAt: null,
};

test('a document that the configuration names is downloaded under its name, and nothing else is', async () => {
  const opened: Document[] = [];
  const settings = settingsOf();
  const documents = [
    { name: 'Anleitung "Ü".pdf', path: '/etc/tocsin/manual.pdf' },
    { name: 'gone.pdf', path: '/etc/tocsin/gone.pdf' },
  ];
  const recommendation = {
    name: 'replace-disk',
    title: '',
    responsible: '',
    contact: '',
    instructions: '',
    documents,
    source: { file: null, line: 0 },
  };
  const running = await startTestServer('', {
    settings: () => ({ ...settings, recommendations: new Map([[recommendation.name, recommendation]]) }),
    openDocument: async (document) => {
      opened.push(document);
      if (document.name === 'gone.pdf') return null;
      return {
        bytes: 6,
        chunks: (async function* () {
          yield Buffer.from('<ht');
          yield Buffer.from('ml>');
        })(),
      };
    },
  });
  for (const advice of [ADVICE, { ...ADVICE, id: 'a2', alert: 'y', recommendation: 'renamed' }]) {
    const row = { table: 'advice', id: advice.id, version: 0, value: null } as const;
    await running.store.commit({ at: 1, who: SYSTEM, why: 'test', about: [], writes: [{ op: 'put', row, value: advice }] });
  }
  const headers = await tokenOf(running, 'viewer');
  const get = (path: string) => running.inject({ url: `/api/recommendations/${path}`, headers });
  const good = await get('a1/documents/0');
  assert.deepEqual([good.statusCode, good.body, good.headers['content-length']], [200, '<html>', '6']);
  assert.equal(good.headers['content-type'], 'application/octet-stream');
  assert.equal(
    good.headers['content-disposition'],
    `attachment; filename="Anleitung____.pdf"; filename*=UTF-8''Anleitung%20%22%C3%9C%22.pdf`,
  );
  for (const path of [
    'a1/documents/1',
    'a1/documents/2',
    'a1/documents/-1',
    'a1/documents/0x0',
    'a1/documents/..%2f0',
    'a2/documents/0',
    'zz/documents/0',
  ]) {
    assert.equal((await get(path)).statusCode, 404, path);
  }
  assert.deepEqual(
    [...new Set(opened.map(({ name }) => name))],
    documents.map(({ name }) => name),
  );
  await running.close();
});
