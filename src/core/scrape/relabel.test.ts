import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Labels } from '../base/labels.ts';
import { compileRelabelling } from './relabel.ts';
import { RELABEL_ACTIONS, type RelabelRule } from './relabel-rule.ts';

function rule(given: Partial<RelabelRule>): RelabelRule {
  return { action: 'replace', sourceLabels: [], separator: ';', regex: '(.*)', targetLabel: '', replacement: '$1', modulus: 0, ...given };
}

const FROM = { a: 'foo', b: 'bar', c: 'baz' };

const TABLE: readonly (readonly [string, readonly Partial<RelabelRule>[], Labels | null])[] = [
  [
    'replace with a group',
    [{ sourceLabels: ['a'], regex: 'f(.*)', targetLabel: 'd', replacement: 'ch${1}-ch${1}' }],
    { ...FROM, d: 'choo-choo' },
  ],
  [
    'joined by the separator',
    [{ sourceLabels: ['a', 'b'], regex: 'f(.*);(.*)r', targetLabel: 'a', replacement: 'b${1}${2}m' }],
    { ...FROM, a: 'boobam' },
  ],
  ['another separator', [{ sourceLabels: ['a', 'b'], separator: '-', targetLabel: 'd' }], { ...FROM, d: 'foo-bar' }],
  ['no match, no change', [{ sourceLabels: ['a'], regex: 'zzz', targetLabel: 'd', replacement: 'x' }], FROM],
  ['an expression holds for the whole value', [{ sourceLabels: ['a'], regex: 'fo', targetLabel: 'd', replacement: 'x' }], FROM],
  [
    'an empty result removes the label',
    [{ sourceLabels: ['a'], regex: '(f).*', targetLabel: 'a', replacement: '$2' }],
    { b: 'bar', c: 'baz' },
  ],
  ['a constant', [{ targetLabel: 'd', replacement: 'k' }], { ...FROM, d: 'k' }],
  [
    'the target is a template',
    [{ sourceLabels: ['a'], regex: 'some-([^-]+)-([^,]+)|foo()()', targetLabel: '${1}x', replacement: '${2}y' }],
    { ...FROM, x: 'y' },
  ],
  [
    'named groups',
    [{ sourceLabels: ['a'], regex: '(?P<first>.).*', targetLabel: 'd', replacement: '$first|${first}|$$|$-' }],
    { ...FROM, d: 'f|f|$|$-' },
  ],
  ['a longer name is another name', [{ sourceLabels: ['a'], targetLabel: 'd', replacement: '$1x.' }], { ...FROM, d: '.' }],
  ['keep', [{ action: 'keep', sourceLabels: ['a'], regex: 'f|foo' }], FROM],
  ['keep what does not match', [{ action: 'keep', sourceLabels: ['a'], regex: 'no-match' }], null],
  ['drop', [{ action: 'drop', sourceLabels: ['a'], regex: '.*o.*' }], null],
  ['drop what does not match', [{ action: 'drop', sourceLabels: ['a'], regex: 'f' }], FROM],
  ['drop where a label is absent', [{ action: 'drop', sourceLabels: ['nope'], regex: '' }], null],
  ['keepequal', [{ action: 'keepequal', sourceLabels: ['a'], targetLabel: 'b' }], null],
  ['dropequal', [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'a' }], null],
  ['dropequal of different ones', [{ action: 'dropequal', sourceLabels: ['a'], targetLabel: 'b' }], FROM],
  ['hashmod', [{ action: 'hashmod', sourceLabels: ['c'], targetLabel: 'd', modulus: 1000 }], { ...FROM, d: '976' }],
  ['labelmap', [{ action: 'labelmap', regex: '(b.*)', replacement: 'bar_${1}' }], { ...FROM, bar_b: 'bar' }],
  ['labeldrop', [{ action: 'labeldrop', regex: '(b.*)' }], { a: 'foo', c: 'baz' }],
  ['labelkeep', [{ action: 'labelkeep', regex: '(b.*)' }], { b: 'bar' }],
  ['uppercase', [{ action: 'uppercase', sourceLabels: ['a'], targetLabel: 'd' }], { ...FROM, d: 'FOO' }],
  [
    'lowercase of what was made before',
    [
      { action: 'uppercase', sourceLabels: ['a'], targetLabel: 'd' },
      { action: 'lowercase', sourceLabels: ['d'], targetLabel: 'e' },
    ],
    { ...FROM, d: 'FOO', e: 'foo' },
  ],
  [
    'a rule after one that drops is not reached',
    [
      { action: 'drop', sourceLabels: ['a'], regex: 'foo' },
      { targetLabel: 'd', replacement: 'x' },
    ],
    null,
  ],
];

for (const [name, rules, expected] of TABLE) {
  test(`relabelling: ${name}`, () => assert.deepEqual(compileRelabelling(rules.map(rule)).apply(FROM), expected));
}

test('whatever the rules are, what was given is left alone and no label stays empty', () => {
  const word = fc.constantFrom('a', 'b', 'c', '', 'foo', '$1', '${1}', '$', '(.*)', 'f(.)o', '(?P<x>b).*', '[', '__proto__');
  const rules = fc.record({
    action: fc.constantFrom(...RELABEL_ACTIONS),
    sourceLabels: fc.array(word, { maxLength: 3 }),
    separator: word,
    regex: word,
    targetLabel: word,
    replacement: word,
    modulus: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(rules, { maxLength: 4 }), (list) => {
      const given = { ...FROM };
      const made = compileRelabelling(list).apply(given);
      assert.deepEqual(given, FROM);
      assert.ok(made === null || Object.values(made).every((value) => value !== ''));
    }),
  );
});
