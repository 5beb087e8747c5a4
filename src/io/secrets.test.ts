import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { openStore, type StateStore } from './db/open-store.ts';
import { openSecrets, type SecretsOptions } from './secrets.ts';

const ALICE = { kind: 'user', name: 'alice' } as const;

interface Place {
  readonly folder: string;
  readonly store: StateStore;
  open(rest?: Partial<SecretsOptions>): ReturnType<typeof openSecrets>;
}

async function withPlace(test: (place: Place) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-secrets-'));
  const store = await openStore({ path: join(folder, 'state.db') });
  const options = { folder, boxes: store.secrets, key: null, keyFile: null, env: { TOKEN: 'from the environment' }, now: () => 7_000 };
  try {
    await test({ folder, store, open: (rest = {}) => openSecrets({ ...options, ...rest }) });
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('secrets', () => {
  it('the key for links outlives a restart, is another for another master key, and is not the master key', () =>
    withPlace(async ({ folder, open }) => {
      const first = (await open()).signLink('approve r1');
      assert.match(first, /^[A-Za-z0-9_-]{43}$/);
      assert.equal((await open()).signLink('approve r1'), first);
      assert.notEqual((await open()).signLink('approve r2'), first);
      const master = Buffer.from(readFileSync(join(folder, 'secrets.key'), 'utf8').trim(), 'hex');
      assert.notEqual(createHmac('sha256', master).update('approve r1').digest('base64url'), first);
      await withPlace(async (other) => assert.notEqual((await other.open()).signLink('approve r1'), first));
    }));

  it('come back as they were put, also after a restart, and stand nowhere in clear', () =>
    withPlace(async ({ folder, store, open }) => {
      const value = 'p4ss "wörd" that nobody may see';
      const first = await open();
      await first.put('smtp', 'the one before', ALICE);
      await first.put('smtp', value, ALICE);
      assert.equal(await (await open()).reveal('smtp'), value);
      assert.equal(await first.reveal('other'), null);
      assert.deepEqual(await first.list(), [{ name: 'smtp', createdAt: 7_000, updatedAt: 7_000 }]);
      for (const name of ['state.db', 'state.db-wal']) assert.ok(!readFileSync(join(folder, name)).includes('that nobody may see'));
      assert.deepEqual(
        (await store.findAudit({ about: 'secret/smtp', limit: 10 })).items.map((entry) => [entry.who.name, entry.why]),
        [
          ['alice', 'secret smtp set'],
          ['alice', 'secret smtp set'],
        ],
      );
      assert.deepEqual(
        [await first.remove('smtp', ALICE), await first.remove('smtp', ALICE), await first.reveal('smtp')],
        [true, false, null],
      );
    }));

  it('have a key of their own that only the owner can read', () =>
    withPlace(async ({ folder, open }) => {
      const path = join(folder, 'secrets.key');
      await open();
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.match(readFileSync(path, 'utf8'), /^[0-9a-f]{64}\n$/);
      chmodSync(path, 0o644);
      await open();
      assert.equal(statSync(path).mode & 0o777, 0o600);
    }));

  it('are not opened with another key, or with one that is too short', () =>
    withPlace(async ({ folder, open }) => {
      await (await open({ key: 'a'.repeat(64) })).put('smtp', 'x', ALICE);
      await assert.rejects(open({ key: 'b'.repeat(64) }), /the key does not fit the secrets that are kept/);
      await assert.rejects(open(), /the key does not fit/);
      await assert.rejects(open({ key: 'short' }), /shorter than 32 characters/);
      const keyFile = join(folder, 'given.key');
      writeFileSync(keyFile, `${'a'.repeat(64)}\n`);
      assert.equal(await (await open({ keyFile })).reveal('smtp'), 'x');
    }));

  it('cannot be swapped in the database', () =>
    withPlace(async ({ store, open }) => {
      const secrets = await open();
      await secrets.put('mine', 'mine', ALICE);
      const box = await store.secrets.loadBox('mine');
      await store.secrets.putBox('yours', box ?? '', { at: 1, who: ALICE, why: 'swapped', about: [] });
      await assert.rejects(secrets.reveal('yours'), /does not fit/);
    }));

  it('are found where the configuration says, or the reason why not', () =>
    withPlace(async ({ folder, open }) => {
      const secrets = await open();
      await secrets.put('smtp', 'kept', ALICE);
      const path = join(folder, 'token.txt');
      writeFileSync(path, 'from a file\n');
      assert.equal(await secrets.resolve({ kind: 'literal', value: 'here' }), 'here');
      assert.equal(await secrets.resolve({ kind: 'secret', name: 'smtp' }), 'kept');
      assert.equal(await secrets.resolve({ kind: 'env', name: 'TOKEN' }), 'from the environment');
      assert.equal(await secrets.resolve({ kind: 'file', name: path }), 'from a file');
      await assert.rejects(secrets.resolve({ kind: 'secret', name: 'imap' }), /there is no secret imap/);
      await assert.rejects(secrets.resolve({ kind: 'secret', name: 'tocsin-key-probe' }), /there is no secret tocsin-key-probe/);
      await assert.rejects(secrets.put('tocsin-key-probe', 'x', ALICE), /not a name for a secret/);
      await assert.rejects(secrets.resolve({ kind: 'env', name: 'NONE' }), /the environment variable NONE is not set/);
      await assert.rejects(secrets.resolve({ kind: 'file', name: join(folder, 'none') }), /none cannot be read: ENOENT/);
      await assert.rejects(secrets.resolve({ kind: 'file', name: '/dev/zero' }), /longer than/);
    }));
});
