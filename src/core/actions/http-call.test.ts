import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { HttpCall } from './action.ts';
import { buildRequest, fillUrl, pathProblems } from './http-call.ts';

const URL_TEXT = 'https://example.com/jobs/{a}/runs?b={b}&c=1';
const call: HttpCall = { method: 'POST', url: URL_TEXT, headers: [], body: { json: { a: '{a}', list: ['{b}'] } }, expect: [200] };
const common = { description: '', required: true, default: null, type: 'string', pattern: null, maxLength: 100, allowDash: true } as const;
const parameters = [
  { ...common, name: 'a' },
  { ...common, name: 'b' },
];

const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.constantFrom('..', '.', '', '%2e%2e', '../x', '?', '#', '&c=2', '{b}', '//x', '@'),
);

test('whatever the values are, each stays one segment, one value of the query and one text of the body', () => {
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      if (pathProblems(call, { a, b }).length > 0) return assert.ok(['', '.', '..'].includes(a));
      const { request } = buildRequest(call, { parameters, values: { a, b }, reveal: new Map() });
      const url = new URL(request.url);
      assert.equal(url.origin, 'https://example.com');
      const segments = url.pathname.split('/').map(decodeURIComponent);
      assert.deepEqual(segments, ['', 'jobs', a, 'runs']);
      assert.deepEqual(
        [...url.searchParams],
        [
          ['b', b],
          ['c', '1'],
        ],
      );
      assert.equal(url.hash, '');
      assert.deepEqual(JSON.parse(request.body ?? ''), { a, list: [b] });
    }),
    { numRuns: 1_000 },
  );
});

test('a place without a value stays as it is written', () => {
  assert.equal(fillUrl(URL_TEXT, { b: 'x y' }), 'https://example.com/jobs/{a}/runs?b=x%20y&c=1');
});
