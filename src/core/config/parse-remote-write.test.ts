import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { parseConfig } from './parse-config.ts';

function parse(...texts: readonly string[]) {
  const { value, problems } = parseConfig(
    texts.map((text, index) => ({ path: `f${index}`, text })),
    { builtIn: null },
  );
  return { value, problems: problems.map(formatProblem) };
}

test('servers that get the samples as well: credentials, headers, what is sent; files add to each other', () => {
  const { value, problems } = parse(
    `remote_write:
  - url: https://metrics.example.com/api/v1/push
    headers: { X-Scope-OrgID: shop, X-Key: { secret: key } }
    basic_auth: { username: me, password: { secret: pw } }
    write_relabel_configs: [{ source_labels: [__name__], regex: "node_.*", action: keep }]
    queue_bytes: 2MB
`,
    'remote_write: [{ name: second, url: "http://127.0.0.1:9090/api/v1/write", remote_timeout: 5s }]',
  );
  assert.deepEqual(problems, []);
  const [first, second] = value?.remoteWrite ?? [];
  assert.deepEqual([first?.name, first?.timeout, first?.queueBytes], ['metrics.example.com', 30_000, 2 * 2 ** 20]);
  assert.deepEqual(
    [...(first?.headers ?? [])],
    [
      ['x-scope-orgid', { kind: 'literal', value: 'shop' }],
      ['x-key', { kind: 'secret', name: 'key' }],
    ],
  );
  assert.equal(first?.access.authorization?.kind, 'basic');
  assert.equal(first?.relabel[0]?.action, 'keep');
  assert.deepEqual([second?.name, second?.timeout], ['second', 5_000]);
});

test('what is wrong with them is said at its place', () => {
  const wrong = (text: string): string => parse(text).problems[0] ?? '';
  assert.match(wrong('remote_write: { url: x }'), /f0:1:\d+: remote_write: expected a list/);
  assert.match(wrong('remote_write: [{ url: "ftp://x" }]'), /expected a web address/);
  assert.match(wrong('remote_write: [{ url: "http://x", headers: { Authorization: y } }]'), /set by Tocsin/);
  assert.match(wrong('remote_write: [{ url: "http://x", headers: { "a b": y } }]'), /no name of a header/);
  assert.match(wrong('remote_write: [{ url: "http://x", sigv4: {} }]'), /not supported/);
  assert.match(wrong('remote_write: [{ url: "http://x/1" }, { url: "http://x/2" }]'), /give a name of its own/);
  assert.match(
    wrong('storage: { series: { kind: remote, write: "http://x/w", query: "http://x" } }\nremote_write: [{ url: "http://y" }]'),
    /another server keeps them/,
  );
  assert.match(wrong('storage: { series: { headers: { a: b } } }'), /belongs to a remote store/);
});
