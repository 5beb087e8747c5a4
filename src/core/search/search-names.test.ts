import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { searchNames, type NameSearch } from './search-names.ts';
import { scoreJaroWinkler, scoreSubsequence } from './text-score.ts';

const SEARCH: NameSearch = { terms: [], fuzzy: 'subsequence', threshold: 0, isCaseSensitive: true, order: 'name' };
const NAMES = ['node_cpu_seconds_total', 'up', 'http_requests_total', 'Http_errors_total', 'go_threads', 'process_cpu_seconds_total'];
const find = (search: Partial<NameSearch>): readonly string[] => searchNames(NAMES, { ...SEARCH, ...search }).map(({ name }) => name);

test('without a term every name is found, in the order that is asked for', () => {
  assert.deepEqual(find({}), [...NAMES].sort());
  assert.deepEqual(find({ order: 'name-descending' }), [...NAMES].sort().reverse());
});

test('letters in their order are enough, and the better fit comes first', () => {
  assert.deepEqual(find({ terms: ['cpu'], order: 'score' }), ['node_cpu_seconds_total', 'process_cpu_seconds_total']);
  assert.deepEqual(find({ terms: ['hrt'] }), ['http_requests_total']);
  assert.deepEqual(find({ terms: ['http'] }), ['http_requests_total']);
  assert.deepEqual(find({ terms: ['http'], isCaseSensitive: false }), ['Http_errors_total', 'http_requests_total']);
  assert.deepEqual(find({ terms: ['up', 'go'] }), ['go_threads', 'up'], 'any of the terms');
  assert.deepEqual(find({ terms: ['zzz'] }), []);
});

test('a threshold keeps scattered letters out, and Jaro-Winkler forgives a slip', () => {
  assert.deepEqual(find({ terms: ['hrt'], threshold: 0.9 }), []);
  assert.deepEqual(find({ terms: ['go_thraeds'], fuzzy: 'jarowinkler', threshold: 0.9 }), ['go_threads']);
  assert.deepEqual(find({ terms: ['go_thraeds'], fuzzy: 'jarowinkler' }), [], 'without a threshold nothing but substrings');
});

test('scores as the formulas give them', () => {
  // Runs of 1 and 2, a gap of 1 in 4 letters, nothing behind: (1 + 4 - 1/4) / 9.
  assert.equal(scoreSubsequence('acd')('abcd'), 4.75 / 9);
  // A gap of 2 in front and 1 behind of 4 letters: (1 - 2/4 - 1/8) / 1.
  assert.equal(scoreSubsequence('c')('abcd'), 0.375);
  assert.equal(scoreSubsequence('ab')('abc'), 1);
  // The published examples of Winkler's similarity.
  assert.ok(Math.abs(scoreJaroWinkler('MARTHA')('MARHTA') - 0.9611) < 1e-4);
  assert.ok(Math.abs(scoreJaroWinkler('DIXON')('DICKSONX') - 0.8133) < 1e-4);
});

test('scores are never outside 0 and 1, and what is equal scores 1', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), fc.string(), (pattern, text) => {
      for (const score of [scoreSubsequence(pattern), scoreJaroWinkler(pattern)]) {
        const points = score(text);
        assert.ok(points >= 0 && points <= 1 + 1e-12, `${points}`);
        assert.ok(Math.abs(score(pattern) - 1) < 1e-12);
      }
    }),
  );
});
