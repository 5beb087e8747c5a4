import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import { DIALECTS } from './dialects.ts';

for (const dialect of DIALECTS) {
  describe(`the tables on ${dialect.name}`, () => {
    it('are made once, also when two servers start at the same moment', async () => {
      const database = dialect.fresh();
      const stores = await Promise.all([database.open(), database.open(), database.open()]);
      for (const store of stores) assert.deepEqual(await store.users(), []);
      for (const store of stores) await store.close();
      database.remove();
    });
  });
}

describe('a state database in SQLite', () => {
  it('that a newer version wrote is left alone, and the message says what to do', async () => {
    const database = DIALECTS[0]?.fresh();
    assert.ok(database);
    await (await database.open()).close();
    const file = new DatabaseSync(database.path);
    file.exec("insert into migration (id, name) values (999, 'from the future')");
    file.close();
    await assert.rejects(
      database.open(),
      /written by a newer version of Tocsin \(its schema is 999.*start that version, or restore a backup/,
    );
    database.remove();
  });

  it('of an earlier version is brought to what this one knows, with what is in it', async () => {
    const database = DIALECTS[0]?.fresh();
    assert.ok(database);
    await (await database.open()).close();
    const file = new DatabaseSync(database.path);
    file.exec('alter table run drop column run_as; alter table "user" drop column email; delete from migration where id > 1');
    file.exec("insert into cooldown values ('a', 1, 5)");
    file.close();
    const store = await database.open();
    assert.equal((await store.load('run', 'r1')).value, null);
    assert.deepEqual(await store.users(), []);
    assert.deepEqual((await store.load('cooldown', 'a')).value, { id: 'a', at: 5 });
    await store.close();
    database.remove();
  });

  it('that is no database at all is refused', async () => {
    const database = DIALECTS[0]?.fresh();
    assert.ok(database);
    const { writeFileSync } = await import('node:fs');
    writeFileSync(
      database.path,
      'this is a text file, long enough to be read as the header of a database file........................................',
    );
    await assert.rejects(database.open(), /not a database/);
    database.remove();
  });
});
