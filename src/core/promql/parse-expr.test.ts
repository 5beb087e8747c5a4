import assert from 'node:assert/strict';
import test from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import fc from 'fast-check';
import { formatExpr } from './format-expr.ts';
import { EXPRESSION_LIMIT, parseExpr } from './parse-expr.ts';

/** `line:column: message` of the only problem. */
function problem(text: string): string {
  const { value, problems } = parseExpr(text);
  assert.equal(value, null, text);
  const [first] = problems;
  return `${first?.line}:${first?.column}: ${first?.message}`;
}

const REFUSED: Readonly<Record<string, string>> = {
  '{"x","y"}': '1:1: parse error: metric name must not be set twice: "x" or "y"',
  'a - on(b) ignoring(c) d': '1:11: parse error: unexpected <ignoring>',
  '': '1:1: parse error: no expression found in input',
  '# only a comment': '1:1: parse error: no expression found in input',
  'a b': '1:3: parse error: unexpected identifier "b"',
  '1 +\n  * 2': '2:3: parse error: unexpected <op:*>',
  'sum(': '1:5: parse error: unclosed left parenthesis',
  'a)': "1:3: parse error: unexpected right parenthesis ')'",
  'a{b="c"': '1:8: parse error: unexpected end of input inside braces',
  'a{b}': '1:4: parse error: unexpected "}" in label matching, expected label matching operator',
  'a{b=1}': "1:5: parse error: unexpected character inside braces: '1'",
  'a{b="c" d="e"}': '1:9: parse error: unexpected identifier "d" in label matching, expected "," or "}"',
  'x{__name__="y"}': '1:1: parse error: metric name must not be set twice: "x" or "y"',
  '{a=""}': '1:1: parse error: vector selector must contain at least one non-empty matcher',
  'a{b=~"("}': '1:3: parse error: error parsing regexp: missing closing ): `(`',
  'a[5m': '1:5: parse error: unclosed left bracket',
  'a[0s]': '1:3: parse error: duration must be greater than 0',
  'a[5m][5m]': '1:6: parse error: ranges only allowed for vector selectors',
  'a offset 1m[5m]': '1:12: parse error: no offset modifiers allowed before range',
  'rate(a)': '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
  'nope(a)': '1:1: parse error: unknown function with name "nope"',
  'label_replace(a)': '1:1: parse error: expected 5 argument(s) in call to "label_replace", got 1',
  'round()': '1:1: parse error: expected at least 1 argument(s) in call to "round", got 0',
  'round(a, 1, 2)': '1:1: parse error: expected at most 2 argument(s) in call to "round", got 3',
  'sum(a,)': '1:6: parse error: trailing commas not allowed in function call args',
  'topk(a)': '1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1',
  'sum by (1) (a)': '1:9: parse error: unexpected number "1" in grouping opts, expected label',
  '1 == 1': '1:3: parse error: comparisons between scalars must use BOOL modifier',
  '1 and 2': '1:1: parse error: set operator "and" not allowed in binary scalar expression',
  'a + bool b': '1:3: parse error: bool modifier can only be used on comparison operators',
  'a and on(x) group_left b': '1:1: parse error: no grouping allowed for "and" operation',
  'a * on(x) group_left(x) b': '1:3: parse error: label "x" must not occur in ON and GROUP clause at once',
  'a + "b"': '1:5: parse error: binary expression must contain only scalar and instant vector types',
  '1[5m:1m]': '1:1: parse error: subquery is only allowed on instant vector, got scalar instead',
  '-"a"': '1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got "string"',
  'a @ b': '1:5: parse error: unexpected identifier "b" in @, expected timestamp',
  'a @ 1 @ 2': '1:1: parse error: @ <timestamp> may not be set multiple times',
  'a offset 1m offset 2m': '1:1: parse error: offset may not be set multiple times',
  '(a + b) offset 1m':
    '1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
  '5mm': '1:1: parse error: bad number or duration syntax: "5mm"',
  '"a': '1:1: parse error: unterminated quoted string',
  '"\\q"': "1:1: parse error: unknown escape sequence U+0071 'q'",
  'a{b="\\xg1"}': "1:5: parse error: illegal character U+0067 'g' in escape sequence",
  'a{b="\\400"}': '1:5: parse error: escape sequence is an invalid Unicode code point',
  'a \\ b': "1:3: parse error: unexpected character: '\\\\'",
  '1e + 2': '1:1: parse error: error parsing number: strconv.ParseFloat: parsing "1e": invalid syntax',
  '2 * 0x': '1:5: parse error: error parsing number: strconv.ParseFloat: parsing "0x": invalid syntax',
  'a ! b': "1:3: parse error: unexpected character after '!': ' '",
  'a !': "1:3: parse error: unexpected character after '!': '\ufffd'",
  'a !\n': "1:3: parse error: unexpected character after '!': '\\n'",
  'a{b!': "1:4: parse error: unexpected character after '!' inside braces: '\ufffd'",
  'a + on(b) group_left': '1:21: parse error: unexpected end of input in grouping opts, expected "("',
  'sum(a + on(b) group_left)': '1:25: parse error: unexpected ")" in grouping opts, expected "("',
  'a > on(b) group_right bool c': '1:23: parse error: unexpected <bool> in grouping opts, expected "("',
  'a + on(b) group_left * c': '1:22: parse error: unexpected <op:*> in grouping opts, expected "("',
  'b + a[5m] @ nan': '1:5: parse error: timestamp out of bounds for @ modifier: NaN',
  'a @ -Inf': '1:1: parse error: timestamp out of bounds for @ modifier: -Inf',
  'a @ 1e19': '1:1: parse error: timestamp out of bounds for @ modifier: 10000000000000000000.000000',
  'a @ 1e30 offset 5m': '1:1: parse error: timestamp out of bounds for @ modifier: 1000000000000000019884624838656.000000',
  'a = b': '1:3: parse error: unexpected "="',
  'a}': "1:2: parse error: unexpected character: '}'",
  'sum(a b)': '1:7: parse error: unexpected identifier "b" in aggregation',
  'abs(a b)': '1:7: parse error: unexpected identifier "b"',
  '(a b)': '1:4: parse error: unexpected identifier "b"',
  'round(a, *)': '1:8: parse error: trailing commas not allowed in function call args',
  'round(a, bool)': '1:8: parse error: trailing commas not allowed in function call args',
  'a end': '1:3: parse error: unexpected "end"',
  'sum(a Range)': '1:7: parse error: unexpected "Range" in aggregation',
  'a{b="c" end}': '1:9: parse error: unexpected identifier "end" in label matching, expected "," or "}"',
  'a[]': '1:3: parse error: unexpected "]" in subquery or range selector, expected number, duration, step(), or range()',
  'a[5m:*]': '1:6: parse error: unexpected <op:*> in subquery selector, expected number, duration, step(), range(), or "]"',
  'a[': '1:3: parse error: unexpected end of input in duration expression',
  'a[ (': '1:5: parse error: unexpected end of input in duration expression',
  'a[-': '1:4: parse error: unexpected end of input in duration expression',
  'a[5m:': '1:6: parse error: unclosed left bracket',
  'a[5m:(': '1:7: parse error: unclosed left parenthesis',
  'a[minute]': "1:3: parse error: unexpected character in duration expression: 'm'",
  'a["5m"]': "1:3: parse error: unexpected character in duration expression: '\"'",
  'a[@]': "1:3: parse error: unexpected character in duration expression: '@'",
  'a[.]': "1:3: parse error: unexpected character in duration expression: '.'",
  'a[[5m]]': "1:3: parse error: unexpected character in duration expression: '['",
  'a[step() + {}]': "1:12: parse error: unexpected character in duration expression: '{'",
  'a[5m x]': "1:6: parse error: unexpected character: 'x', expected ':'",
  'a[5m:nan]': "1:6: parse error: unexpected character: 'n', expected ':'",
  'a[5m::1m]': "1:6: parse error: unexpected colon ':'",
  'a[5m:1m:1m]': "1:8: parse error: unexpected colon ':'",
  'a[:5m]': '1:4: parse error: unexpected colon before duration in duration expression',
  'a[step()::5m]': '1:11: parse error: unexpected repeated colon in duration expression',
  'a[5m=1]': '1:5: parse error: unexpected "=" in subquery or range, expected ":" or "]"',
  'a[5m]["x"]': "1:7: parse error: unexpected character in duration expression: '\"'",
  'a 5m': '1:3: parse error: unexpected duration "5m"',
  '3600offset': '1:1: parse error: bad number or duration syntax: "3600"',
  'a ; b': "1:3: parse error: unexpected character: ';'",
};

test('what is wrong is said with its place, in the words of Prometheus', () => {
  for (const [text, message] of Object.entries(REFUSED)) assert.equal(problem(text), message, text);
});

test('length and depth are bounded', () => {
  assert.match(problem('a'.repeat(EXPRESSION_LIMIT + 1)), /longer than/);
  assert.match(problem(`${'('.repeat(5_000)}a${')'.repeat(5_000)}`), /nested deeper/);
  assert.match(problem('-'.repeat(5_000) + 'a'), /nested deeper/);
  assert.match(problem(`a[${'('.repeat(5_000)}1${')'.repeat(5_000)}]`), /nested deeper/);
  assert.match(problem(`a${' + a'.repeat(10_000)}`), /nested deeper/);
  assert.ok(parseExpr(`a${' + a'.repeat(500)}`).value !== null);
});

const CANONICAL: Readonly<Record<string, string>> = {
  'SUM(a)BY(b,c)': 'sum by (b, c) (a)',
  'a{b="c",}': 'a{b="c"}',
  "{'a.b',c='d\"'}": '{__name__="a.b",c="d\\""}',
  'rate(a[1h30m]OFFSET 90s)': 'rate(a[1h30m] offset 1m30s)',
  'a @ 1.5 offset -1m': 'a @ 1.500 offset -1m',
  'a @ start()': 'a @ start()',
  'a[5m:]': 'a[5m:]',
  'a[5m:30s] @ end()': 'a[5m:30s] @ end()',
  'a>bool on(b)group_left c': 'a > bool on (b) group_left () c',
  'a + fill(0) b': 'a + fill (0) b',
  'a + on(x) fill_left(1) fill_right(2) b': 'a + on (x) fill_left (1) fill_right (2) b',
  '-1e9': '-1e+09',
  '-90s': '-1m30s',
  'a[5m] anchored': 'a[5m] anchored',
  'a[step()*2]': 'a[step() * 2]',
  'sum without()(a)': 'sum without () (a)',
  'topk(3,a)': 'topk(3, a)',
  'a[(5m)]': 'a[(5m)]',
  'h </ 2': 'h </ 2',
};

test('expressions are printed in one canonical form that parses to itself', () => {
  for (const [text, canonical] of Object.entries(CANONICAL)) {
    const { value, problems } = parseExpr(text);
    assert.ok(value, `${text}: ${problems[0]?.message}`);
    assert.equal(formatExpr(value), canonical);
    const again = parseExpr(canonical);
    assert.ok(again.value, canonical);
    assert.equal(formatExpr(again.value), canonical);
  }
});

const piece = fc.constantFrom(
  ...'a b:c foo_total 1 0x1f 5m 1e3 Inf nan "x" \'y\' `z` ( ) { } [ ] , : = != =~ !~ == > < >= <= + - * / % ^ @ </ >/ and or unless atan2'.split(
    ' ',
  ),
  ...'sum topk by without on ignoring group_left bool offset start end step fill rate absent label_replace anchored min_of # \n \\ é'.split(
    ' ',
  ),
);

test('no text makes the parser throw', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), fc.constantFrom('', ' '), (pieces, space) => {
      const { value, problems } = parseExpr(pieces.join(space));
      assert.equal(value === null, problems.length > 0);
    }),
    { numRuns: 3_000 },
  );
  fc.assert(fc.property(fc.string({ maxLength: 60, unit: 'binary' }), (text) => void parseExpr(text)));
});

/** Expressions that are valid by construction, within what the editor's grammar knows, too. */
const { expr } = fc.letrec((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom('a', 'b{c="d"}', '{e=~"f|g"}', '3', '5m'),
    tie('call'),
    tie('binary'),
    tie('aggregate'),
    tie('paren'),
  ),
  vector: fc.oneof({ maxDepth: 3 }, fc.constantFrom('a', 'b{c!="d"}', 'a offset 5m', 'a @ 3'), tie('call'), tie('aggregate')),
  paren: tie('expr').map((inner) => `(${inner})`),
  call: fc.oneof(
    tie('vector').map((inner) => `abs(${inner})`),
    fc.constantFrom('rate(a[5m])', 'max_over_time(b[1h:5m])', 'vector(1)', 'irate(a[5m] offset 1h)'),
  ),
  binary: fc
    .tuple(
      tie('vector'),
      fc.constantFrom('+', '-', '*', '/', '^', '> bool', 'and', 'or', '* on(c)', '- ignoring(c) group_left(x)'),
      tie('vector'),
    )
    .map(([left, op, right]) => `${left} ${op} ${right}`),
  aggregate: fc.tuple(fc.constantFrom('sum', 'avg by (c)', 'max without (c, d)'), tie('vector')).map(([op, inner]) => `${op}(${inner})`),
}));

test('valid expressions are understood as the official grammar does, and survive printing', () => {
  fc.assert(
    fc.property(expr, (text) => {
      const source = String(text);
      const { value, problems } = parseExpr(source);
      assert.ok(value, `${source}: ${problems[0]?.message}`);
      assert.ok(!parser.parse(source).toString().includes('⚠'), source);
      const printed = formatExpr(value);
      const again = parseExpr(printed);
      assert.ok(again.value, printed);
      assert.equal(formatExpr(again.value), printed);
    }),
    { numRuns: 500 },
  );
});
