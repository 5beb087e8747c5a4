import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from '../base/problem.ts';
import { MINUTE } from '../base/time.ts';
import { parseConfig } from './parse-config.ts';
import type { Settings } from './settings.ts';

const builtIn = { program: ['/usr/bin/node', '/opt/to csin/tocsin.js'], demoFile: '/var/lib/tocsin/a.b/tocsin-demo.prom' };

/** The problems of one file, without its name. */
function problems(text: string, ...more: readonly string[]): string[] {
  const files = [text, ...more].map((each, index) => ({ path: index === 0 ? 'f' : `f${index}`, text: each }));
  const { value, problems: found } = parseConfig(files, { builtIn: null });
  assert.equal(value === null, found.length > 0);
  return found.map((problem) => formatProblem(problem).replace(/^f:/, ''));
}

function settings(text: string): Settings {
  const { value, problems: found } = parseConfig([{ path: 'tocsin.yml', text }], { builtIn: null });
  assert.deepEqual(found.map(formatProblem), []);
  assert.ok(value !== null);
  return value;
}

test('nothing at all is a good configuration: built-in rules, the demonstration, and messages kept in the record', () => {
  const { value, problems: found } = parseConfig([], { builtIn });
  assert.deepEqual(found, []);
  assert.deepEqual(
    [...(value?.rules.keys() ?? [])],
    ['cpu-utilization', 'memory-utilization', 'disk-utilization', 'load-per-core', 'out-of-memory', 'Demo'],
  );
  assert.equal(value?.route.channel, 'record');
  assert.equal(value?.channels.get('record')?.type, 'none');
  const action = value?.actions.get('demo-clean-up');
  assert.deepEqual(action?.command, [...builtIn.program, 'demo-clean-up', '{file}']);
  assert.deepEqual(action?.approval, { by: [], expires: 30 * MINUTE, count: 1, notify: [], mailChannel: null });
  assert.equal(value?.triggers.get('demo')?.with['file'], builtIn.demoFile);
  assert.equal(value?.triggers.get('demo')?.verifyWithin, 2 * MINUTE);
  assert.equal(action?.source.file, null);
  assert.equal(value?.agentSilentAfter, MINUTE);
  assert.equal(value?.server.externalUrl, 'http://127.0.0.1:4780');
  assert.equal(parseConfig([{ path: 'f', text: '# nothing\n' }], { builtIn }).value?.rules.size, 6);
});

test('the built-in rules judge as promised', () => {
  const { value } = parseConfig([], { builtIn });
  const levels = (name: string): unknown => {
    const rule = value?.rules.get(name);
    return [...(rule?.levels ?? []).map((level) => [level.name, level.above, level.for]), [rule?.recovery?.below, rule?.recovery?.for]];
  };
  assert.deepEqual(levels('cpu-utilization'), [
    ['critical', 90, 2 * MINUTE],
    ['warning', 70, 5 * MINUTE],
    [60, 3 * MINUTE],
  ]);
  assert.deepEqual(levels('memory-utilization'), [
    ['critical', 95, MINUTE],
    ['warning', 80, 10 * MINUTE],
    [75, 5 * MINUTE],
  ]);
  assert.deepEqual(levels('disk-utilization'), [
    ['critical', 95, 0],
    ['warning', 85, 0],
    [80, 0],
  ]);
});

test('what the configuration defines replaces what is built in, and built_in switches it off', () => {
  const own = 'rules: { cpu-utilization: { expr: up, notice: { below: 1 } } }';
  const { value } = parseConfig([{ path: 'f', text: own }], { builtIn });
  assert.equal(value?.rules.get('cpu-utilization')?.expr, 'up');
  assert.equal(value?.rules.size, 6);
  const off = parseConfig([{ path: 'f', text: 'built_in: { rules: false, demo: false }' }], { builtIn }).value;
  assert.deepEqual([off?.rules.size, off?.actions.size, off?.triggers.size, off?.recommendations.size], [0, 0, 0, 0]);
  const rulesOnly = parseConfig([{ path: 'f', text: 'built_in: { demo: false }' }], { builtIn }).value;
  assert.deepEqual([rulesOnly?.rules.size, rulesOnly?.actions.size], [5, 0]);
  const taken = parseConfig([{ path: 'f', text: 'actions: { demo-clean-up: { command: [/bin/true] } }' }], { builtIn }).value;
  assert.equal(taken?.triggers.size, 0);
});

test('every problem at once, with its place and path', () => {
  const text = `
rules:
  cpu:
    exprr: up
    warning: { above: high, for: 5 minutes }
  disk: { expr: "rate(x[5m]", warning: { above: 1 } }
actions:
  clean:
    command: [/bin/clean, "--path={path}", "{pth}"]
    parameters: { path: { type: strin } }
triggers:
  full: { match: 'a="b', run: cleen }
colour: red
`;
  assert.deepEqual(problems(text), [
    '3:3: rules.cpu: expr is missing',
    '4:5: rules.cpu.exprr: unknown key "exprr", did you mean "expr"?',
    '5:23: rules.cpu.warning.above: expected a number, found the text "high"',
    '5:34: rules.cpu.warning.for: expected a duration such as 30s, 5m or 1h30m, found the text "5 minutes"',
    '6:17: rules.disk.expr: not PromQL: parse error: unclosed left parenthesis',
    '10:33: actions.clean.parameters.path.type: expected string, integer, number, enum, boolean, host or secret, found the text "strin", did you mean "string"?',
    '12:18: triggers.full.match: bad matchers: expected a label value (character 3)',
    '13:1: colour: unknown section "colour"',
  ]);
});

test('the errors of YAML itself', () => {
  assert.deepEqual(problems('a: [1, 2'), ['1:9: Flow sequence in block collection must be sufficiently indented and end with a ]']);
  assert.match(problems('rules: { a: {}, a: {} }')[0] ?? '', /^1:17: rules.a: this key is already there/);
  assert.match(problems('--- \na: 1\n---\nb: 2')[0] ?? '', /second document/);
  assert.match(problems('rules: !!js/function x')[0] ?? '', /tags are not supported/);
  assert.match(problems('server: !secret x')[0] ?? '', /tags are not supported/);
  assert.match(problems('? [a, b]\n: c')[0] ?? '', /a key must be a text/);
  assert.match(problems('server: *nothing')[0] ?? '', /nothing/);
  assert.match(problems('rules: &a { x: *a }')[0] ?? '', /contains itself/);
  assert.match(problems('[1, 2]')[0] ?? '', /expected sections/);
  assert.match(problems('['.repeat(20_000))[0] ?? '', /nested|must be/);
});

test('anchors may be used, but cannot explode', () => {
  const twice = settings('rules: { a: { expr: up, warning: &l { above: 1, for: 5m } }, b: { expr: up, critical: *l } }');
  assert.equal(twice.rules.get('b')?.levels[0]?.for, 5 * MINUTE);
  let bomb = 'a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n';
  for (let level = 1; level < 12; level += 1) bomb += `a${level}: &a${level} [${`*a${level - 1},`.repeat(10)}]\n`;
  assert.match(problems(bomb)[0] ?? '', /too many values/);
});

test('sections of several files are put together; names are unique and both places are said', () => {
  const { value } = parseConfig(
    [
      { path: 'a.yml', text: 'rules: { a: { expr: up, warning: { above: 1 } } }' },
      { path: 'b.yml', text: 'rules: { b: { expr: up, warning: { above: 1 } } }' },
    ],
    { builtIn: null },
  );
  assert.deepEqual(
    [...(value?.rules.values() ?? [])].map(({ name, source }) => `${name} ${source.file}:${source.line}`),
    ['a a.yml:1', 'b b.yml:1'],
  );
  assert.deepEqual(problems('actions: { a: { command: [x] } }\nserver: {}', '\nactions: { a: { command: [y] } }\nserver: {}'), [
    'f1:2:12: actions.a: actions.a is already defined in f:1',
    'f1:3:1: server: server is already defined in f:2',
  ]);
});

test('what this version does not do is refused, never ignored', () => {
  const sections =
    'alerting checks dashboards dependencies escalations inhibit_rules maintenance panels rule_files schedules time_ranges tokens';
  for (const section of sections.split(' ')) {
    assert.deepEqual(problems(`${section}: {}`), [`1:1: ${section}: the section ${section} is not supported by this version`]);
  }
  assert.match(problems('storage: { state: "postgres://u@h/d" }')[0] ?? '', /PostgreSQL is not supported by this version/);
  const remote = (more: string): string =>
    problems(`storage: { series: { kind: remote, write: "http://x/api/v1/write"${more} } }`).join('\n');
  assert.equal(remote(', query: "http://x"'), '');
  assert.match(remote(''), /storage\.series: a remote store needs query: the address/);
  assert.match(remote(', query: "http://x", keep: 3d'), /storage\.series\.keep: belongs to the embedded store/);
  assert.match(remote(', query: prometheus'), /storage\.series\.query: expected a web address/);
  assert.match(problems('storage: { series: { query: "http://x/" } }')[0] ?? '', /belongs to a remote store/);
  assert.match(problems('route: { routes: [{ mute_time_intervals: [x] }] }')[0] ?? '', /not supported by this version/);
});

const anyYaml = fc.oneof(
  fc.string(),
  fc
    .array(
      fc.constantFrom(
        'rules',
        'actions',
        'route',
        'command',
        ':',
        ' ',
        '\n',
        '  ',
        '- ',
        '{',
        '}',
        '[',
        ']',
        ',',
        '&a ',
        '*a',
        '"',
        "'",
        '!x ',
        '? ',
        '|',
        '>',
        '#',
        'null',
        '1',
        '5m',
        '<<',
        '%',
        '\t',
      ),
      { maxLength: 40 },
    )
    .map((pieces) => pieces.join('')),
  fc.json().map((json) => `rules: ${json}\nactions: ${json}\ntriggers: ${json}\nroute: ${json}\nchannels: ${json}`),
);

test('any text is answered with settings or problems that say where', () => {
  fc.assert(
    fc.property(anyYaml, (text) => {
      const { value, problems: found } = parseConfig([{ path: 'f', text }], { builtIn });
      assert.equal(value === null, found.length > 0);
      for (const { line, column, message } of found) {
        assert.ok(message !== '' && (line ?? 1) >= 1 && (column ?? 1) >= 1);
      }
    }),
    { numRuns: 1_000 },
  );
});

test('thousands of problems are counted, not printed', () => {
  const text = `rules:\n${Array.from({ length: 3_000 }, (_, index) => `  r${index}: {}\n`).join('')}`;
  const found = problems(text);
  assert.equal(found.length, 201);
  assert.match(found.at(-1) ?? '', /^and \d+ more problems$/);
});
