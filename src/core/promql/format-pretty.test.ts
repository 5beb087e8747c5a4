import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { formatPretty } from './format-pretty.ts';
import { parseExpr } from './parse-expr.ts';
import { parseMetricSelector } from './parse-metric-selector.ts';

const pretty = (text: string): string => {
  const { value } = parseExpr(text);
  return value === null ? 'not parsed' : formatPretty(value);
};
const long = 'a'.repeat(101);

test('what fits stays on one line, what is long is broken where it has parts', () => {
  assert.equal(pretty('sum(x)by(job)'), 'sum by (job) (x)');
  assert.equal(pretty(long), long);
  assert.equal(pretty(`topk(3, -rate(${long}[5m]))`), `topk(\n  3,\n  -rate(\n    ${long}[5m]\n  )\n)`);
  assert.equal(pretty(`(${long} > bool on (x) b)[5m:1m] offset 1h`), `(\n    ${long}\n  > bool on (x)\n    b\n)[5m:1m] offset 1h`);
});

test('what was broken into lines is still the same expression', () => {
  for (const text of [
    `sum without (x) (${long}) / ignoring (y) group_right (z) ${long}`,
    `-(${long} + -${long})`,
    `max_over_time((${long} > 3)[5m:])`,
  ]) {
    const once = pretty(text);
    assert.ok(once.includes('\n'));
    assert.equal(pretty(once), once);
  }
});

test('a selector alone is one without range and offset; everything is allowed to match', () => {
  const read = (text: string): unknown => {
    const { value, problems } = parseMetricSelector(text);
    return value === null
      ? problems.map(formatProblem).join()
      : value.matchers.map(({ name, op, value: wanted }) => `${name}${op}${wanted}`).join();
  };
  assert.equal(read('{}'), '');
  assert.equal(read('sum{by="x"}'), '__name__=sum,by=x');
  assert.equal(read('{"my.metric", "a b"!~"x|y"}'), '__name__=my.metric,a b!~x|y');
  assert.equal(read(''), '1:1: parse error: unexpected end of input');
  assert.equal(read('sum(x)'), '1:4: parse error: unexpected "("');
  assert.equal(read('x offset 5m'), '1:3: parse error: unexpected <offset>');
  assert.equal(read('1'), '1:1: parse error: unexpected number "1"');
  assert.match(String(read('x'.repeat(70_000))), /longer than/);
});
