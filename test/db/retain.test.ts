import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIALECTS } from './dialects.ts';
import { adviceOf, alertOf, change, groupOf, messageOf, newRow, put, runOf } from './records.ts';

for (const dialect of DIALECTS) {
  describe(`the history kept on ${dialect.name}`, () => {
    it('loses what has been over for long, and nothing else', async () => {
      const database = dialect.fresh();
      const store = await database.open();
      const over = { state: 'resolved', resolvedAt: 50 } as const;
      const alerts = [
        alertOf({ name: 'old' }, 10, over),
        alertOf({ name: 'recent' }, 10, { state: 'resolved', resolvedAt: 150 }),
        alertOf({ name: 'open' }, 10),
        alertOf({ name: 'grouped' }, 10, over),
      ];
      const [old, recent, open, grouped] = alerts.map((alert) => alert.id);
      const runs = [
        runOf('old', 10, { state: 'failed', finishedAt: 20, alert: old ?? null }),
        runOf('refused', 10, { state: 'refused' }),
        runOf('long', 10, { state: 'succeeded', finishedAt: 150 }),
        runOf('verifying', 10, { state: 'succeeded', finishedAt: 20, verification: 'waiting' }),
        runOf('running', 10, { state: 'running' }),
      ];
      const messages = [
        messageOf('sent', 20, ['x'], { state: 'sent', sentAt: 21 }),
        messageOf('owed', 20, ['x']),
        messageOf('given up', 20, ['x'], { state: 'given up' }),
        messageOf('new', 120, ['x'], { state: 'sent', sentAt: 121 }),
      ];
      const advices = [
        adviceOf('closed', 'x', 10, { state: 'helped', closedAt: 20 }),
        adviceOf('open', 'x', 10),
        adviceOf('new', 'x', 10, { state: 'over', closedAt: 120 }),
      ];
      await store.commit(
        change(
          alerts.map((value) => put(newRow('alert', value.id), value)),
          ['alert/1'],
          20,
        ),
      );
      await store.commit(
        change(
          runs.map((value) => put(newRow('run', value.id), value)),
          ['run/1'],
          30,
        ),
      );
      await store.commit(
        change(
          messages.map((value) => put(newRow('message', value.id), value)),
          [],
          30,
        ),
      );
      await store.commit(
        change(
          advices.map((value) => put(newRow('advice', value.id), value)),
          [],
          30,
        ),
      );
      await store.commit(
        change([put(newRow('group', 'g1'), groupOf('g1', [{ alert: grouped ?? '', told: 'firing', severity: 'critical' }]))], ['x'], 150),
      );
      await store.commit(
        change([
          put(newRow('session', 's1'), { id: 's1', user: 'alice', csrf: '', createdAt: 1, expiresAt: 50, lastUsedAt: 1 }),
          put(newRow('session', 's2'), { id: 's2', user: 'alice', csrf: '', createdAt: 1, expiresAt: 500, lastUsedAt: 1 }),
        ]),
      );

      await store.commit(
        change([
          put(newRow('cooldown', 'trigger/a/old'), { id: 'trigger/a/old', at: 20 }),
          put(newRow('cooldown', 'trigger/a/new'), { id: 'trigger/a/new', at: 120 }),
        ]),
      );

      const gone = await store.retain(100, 1_000);
      assert.deepEqual([...gone.runs].sort(), ['old', 'refused']);
      assert.equal(gone.deleted, 1 + 2 + 2 + 1 + 1 + 2 + 1);
      assert.equal((await store.load('cooldown', 'trigger/a/old')).value, null);
      assert.equal((await store.load('cooldown', 'trigger/a/new')).value?.at, 120);
      const left = await store.findAlerts({ limit: 100 });
      assert.deepEqual(left.items.map((alert) => alert.id).sort(), [recent, open, grouped].sort());
      assert.deepEqual((await store.findAlerts({ limit: 100, matchers: [{ name: 'name', op: '=', value: 'old' }] })).items, []);
      assert.deepEqual((await store.findRuns({ limit: 100 })).items.map((run) => run.id).sort(), ['long', 'running', 'verifying']);
      assert.deepEqual(
        (await store.findMessages({ alert: 'x', limit: 100 })).items.map((message) => message.id),
        ['new', 'owed'],
      );
      assert.deepEqual(
        (await store.findAdvice({ limit: 100 })).items.map((advice) => advice.id),
        ['open', 'new'],
      );
      assert.deepEqual(
        (await store.sessions('alice')).map((session) => session.id),
        ['s2'],
      );
      assert.deepEqual((await store.findAudit({ about: 'alert/1', limit: 10 })).items, []);
      assert.equal((await store.findAudit({ about: 'x', limit: 10 })).items.length, 1);
      assert.deepEqual(await store.retain(100, 1_000), { deleted: 0, runs: [] });
      await store.close();
      database.remove();
    });

    it('goes in bounded steps, and never gives out the number of an audit line twice', async () => {
      const database = dialect.fresh();
      const store = await database.open();
      for (let index = 0; index < 10; index += 1) await store.commit(change([{ op: 'wake', kind: 'run', id: 'x', at: index }], ['x'], 1));
      assert.equal((await store.retain(100, 4)).deleted, 4);
      while ((await store.retain(100, 4)).deleted > 0);
      await store.commit(change([{ op: 'wake', kind: 'run', id: 'x', at: 1 }], ['x'], 1));
      assert.equal((await store.findAudit({ limit: 1 })).items[0]?.id, 11);
      await store.close();
      database.remove();
    });
  });
}
