// Samples deleted over HTTP and from the command line: by administrators only, written down, and for good.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { audit } from '../../src/contract/api/audit.ts';
import { series } from '../../src/contract/api/series.ts';
import { command } from '../cli/command.ts';
import { Program } from './program.ts';
import { remoteWrite } from './samples.ts';

const TOKEN = 'e2e-administrator-0123456789abcdef';
const MINUTE = 60_000;
const program = new Program({ config: { built_in: { rules: false, demo: false } }, localAgent: false });
const start = Math.floor(Date.now() / MINUTE) * MINUTE - 100 * MINUTE;

before(() => program.start());
after(() => program.close());

function write(name: string, host: string, from: number, count: number) {
  const samples = Array.from({ length: count }, (_, i) => ({ at: start + (from + i) * MINUTE, value: 1 }));
  return remoteWrite(program.admin, [{ labels: { __name__: name, host }, samples }]);
}

async function counts(name: string, asked = program): Promise<Record<string, string>> {
  const query = new URLSearchParams({ query: `count_over_time(${name}[3h])` });
  const { text } = await asked.admin.send('GET', `/api/v1/query?${query}`);
  const result: { metric: Record<string, string>; value: [number, string] }[] = JSON.parse(text).data.result;
  return Object.fromEntries(result.map(({ metric, value }) => [metric['host'] ?? '', value[1]]));
}

function admin(what: string, parameters: readonly (readonly [string, string])[] = [], method = 'POST') {
  return program.admin.send(
    method,
    `/api/v1/admin/tsdb/${what}?${new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value]))}`,
  );
}

test('as with Prometheus: what is deleted is gone at once and after kill -9, and what is written afterwards is kept', async () => {
  for (const host of ['a', 'b']) assert.equal((await write('served', host, 0, 100)).status, 204);
  const [from, to] = [start + 20 * MINUTE, start + 49 * MINUTE].map((at) => String(at / 1_000));
  const answer = await admin('delete_series', [
    ['match[]', 'served{host="a"}'],
    ['start', from ?? ''],
    ['end', to ?? ''],
  ]);
  assert.deepEqual([answer.status, answer.text], [204, '']);
  assert.deepEqual(await counts('served'), { a: '70', b: '100' });
  await write('served', 'a', 45, 5);
  assert.deepEqual(await counts('served'), { a: '75', b: '100' });
  await program.kill();
  await program.start();
  assert.deepEqual(await counts('served'), { a: '75', b: '100' });
  assert.equal((await admin('clean_tombstones', [], 'PUT')).status, 204);
  assert.deepEqual(await counts('served'), { a: '75', b: '100' });
});

test('what is wrong is said in the words of Prometheus', async () => {
  const says = async (parameters: readonly (readonly [string, string])[]) => {
    const { status, text } = await admin('delete_series', parameters);
    const { errorType, error } = JSON.parse(text);
    return [status, errorType, error];
  };
  assert.deepEqual(await says([]), [400, 'bad_data', 'no match[] parameter provided']);
  const [status, type, error] = await says([['match[]', 'up{']]);
  assert.deepEqual([status, type], [400, 'bad_data']);
  assert.match(String(error), /^invalid parameter "match\[\]": 1:4: parse error: unexpected end of input inside braces/);
  const unread = 'cannot parse "x" to a valid timestamp';
  for (const name of ['start', 'end']) {
    const expected = [400, 'bad_data', `invalid parameter "${name}": Invalid time value for '${name}': ${unread}`];
    assert.deepEqual(
      await says([
        ['match[]', 'up'],
        [name, 'x'],
      ]),
      expected,
    );
  }
});

test('only administrators may, and the audit log says who, what and why', async () => {
  const operator = await program.token('op', 'operator');
  const refused = await operator.send('POST', '/api/v1/admin/tsdb/delete_series?match[]=served');
  assert.deepEqual([refused.status, JSON.parse(refused.text).status], [403, 'error']);
  await assert.rejects(operator.ask(series.delete, { body: { match: ['served'] } }), /403/);
  assert.equal((await operator.send('POST', '/api/v1/admin/tsdb/clean_tombstones')).status, 403);
  assert.deepEqual(await counts('served'), { a: '75', b: '100' });
  const wish = { match: ['served{host="b"}'], start: start + 90 * MINUTE, reason: 'a wrong clock' };
  assert.deepEqual(await program.admin.ask(series.delete, { body: { ...wish, dryRun: true } }), { series: 1, samples: 10, deleted: false });
  assert.deepEqual(await counts('served'), { a: '75', b: '100' });
  assert.deepEqual(await program.admin.ask(series.delete, { body: wish }), { series: 1, samples: 10, deleted: true });
  assert.deepEqual(await counts('served'), { a: '75', b: '90' });
  const { items } = await program.admin.ask(audit.list, { query: { about: 'series' } });
  const [last] = items;
  assert.equal(last?.who, 'token:environment');
  assert.match(last?.why ?? '', /^deletes 10 samples of 1 series: served\{host="b"\} from \d{4}-\S+; because: a wrong clock$/);
  assert.ok(items.some(({ why }) => why.includes('asked over the Prometheus API')));
  await assert.rejects(program.admin.ask(series.delete, { body: { match: ['{host=~".*"}'] } }), /selects everything/);
  await assert.rejects(program.admin.ask(series.delete, { body: { match: ['served{'] } }), /match\.0/);
});

test('a snapshot, as with Prometheus and as our own; a server that is started on a copy of it gives the same answers', async () => {
  await write('saved', 'a', 0, 60);
  const wrong = await admin('snapshot', [['skip_head', 'x']]);
  assert.equal(wrong.status, 400);
  assert.match(
    wrong.text,
    /invalid parameter \\"skip_head\\": unable to parse boolean: strconv\.ParseBool: parsing \\"x\\": invalid syntax/,
  );
  const { status, data } = JSON.parse((await admin('snapshot', [['skip_head', '0']])).text);
  assert.equal(status, 'success');
  const env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: TOKEN };
  const named = await command(['series', 'snapshot', 'nightly'], { env });
  assert.deepEqual([named.code, named.stderr], [0, '']);
  const listed = await command(['series', 'snapshots'], { env });
  assert.match(listed.stdout, /nightly/);
  assert.ok(listed.stdout.includes(data.name));
  const again = await program.admin.json('POST', '/api/series/snapshots', { name: 'nightly' });
  assert.equal(again.status, 409);
  const saved = await counts('saved');
  await write('saved', 'later', 0, 10);
  const copy = new Program({ config: { built_in: { rules: false, demo: false } }, localAgent: false });
  try {
    cpSync(join(program.data, 'series/snapshots/nightly'), join(copy.data, 'series'), { recursive: true });
    await copy.start();
    assert.deepEqual(await counts('saved', copy), saved);
    assert.deepEqual(await counts('served', copy), await counts('served'));
  } finally {
    await copy.close();
  }
  assert.equal((await command(['series', 'snapshots', '--remove', 'nightly'], { env })).code, 0);
  assert.equal((await program.admin.ask(series.snapshots)).items.length, 1);
  assert.equal((await program.admin.send('DELETE', '/api/series/snapshots/nightly')).status, 404);
});

test('from the command line: counted first, deleted with --yes', async () => {
  const env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: TOKEN };
  await write('printed', 'c', 0, 50);
  const counted = await command(['series', 'delete', 'printed', '--to', String((start + 9 * MINUTE) / 1_000)], { env });
  assert.deepEqual([counted.code, counted.stderr], [0, '']);
  assert.match(counted.stdout, /^These are 10 samples of 1 series\. Say --yes/);
  assert.deepEqual(await counts('printed'), { c: '50' });
  const deleted = await command(['series', 'delete', 'printed', 'nothing', '--yes', '--reason', 'tidy'], { env });
  assert.deepEqual([deleted.code, deleted.stdout], [0, 'Deleting 50 samples of 1 series.\nDeleted.\n']);
  assert.deepEqual(await counts('printed'), {});
  const json = await command(['series', 'delete', 'printed', '--yes', '--json'], { env });
  assert.deepEqual(JSON.parse(json.stdout), { series: 0, samples: 0, deleted: false });
  assert.equal((await command(['series', 'clean'], { env })).code, 0);
  const wrong = await command(['series', 'delete', 'printed{'], { env });
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /A selector is not understood/);
  assert.equal((await command(['series', 'delete'], { env })).code, 2);
});

test('a hold keeps samples from being deleted, by the command line and as with Prometheus, until it is lifted', async () => {
  await write('held', 'a', 0, 50);
  await write('held', 'b', 0, 50);
  const env = { TOCSIN_SERVER: program.url, TOCSIN_TOKEN: TOKEN };
  const run = (...words: string[]) => command(['series', ...words], { env });
  assert.equal((await run('holds')).stdout, 'Nothing is held.\n');
  assert.equal((await run('hold', 'case-7', 'held{host="a"}')).code, 2, 'a hold needs a reason');
  assert.equal((await run('hold', 'case-7', '{host=~".*"}', '--reason', 'x')).code, 1, 'a selector that selects everything');
  const made = await run('hold', 'case-7', 'held{host="a"}', '--from', '3d', '--reason', 'the court wants it');
  assert.match(made.stdout, /^case-7 holds whole days, from \S+T00:00:00Z on\.\n$/);
  assert.match((await run('hold', 'case-7', 'up', '--reason', 'again')).stderr, /there is a hold case-7 already/);
  assert.match((await run('holds')).stdout, /^case-7 +held\{host="a"\} .* 1 .*the court wants it$/m);
  const refused = await run('delete', 'held', '--yes');
  assert.deepEqual([refused.code, /the hold case-7 keeps samples of 1 of these series/.test(refused.stderr)], [1, true]);
  const answer = await admin('delete_series', [['match[]', 'held']]);
  assert.equal(answer.status, 422);
  assert.match(JSON.parse(answer.text).error, /The samples may not be deleted: the hold case-7 keeps/);
  assert.deepEqual(await counts('held'), { a: '50', b: '50' });
  assert.equal((await run('delete', 'held{host="b"}', '--yes')).code, 0);
  await program.kill();
  await program.start();
  Object.assign(env, { TOCSIN_SERVER: program.url });
  assert.deepEqual(await counts('held'), { a: '50' });
  const { held } = await program.admin.ask(series.status);
  assert.deepEqual(
    held.holds.map(({ name, match, reason, to }) => [name, match, reason, to]),
    [['case-7', ['held{host="a"}'], 'the court wants it', null]],
  );
  assert.equal((await run('lift', 'case-8')).code, 1);
  assert.equal((await run('lift', 'case-7', '--reason', 'the case is closed')).stdout, 'case-7 is lifted.\n');
  assert.equal((await run('delete', 'held', '--yes')).code, 0);
  assert.deepEqual(await counts('held'), {});
  const { items } = await program.admin.ask(audit.list, { query: { limit: '50' } });
  const whys = items.map(({ why }) => why);
  for (const wanted of [
    /^holds held\{host="a"\} from .* as case-7; because: the court wants it$/,
    /^could not delete .*the hold case-7 keeps samples/,
    /^lifted the hold case-7; because: the case is closed$/,
  ])
    assert.ok(
      whys.some((why) => wanted.test(why)),
      `${wanted}: ${whys.join('\n')}`,
    );
});
