import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { compileMatcher, type MatchOp } from './matcher.ts';
import { analyzePattern } from './pattern.ts';

function matcher(op: MatchOp, value: string): (text: string) => boolean {
  const { value: compiled, problems } = compileMatcher({ name: 'a', op, value });
  assert.deepEqual(problems, []);
  assert.ok(compiled);
  return compiled.test;
}

test('the four operators compare whole values', () => {
  assert.equal(matcher('=', 'x')('x'), true);
  assert.equal(matcher('!=', 'x')('x'), false);
  assert.equal(matcher('=~', 'x')('ax'), false);
  assert.equal(matcher('=~', 'a.c')('a\nc'), true);
  assert.equal(matcher('!~', '5..')('503'), false);
  assert.equal(matcher('=~', '(?i)abc')('ABC'), true);
  assert.equal(matcher('=~', '')(''), true);
});

test('a bad or huge expression is a problem, not a throw', () => {
  for (const value of ['(', '[a', 'a**', '\\8', '(?P<x', `[a]${'a'.repeat(20_000)}`, '(a?){1000}'.repeat(20), '((a{1000}){1000}){1000}']) {
    const { value: compiled, problems } = compileMatcher({ name: 'a', op: '=~', value });
    assert.equal(compiled, null, value.slice(0, 30));
    assert.match(problems[0]?.message ?? '', /error parsing regexp/);
  }
});

test('an expression that makes backtracking engines hang is answered at once', () => {
  assert.equal(matcher('=~', '(a+)+b')('a'.repeat(5_000)), false);
});

test('the fast paths agree with RE2 on every text', () => {
  const part = fc.constantFrom('a', 'b', 'ab', '.*', '.+', '|', '\\.', '.', '(', ')', '(?:', 'é', '\n', '?', '*', '-', '\\-', '\\d', '{2}');
  const text = fc.array(fc.constantFrom('a', 'b', '.', 'é', '\n', '-'), { maxLength: 8 }).map((chars) => chars.join(''));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 7 }), fc.array(text, { minLength: 5, maxLength: 20 }), (parts, texts) => {
      const pattern = parts.join('');
      if (analyzePattern(pattern) === null) return;
      let oracle: RE2JS;
      try {
        oracle = RE2JS.compile(pattern, RE2JS.DOTALL);
      } catch {
        assert.fail(`${pattern} is not RE2 but was taken`);
      }
      const fast = matcher('=~', pattern);
      for (const each of texts) assert.equal(fast(each), oracle.matches(each), `${pattern} on ${JSON.stringify(each)}`);
    }),
    { numRuns: 3_000 },
  );
});

test('a list of thousands of values, as dashboards send them, is looked up at once', () => {
  const hosts = Array.from({ length: 3_000 }, (_, index) => `host-${index}\\.example\\.org`);
  const accepts = matcher('=~', hosts.join('|'));
  assert.equal(accepts('host-2999.example.org'), true);
  assert.equal(accepts('host-3000.example.org'), false);
});

test('finite expressions tell their values, others their prefix', () => {
  assert.deepEqual(compileMatcher({ name: 'a', op: '=~', value: '(?:x|y\\.z)' }).value?.literals, ['x', 'y.z']);
  assert.equal(compileMatcher({ name: 'a', op: '=~', value: 'node_.*' }).value?.prefix, 'node_');
});
