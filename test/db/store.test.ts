import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NEVER } from '../../src/core/base/time.ts';
import type { StateStore } from '../../src/io/db/open-store.ts';
import { DIALECTS, type Database } from './dialects.ts';
import { adviceOf, alertOf, change, groupOf, messageOf, newRow, put, runOf } from './records.ts';

for (const dialect of DIALECTS) {
  const withStore = async (test: (store: StateStore, database: Database) => Promise<void>): Promise<void> => {
    const database = dialect.fresh();
    const store = await database.open();
    try {
      await test(store, database);
    } finally {
      await store.close();
      database.remove();
    }
  };

  describe(`the state database on ${dialect.name}`, () => {
    it('gives back every kind of record as it was put, and again after it was opened anew', () =>
      withStore(async (first, database) => {
        const alert = alertOf({ alertname: 'Disk', instance: 'web-1:9100', __proto__x: '"\n😀' }, 5, {
          value: Number.NaN,
          annotations: { summary: 'full' },
          acknowledged: { by: 'user:alice', at: 7, comment: 'mine' },
        });
        const run = runOf('r1', 10, { approvals: [{ by: { kind: 'user', name: 'bob' }, at: 11, approve: true, comment: 'ok' }] });
        const group = groupOf('g1', [
          { alert: 'z', told: null, severity: null },
          { alert: 'a', told: 'firing', severity: 'critical' },
        ]);
        const records = [
          put(newRow('alert', alert.id), alert),
          put(newRow('run', 'r1'), run),
          put(newRow('group', 'g1'), group),
          put(newRow('message', 'm1'), messageOf('m1', 20, [alert.id, 'other'])),
          put(newRow('advice', 'd1'), adviceOf('d1', alert.id, 30)),
          put(newRow('host', 'web-1'), {
            name: 'web-1',
            os: 'linux',
            agentVersion: '1',
            labels: { zone: 'a' },
            firstSeenAt: 1,
            lastSeenAt: 2,
            allowedActions: ['clean-disk'],
            local: true,
          }),
          put(newRow('user', 'alice'), {
            name: 'alice',
            role: 'admin',
            email: null,
            passwordHash: null,
            createdAt: 1,
            lastLoginAt: null,
            failures: 0,
            lockedUntil: null,
            disabled: false,
          }),
          put(newRow('session', 's1'), { id: 's1', user: 'alice', csrf: 'c', createdAt: 1, expiresAt: 2, lastUsedAt: 1 }),
          put(newRow('token', 't1'), {
            id: 't1',
            name: 'ci',
            role: 'operator',
            actions: ['clean-disk'],
            createdBy: 'user:alice',
            createdAt: 1,
            expiresAt: null,
            lastUsedAt: null,
            revokedAt: null,
          }),
          put(newRow('setup', 'l1'), {
            id: 'l1',
            purpose: 'administrator',
            user: null,
            role: 'admin',
            createdAt: 1,
            expiresAt: 2,
            usedAt: null,
          }),
          put(newRow('cooldown', 'trigger/x'), { id: 'trigger/x', at: 5 }),
        ] as const;
        assert.equal(await first.commit(change(records)), 'done');
        for (const store of [first, await database.open()]) {
          for (const { row, value } of records) assert.deepEqual((await store.load(row.table, row.id)).value, value);
          if (store !== first) await store.close();
        }
      }));

    it('writes nothing when one row of a change is stale', () =>
      withStore(async (store) => {
        await store.commit(change([put(newRow('cooldown', 'a'), { id: 'a', at: 1 })]));
        const row = await store.load('cooldown', 'a');
        assert.equal(await store.commit(change([put(row, { id: 'a', at: 2 })])), 'done');
        const late = change([
          put(newRow('cooldown', 'b'), { id: 'b', at: 1 }),
          { op: 'wake', kind: 'run', id: 'x', at: 5 },
          put(row, { id: 'a', at: 3 }),
        ]);
        assert.equal(await store.commit(late), 'stale');
        assert.equal((await store.load('cooldown', 'b')).version, 0);
        assert.deepEqual((await store.load('cooldown', 'a')).value, { id: 'a', at: 2 });
        assert.equal(await store.nextDue(), NEVER);
        assert.equal((await store.findAudit({ limit: 10 })).items.length, 2);
      }));

    it('never takes a row that was dropped and made again for the old one', () =>
      withStore(async (store) => {
        await store.commit(change([put(newRow('cooldown', 'a'), { id: 'a', at: 1 })]));
        const old = await store.load('cooldown', 'a');
        await store.commit(change([{ op: 'drop', row: old }]));
        await store.commit(change([put(newRow('cooldown', 'a'), { id: 'a', at: 2 })]));
        assert.equal(await store.commit(change([put(old, { id: 'a', at: 3 })])), 'stale');
        assert.equal(await store.commit(change([{ op: 'drop', row: newRow('cooldown', 'a') }])), 'stale');
      }));

    it('has one open alert of a fingerprint, and lets the next one begin in the change that ends the first', () =>
      withStore(async (store) => {
        const labels = { alertname: 'Disk' };
        const first = alertOf(labels, 1);
        const second = alertOf(labels, 2);
        await store.commit(change([put(newRow('alert', first.id), first)]));
        assert.equal(await store.commit(change([put(newRow('alert', second.id), second)])), 'stale');
        const row = await store.load('alert', first.id);
        const ended = { ...first, state: 'resolved', resolvedAt: 3 } as const;
        assert.equal(await store.commit(change([put(newRow('alert', second.id), second), put(row, ended)])), 'done');
        assert.deepEqual(
          (await store.openAlertsByFingerprint([first.fingerprint])).map((found) => found.id),
          [second.id],
        );
        const again = await store.load('alert', first.id);
        assert.equal(await store.commit(change([put(again, first)])), 'stale');
      }));

    it('answers what is due, earliest first', () =>
      withStore(async (store) => {
        const wakes = [
          { op: 'wake', kind: 'run', id: 'b', at: 20 },
          { op: 'wake', kind: 'run', id: 'a', at: 10, failures: 3 },
          { op: 'wake', kind: 'group', id: 'c', at: 30 },
        ] as const;
        await store.commit(change(wakes, []));
        assert.equal(await store.nextDue(), 10);
        assert.deepEqual(
          (await store.due(20, 10)).map((due) => [due.id, due.failures]),
          [
            ['a', 3],
            ['b', 0],
          ],
        );
        await store.commit(change([{ op: 'wake', kind: 'run', id: 'a', at: NEVER }], []));
        assert.deepEqual(
          (await store.agenda(10)).map((due) => due.id),
          ['b', 'c'],
        );
        assert.deepEqual(await store.findAudit({ limit: 10 }), { items: [], next: null });
      }));
  });
}
