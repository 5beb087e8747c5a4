import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DIALECTS } from './dialects.ts';
import { alertOf, change, newRow, put } from './records.ts';

for (const dialect of DIALECTS) {
  describe(`lists on ${dialect.name}`, () => {
    it('show every alert once, whatever is looked for among thousands of them, in pages that are never longer than asked for', async () => {
      const database = dialect.fresh();
      const store = await database.open();
      const alerts = Array.from({ length: 9_000 }, (_, index) =>
        alertOf({ alertname: 'Disk', index: `${index}`, tens: `${index % 10}` }, 1_000 + Math.floor(index / 3), {
          state: index % 2 === 0 ? 'firing' : 'resolved',
          severity: index % 5 === 0 ? 'critical' : 'warning',
          annotations: { summary: index === 4_321 ? 'Needle in the HAY' : 'straw' },
        }),
      );
      for (let index = 0; index < alerts.length; index += 500) {
        await store.commit(change(alerts.slice(index, index + 500).map((alert) => put(newRow('alert', alert.id), alert))));
      }
      const count = async (filter: Omit<Parameters<typeof store.findAlerts>[0], 'limit'>): Promise<number> => {
        const seen = new Set<string>();
        let cursor: string | undefined;
        let last = Number.POSITIVE_INFINITY;
        do {
          const page = await store.findAlerts({ ...filter, limit: 700, cursor });
          assert.ok(page.items.length <= 700);
          for (const alert of page.items) {
            assert.ok(!seen.has(alert.id) && alert.activeAt <= last);
            last = alert.activeAt;
            seen.add(alert.id);
          }
          cursor = page.next ?? undefined;
        } while (cursor !== undefined);
        return seen.size;
      };
      const matcher = (name: string, op: '=' | '!=' | '=~' | '!~', value: string) => ({ name, op, value }) as const;
      assert.equal(await count({}), 9_000);
      assert.equal(await count({ states: ['firing'] }), 4_500);
      assert.equal(await count({ severities: ['critical'] }), 1_800);
      assert.equal(await count({ matchers: [matcher('alertname', '=', 'Disk')] }), 9_000);
      assert.equal(await count({ matchers: [matcher('tens', '=', '3')], states: ['firing'] }), 0);
      assert.equal(await count({ matchers: [matcher('tens', '=~', '[34]')] }), 1_800);
      assert.equal(await count({ matchers: [matcher('tens', '!~', '3|4'), matcher('severity', '!=', 'critical')] }), 5_400);
      assert.equal(await count({ matchers: [matcher('index', '=~', '8.+'), matcher('alertname', '=', 'Disk')] }), 1_110);
      assert.equal(await count({ matchers: [matcher('absent', '=', ''), matcher('tens', '=~', '1|2|')] }), 1_800);
      assert.equal(await count({ text: 'needle in the hay' }), 1);
      assert.equal(await count({ text: 'no_such%text' }), 0);
      assert.equal(await count({ from: 1_100, to: 1_199 }), 300);
      await store.close();
      database.remove();
    });

    it('give an empty page for a cursor that nobody gave out, and for an expression that is none', async () => {
      const database = dialect.fresh();
      const store = await database.open();
      const alert = alertOf({ alertname: 'Disk' }, 1);
      await store.commit(change([put(newRow('alert', alert.id), alert)]));
      for (const cursor of ['', '%%%', 'AAAA', Buffer.from("1'; drop table alert").toString('base64url')]) {
        for (const page of [
          await store.findAlerts({ limit: 10, cursor }),
          await store.findRuns({ limit: 10, cursor }),
          await store.findAudit({ limit: 10, cursor }),
          await store.findMessages({ limit: 10, cursor }),
          await store.findAdvice({ limit: 10, cursor }),
        ]) {
          assert.deepEqual(page, { items: [], next: null });
        }
      }
      assert.deepEqual((await store.findAlerts({ limit: 10, matchers: [{ name: 'a', op: '=~', value: '(' }] })).items, []);
      assert.equal((await store.findAlerts({ limit: Number.NaN })).items.length, 1);
      await store.close();
      database.remove();
    });
  });
}
