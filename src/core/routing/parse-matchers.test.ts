import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LabelMatcher } from './matcher.ts';
import { matchesAll } from './matches-all.ts';
import { formatMatcher, formatMatchers, parseMatchers } from './parse-matchers.ts';

function parsed(text: string): string[] | null {
  const { value } = parseMatchers(text);
  return value === null ? null : value.map(({ name, op, value: right }) => `${name} ${op} ${right}`);
}

const GOOD: readonly (readonly [string, readonly string[]])[] = [
  ['', []],
  ['{}', []],
  ['alertname="DiskFull", severity="critical"', ['alertname = DiskFull', 'severity = critical']],
  ['{foo=bar}', ['foo = bar']],
  ['{foo=bar,}', ['foo = bar']],
  ['foo!=bar', ['foo != bar']],
  ['{foo=~[a-z]+}', ['foo =~ [a-z]+']],
  ['foo!~"bar.*"', ['foo !~ bar.*']],
  ['{"foo"="bar"}', ['foo = bar']],
  ['{name-with-dashes = "bar"}', ['name-with-dashes = bar']],
  ['{foo=🙂bar}', ['foo = 🙂bar']],
  ['{"foo"="\\U0001f642"}', ['foo = 🙂']],
  ['{foo="bar\\n"}', ['foo = bar\n']],
  ['{foo="\\"bar\\""}', ['foo = "bar"']],
  ['{foo=""}', ['foo = ']],
  ['{foo="bar,quux", job="job1"}', ['foo = bar,quux', 'job = job1']],
  ['contains_quote != "\\"" , contains_comma !~ "foo,bar" , ', ['contains_quote != "', 'contains_comma !~ foo,bar']],
  // Only the classic grammar knows these.
  ["{foo='}", ["foo = '"]],
  ['{foo=bar\\n}', ['foo = bar\n']],
  ['{foo=bar\\t}', ['foo = bar\\t']],
  ['{foo=bar\\}', ['foo = bar\\']],
  ['{foo=,bar=}}', ['foo = ', 'bar = }']],
  ['job=', ['job = ']],
  ['tricky=~~~', ['tricky =~ ~~']],
  ['trickier==\\\\=\\=\\"', ['trickier = =\\=\\="']],
  // Both know it and differ: the classic meaning is kept.
  ['{foo="bar\\t"}', ['foo = bar\\t']],
];

const BAD = [
  ',',
  '{,}',
  'job="value',
  'job=value"',
  'contains_unescaped_quote = foo"bar',
  '{foo=~"invalid[regexp"}',
  '"{foo=\\"bar"}',
  '"foo="bar""',
  '{{foo=',
  'foo',
  'foo bar',
  '="x"',
];

test('texts that Alertmanager takes mean the same here', () => {
  for (const [text, expected] of GOOD) assert.deepEqual(parsed(text), expected, text);
});

test('texts that Alertmanager refuses are refused with a place', () => {
  for (const text of BAD) {
    const { value, problems } = parseMatchers(text);
    assert.equal(value, null, text);
    assert.ok((problems[0]?.column ?? 0) >= 1, text);
    assert.notEqual(problems[0]?.message, '', text);
  }
  assert.match(parseMatchers('a=~"("').problems[0]?.message ?? '', /a: .*\(/);
});

const anyMatcher: fc.Arbitrary<LabelMatcher> = fc.record(
  {
    name: fc.string({ minLength: 1, unit: 'grapheme' }),
    op: fc.constantFrom('=', '!=') as fc.Arbitrary<'=' | '!='>,
    value: fc.string({ unit: 'grapheme' }),
  },
  { noNullPrototype: true },
);

test('what is printed is read back as the same', () => {
  fc.assert(
    fc.property(fc.array(anyMatcher, { maxLength: 5 }), (matchers) => {
      assert.deepEqual(parseMatchers(formatMatchers(matchers)).value, matchers);
      assert.deepEqual(parseMatchers(matchers.map(formatMatcher).join(',')).value, matchers);
    }),
  );
});

test('any text at all is answered, quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('a', '=', '~', '!', '"', '\\', '{', '}', ',', ' ', "'", 'é') }), (text) => {
      const { value, problems } = parseMatchers(text);
      assert.equal(value === null, problems.length > 0);
    }),
  );
  assert.equal(parseMatchers('a="b",'.repeat(100_000)).value, null);
  assert.ok(parseMatchers(`a="${'\\\\'.repeat(30_000)}"`).value !== null);
});

test('an absent label is the empty text, and expressions are anchored', () => {
  const matches = (text: string, labels: Record<string, string>): boolean => matchesAll(parseMatchers(text).value ?? [], labels);
  assert.ok(matches('severity=""', {}));
  assert.ok(!matches('severity!=""', {}));
  assert.ok(matches('host=~"web.*", env!~"dev|test"', { host: 'web-1', env: 'live' }));
  assert.ok(!matches('host=~"eb"', { host: 'web' }));
  assert.ok(!matches('env!~"dev|test"', { env: 'test' }));
  assert.ok(matches('constructor=""', {}));
  assert.ok(matches('', { anything: 'x' }));
});

test('a hostile expression and a long value take no time', () => {
  assert.ok(!matchesAll(parseMatchers('a=~"(x+x+)+y"').value ?? [], { a: 'x'.repeat(50_000) }));
});
