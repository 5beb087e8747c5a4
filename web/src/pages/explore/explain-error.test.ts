import assert from 'node:assert/strict';
import { test } from 'node:test';
import { explainError, markedLine, offsetOf } from './explain-error.ts';

test('a mistake has its place, its words and what helps', () => {
  const { what, place, help } = explainError('invalid parameter "query": 2:5: parse error: unclosed left parenthesis');
  assert.equal(what, 'unclosed left parenthesis');
  assert.deepEqual(place, { line: 2, column: 5 });
  assert.match(help ?? '', /not closed/);
  assert.deepEqual(explainError('something else'), { what: 'something else', place: null, help: null });
});

test('what the server refuses or gives up has a way out', () => {
  for (const message of [
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
    'query timed out in expression evaluation',
    'query processing would load too many samples into memory in query execution',
    'found duplicate series for the match group {} on the right hand-side of the operation: [{}, {}];many-to-many matching not allowed',
    'vector cannot contain metrics with the same labelset',
    'invalid expression type "range vector" for range query, must be Scalar or instant Vector',
    '1:6: parse error: expected type range vector in call to function "rate", got instant vector',
  ]) {
    assert.notEqual(explainError(message).help, null, message);
  }
});

test('a place is found in the text, also behind its end', () => {
  assert.equal(offsetOf('sum(\nrate(x', { line: 2, column: 6 }), 10);
  assert.equal(offsetOf('up', { line: 1, column: 9 }), 2);
  assert.equal(offsetOf('up', { line: 9, column: 1 }), 2);
  assert.deepEqual(markedLine('a +\n foo(b)', { line: 2, column: 2 }), { before: ' ', at: 'foo', after: '(b)' });
  assert.deepEqual(markedLine('sum(', { line: 1, column: 5 }), { before: 'sum(', at: ' ', after: '' });
});
