import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameter } from '../../data/types.ts';
import { firstDraft, fromAlert, hintOf, problemOf, readDraft } from './values.ts';

const parameter = (name: string, type: Parameter['type'], preset: Parameter['default'] = null): Parameter => ({
  name,
  type,
  description: '',
  required: false,
  default: preset,
  pattern: null,
  maxLength: null,
  min: null,
  max: null,
  values: null,
  allowDash: false,
});

const parameters = [
  parameter('path', 'string'),
  parameter('days', 'integer', 7),
  parameter('force', 'boolean'),
  parameter('key', 'secret'),
  parameter('host', 'host'),
];

test('fields begin with what was given, then the default; a masked secret is asked again', () => {
  assert.deepEqual(firstDraft(parameters, { path: '/var', key: '***' }), { path: '/var', days: '7', force: false, key: '', host: '' });
});

test('what is sent has types; empty fields are left out', () => {
  assert.deepEqual(readDraft(parameters, { path: '', days: '14', force: true, key: 's', host: '' }), { days: 14, force: true, key: 's' });
  assert.deepEqual(readDraft(parameters, { days: 'many' }), { days: 'many' });
  assert.deepEqual(readDraft(parameters, { path: ' two words ' }), { path: ' two words ' }, 'spaces are part of the value');
});

test('problems find their field', () => {
  const problems = [
    { path: 'parameters.days', message: 'at least 1' },
    { path: 'path', message: 'required' },
  ];
  assert.equal(problemOf('days', problems), 'at least 1');
  assert.equal(problemOf('path', problems), 'required');
  assert.equal(problemOf('host', problems), null);
});

test('an alert fills what it knows', () => {
  assert.deepEqual(fromAlert(parameters, { labels: { path: '/data', instance: 'a:9100' }, host: 'a' }), { path: '/data', host: 'a' });
});

test('the conditions of a parameter are words beside its field', () => {
  const hint = (type: Parameter['type'], more: Partial<Parameter> = {}): string => hintOf({ ...parameter('x', type), ...more });
  assert.equal(hint('integer', { min: 1, max: 100 }), '1 to 100, whole number');
  assert.equal(hint('number', { min: -2.5 }), '-2.5 or more');
  // What the server takes where no bound is named.
  assert.equal(hint('integer'), '0 or more, whole number');
  assert.equal(hint('number', { max: 1 }), '0 to 1');
  assert.equal(hint('string', { maxLength: 1000 }), '');
  assert.equal(
    hint('string', { maxLength: 20, pattern: '[a-z]+', allowDash: true }),
    'must match [a-z]+, at most 20 characters, may begin with -',
  );
  assert.equal(hint('secret'), 'the name of a stored secret');
  assert.equal(hint('boolean'), '');
});
