import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Action, Parameter } from './action.ts';
import { buildArgv, buildEnvironment, checkParameters, runHost, secretNames } from './parameters.ts';

const COMMON = { description: '', required: true, default: null };
const text: Parameter = { ...COMMON, name: 'path', type: 'string', pattern: null, maxLength: 1_000, allowDash: false };

function action(parameters: readonly Parameter[], command: readonly string[] = ['/bin/true'], runOn: string | null = null): Action {
  return {
    name: 'clean',
    description: '',
    tags: [],
    owner: '',
    env: [],
    script: null,
    http: null,
    command,
    parameters,
    runOn,
    runAs: null,
    timeout: 1,
    outputLimitBytes: 1,
    memoryLimitBytes: null,
    approval: null,
    concurrency: 1,
    cooldown: 0,
    retrySafe: false,
    collect: [],
    version: '1',
    source: { file: null, line: 0 },
  };
}

function problemOf(parameter: Parameter, value: unknown): string | undefined {
  return checkParameters(action([parameter]), { [parameter.name]: value }, null).problems[0]?.message;
}

function valueOf(parameter: Parameter, value: unknown): unknown {
  const { values, problems } = checkParameters(action([parameter]), { [parameter.name]: value }, null);
  assert.deepEqual(problems, []);
  return values[parameter.name];
}

test('a text is one line, without a leading dash, within its length and pattern', () => {
  assert.equal(valueOf(text, '/var/log/a b'), '/var/log/a b');
  assert.match(problemOf(text, '-rf') ?? '', /begin with "-"/);
  assert.equal(valueOf({ ...text, allowDash: true }, '-rf'), '-rf');
  assert.match(problemOf(text, 'a\nb') ?? '', /single line/);
  assert.match(problemOf(text, 'a\rb') ?? '', /single line/);
  assert.match(problemOf(text, 'a\0b') ?? '', /NUL/);
  assert.match(problemOf(text, '\ud800') ?? '', /Unicode/);
  assert.match(problemOf(text, '') ?? '', /empty/);
  assert.match(problemOf(text, 'x'.repeat(1_001)) ?? '', /longer than 1000/);
  assert.equal(valueOf({ ...text, maxLength: 3 }, '🙂🙂🙂'), '🙂🙂🙂');
  const below = { ...text, pattern: '/var/[a-z/]+' };
  assert.equal(valueOf(below, '/var/log'), '/var/log');
  assert.match(problemOf(below, '/var/log;reboot') ?? '', /must match/);
  assert.match(problemOf(below, 'x/var/log') ?? '', /must match/);
  assert.match(problemOf({ ...text, pattern: 'a|b' }, 'ab') ?? '', /must match/);
  assert.match(problemOf(text, { a: 1 }) ?? '', /must be a text/);
  assert.match(problemOf(text, ['a']) ?? '', /must be a text/);
});

test('numbers may come as text and stay within their range', () => {
  const integer: Parameter = { ...COMMON, name: 'n', type: 'integer', min: 1, max: 10 };
  assert.equal(valueOf(integer, '7'), 7);
  assert.equal(valueOf(integer, 7), 7);
  for (const bad of ['7.5', 'x', '7 ', '0x7', '', ' ', true, Number.NaN, Number.POSITIVE_INFINITY, '99999999999999999999']) {
    assert.ok(problemOf(integer, bad) !== undefined, String(bad));
  }
  assert.match(problemOf(integer, 0) ?? '', /at least 1/);
  assert.match(problemOf(integer, 11) ?? '', /at most 10/);
  const any: Parameter = { ...COMMON, name: 'n', type: 'number', min: null, max: null };
  assert.equal(valueOf(any, '1.5e3'), 1_500);
  assert.match(problemOf(any, '-1') ?? '', /negative/);
  assert.equal(valueOf({ ...any, min: -5 }, '-1'), -1);
});

test('choices, booleans, hosts and secrets', () => {
  const choice: Parameter = { ...COMMON, name: 'c', type: 'enum', values: ['soft', 'hard', '9'] };
  assert.equal(valueOf(choice, 'hard'), 'hard');
  assert.equal(valueOf(choice, 9), '9');
  assert.match(problemOf(choice, 'medium') ?? '', /soft, hard, 9/);
  const flag: Parameter = { ...COMMON, name: 'b', type: 'boolean' };
  assert.equal(valueOf(flag, 'false'), false);
  assert.ok(problemOf(flag, 'yes') !== undefined);
  const host: Parameter = { ...COMMON, name: 'h', type: 'host' };
  for (const good of ['web-1', 'web-1.example.com', '10.0.0.7', '::1', 'fe80::1']) assert.equal(valueOf(host, good), good);
  assert.equal(valueOf(host, 'web-1:9100'), 'web-1');
  assert.equal(valueOf(host, '[::1]:9100'), '::1');
  for (const bad of ['-web', 'a b', 'a;b', 'a/b', '$(x)', 'a'.repeat(300), 'a..b', '[]', 'web:9100:x']) {
    assert.ok(problemOf(host, bad) !== undefined, bad);
  }
  const secret: Parameter = { ...COMMON, name: 's', type: 'secret' };
  assert.equal(valueOf(secret, 'smtp'), 'smtp');
  assert.ok(problemOf(secret, '-x') !== undefined);
});

test('all problems at once: missing, unknown and wrong', () => {
  const { problems } = checkParameters(
    action([text, { ...COMMON, name: 'n', type: 'integer', min: null, max: null }]),
    { n: 'x', other: 1, ['__proto__x']: 2 },
    null,
  );
  assert.deepEqual(
    problems.map(({ path, message }) => `${path}: ${message}`),
    ['path: is required', 'n: must be a whole number', 'other: clean has no such parameter', '__proto__x: clean has no such parameter'],
  );
});

test('defaults are filled in; nothing is taken from the prototype of what was given', () => {
  const size: Parameter = { ...COMMON, name: 'size', type: 'integer', min: null, max: null, required: false, default: 5 };
  assert.deepEqual(checkParameters(action([size]), {}, null).values, { size: 5 });
  assert.deepEqual(checkParameters(action([size]), { size: '' }, null).values, { size: 5 });
  const odd: Parameter = { ...text, name: 'constructor', required: false };
  assert.deepEqual(checkParameters(action([odd]), {}, null), { values: {}, problems: [] });
});

test('the host to run on must be known where the hosts are known', () => {
  const host: Parameter = { ...COMMON, name: 'host', type: 'host' };
  const remote = action([host], ['/bin/true'], '{host}');
  assert.deepEqual(checkParameters(remote, { host: 'web:9100' }, ['web']).problems, []);
  assert.equal(runHost(remote, { host: 'web' }), 'web');
  assert.match(checkParameters(remote, { host: 'db' }, ['web']).problems[0]?.message ?? '', /no agent/);
  assert.deepEqual(checkParameters(action([host]), { host: 'db' }, ['web']).problems, []);
  assert.equal(runHost(action([]), {}), null);
  assert.equal(runHost(action([], [], 'web'), {}), 'web');
});

test('an optional parameter without a value takes its argument away', () => {
  const optional = { ...text, required: false };
  const clean = action([optional], ['clean', '{path}', '{other}', 'x{path}']);
  assert.deepEqual(buildArgv(clean, {}, new Map()).argv, ['clean', '{other}', 'x{path}']);
});

test('secrets are revealed for the process and masked for people', () => {
  const secret: Parameter = { ...COMMON, name: 's', type: 'secret' };
  const clean = action([secret], ['login', '{s}']);
  assert.deepEqual(buildArgv(clean, { s: 'smtp' }, new Map([['smtp', 'pass word']])), {
    argv: ['login', 'pass word'],
    masked: ['login', '***'],
    missing: [],
  });
  assert.deepEqual(buildArgv(clean, { s: 'smtp' }, new Map()), { argv: [], masked: ['login', '***'], missing: ['smtp'] });
});

test('variables are given as they are written, and each secret is asked for once', () => {
  const secret: Parameter = { ...COMMON, name: 's', type: 'secret' };
  const env = [
    { name: 'MODE', value: '{s} $HOME' },
    { name: 'KEY', secret: 'smtp' },
    { name: 'OTHER', secret: 'gone' },
  ];
  const login = { ...action([secret]), env };
  assert.deepEqual(secretNames(login, { s: 'smtp' }), ['smtp', 'gone']);
  assert.deepEqual(secretNames(login, {}), ['smtp', 'gone']);
  assert.deepEqual(buildEnvironment(login, new Map([['smtp', 'pass word']])), {
    env: { MODE: '{s} $HOME', KEY: 'pass word' },
    missing: ['gone'],
  });
});

const HOSTILE = [
  'a b',
  '"',
  "'",
  '$(reboot)',
  '`reboot`',
  '; rm -rf /',
  '| sh',
  '&& x',
  '%s',
  '{path}',
  '{{path}}',
  '*',
  '~',
  '\\',
  '\t',
  '\u2028',
  'é🙂',
  '--',
  '-rf',
  '@file',
  '$HOME',
  '\u001b[31m',
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 50 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 6 }).map((pieces) => pieces.join('')),
);

test('whatever is given is refused, or becomes exactly one unchanged argument', () => {
  const clean = action(
    [
      { ...text, name: 'a' },
      { ...text, name: 'b', allowDash: true },
    ],
    ['clean', '--first', '{a}', '--', '{b}', 'end'],
  );
  fc.assert(
    fc.property(hostile, hostile, (a, b) => {
      const { values, problems } = checkParameters(clean, { a, b }, null);
      if (problems.length > 0) return;
      const { argv } = buildArgv(clean, values, new Map());
      assert.deepEqual(argv, ['clean', '--first', a, '--', b, 'end']);
      assert.ok(!a.startsWith('-') && !/[\0\n\r]/.test(a + b));
    }),
    { numRuns: 2_000 },
  );
});

test('a megabyte is refused at once, also by a hostile pattern', () => {
  const megabyte = 'x'.repeat(1_000_000);
  assert.match(problemOf(text, megabyte) ?? '', /longer/);
  assert.match(problemOf({ ...text, pattern: '(x+x+)+y', maxLength: 2_000 }, 'x'.repeat(2_000)) ?? '', /must match/);
});
