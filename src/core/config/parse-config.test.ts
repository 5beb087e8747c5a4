import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from '../base/problem.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../base/time.ts';
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
    ['cpu-utilization', 'memory-utilization', 'disk-utilization', 'load-per-core', 'Demo'],
  );
  assert.equal(value?.route.channel, 'record');
  assert.equal(value?.channels.get('record')?.type, 'none');
  const action = value?.actions.get('demo-clean-up');
  assert.deepEqual(action?.command, [...builtIn.program, 'demo-clean-up', '{file}']);
  assert.deepEqual(action?.approval, { by: [], expires: 30 * MINUTE, count: 1 });
  assert.equal(value?.triggers.get('demo')?.with['file'], builtIn.demoFile);
  assert.equal(value?.triggers.get('demo')?.verifyWithin, 2 * MINUTE);
  assert.equal(action?.source.file, null);
  assert.equal(value?.agentSilentAfter, MINUTE);
  assert.equal(value?.server.externalUrl, 'http://127.0.0.1:4780');
  assert.equal(parseConfig([{ path: 'f', text: '# nothing\n' }], { builtIn }).value?.rules.size, 5);
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
  assert.equal(value?.rules.size, 5);
  const off = parseConfig([{ path: 'f', text: 'built_in: { rules: false, demo: false }' }], { builtIn }).value;
  assert.deepEqual([off?.rules.size, off?.actions.size, off?.triggers.size, off?.recommendations.size], [0, 0, 0, 0]);
  const rulesOnly = parseConfig([{ path: 'f', text: 'built_in: { demo: false }' }], { builtIn }).value;
  assert.deepEqual([rulesOnly?.rules.size, rulesOnly?.actions.size], [4, 0]);
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
  assert.match(problems('rules: { a: {}, a: {} }')[0] ?? '', /^1:17: this key is already there/);
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
    'alerting checks dashboards dependencies escalations inhibit_rules maintenance panels rule_files schedules scrape_configs time_ranges tokens';
  for (const section of sections.split(' ')) {
    assert.deepEqual(problems(`${section}: {}`), [`1:1: ${section}: the section ${section} is not supported by this version`]);
  }
  assert.match(problems('storage: { state: "postgres://u@h/d" }')[0] ?? '', /PostgreSQL is not supported by this version/);
  assert.match(problems('storage: { series: { kind: remote, write: "http://x/" } }')[0] ?? '', /remote store is not supported/);
  assert.match(problems('storage: { series: { tiers: [{ every: raw, keep: 1d }, { every: 5m, keep: 90d }] } }')[0] ?? '', /not supported/);
  assert.match(problems('route: { routes: [{ mute_time_intervals: [x] }] }')[0] ?? '', /not supported by this version/);
});

test('server and storage', () => {
  const { server, series, keepHistory } = settings(`
server: { listen: "[::1]:9000", external_url: "https://t.example.com/x/", tls: { cert: a.pem, key: b.pem }, anonymous: viewer, allow_private_targets: false }
storage: { state: sqlite, sync: full, keep_history: 30d, series: { kind: embedded, tiers: [{ every: raw, keep: 7d }], max_series: 5000, out_of_order_window: 10m } }
`);
  assert.deepEqual(server, {
    listen: { host: '::1', port: 9000 },
    externalUrl: 'https://t.example.com/x',
    tls: { cert: 'a.pem', key: 'b.pem' },
    anonymous: 'viewer',
    anonymousAnywhere: false,
    allowPrivateTargets: false,
  });
  assert.deepEqual(series, { keep: 7 * DAY, maxSeries: 5_000, outOfOrderWindow: 10 * MINUTE, sync: 'full' });
  assert.equal(keepHistory, 30 * DAY);
  assert.equal(settings('storage: { series: { keep: 2h } }').series.keep, 2 * HOUR);
  assert.match(problems('server: { listen: "0.0.0.0:80", anonymous: admin }')[0] ?? '', /anonymous_anywhere/);
  assert.equal(settings('server: { listen: "0.0.0.0:80", anonymous: admin, anonymous_anywhere: true }').server.anonymous, 'admin');
  assert.equal(settings('server: { listen: ":80" }').server.externalUrl, 'http://localhost:80');
  assert.match(problems('server: { listen: "host" }')[0] ?? '', /HOST:PORT/);
  assert.match(problems('server: { external_url: "tocsin.example.com" }')[0] ?? '', /web address/);
});

test('rules: levels, recovery, labels and what contradicts itself', () => {
  const rule = settings(`
rules:
  queue:
    expr: sum by (queue) (jobs)
    error: { above: 5, below: 10, for: 1m }
    notice: { above: 1 }
    recovery: { below: 1, for: 30s }
    labels: { team: storage, shard: 7 }
    annotations: { summary: "{{ $labels.queue }}" }
    every: 5s
    forget_after: 0
`).rules.get('queue');
  assert.deepEqual(rule, {
    name: 'queue',
    expr: 'sum by (queue) (jobs)',
    levels: [
      { name: 'error', above: 5, below: 10, for: MINUTE },
      { name: 'notice', above: 1, below: null, for: 0 },
    ],
    recovery: { above: null, below: 1, for: 30 * SECOND },
    labels: { team: 'storage', shard: '7' },
    annotations: { summary: '{{ $labels.queue }}' },
    every: 5 * SECOND,
    forgetAfter: 0,
    source: { file: 'tocsin.yml', line: 3 },
  });
  const one = (body: string): string => problems(`rules: { r: { expr: up, ${body} } }`)[0] ?? '';
  assert.match(one('labels: {}'), /needs a level: critical, error, warning or notice/);
  assert.match(one('warning: { above: 70 }, recovery: { below: 80 }'), /recovered and warning at once/);
  assert.match(one('warning: {}, recovery: { below: 80 }'), /overlap/);
  assert.match(one('warning: { above: 9, below: 3 }'), /nothing is above 9 and below 3/);
  assert.match(one('warning: { above: 9 }, recovery: { for: 3m }'), /a recovery needs above or below/);
  assert.match(one('warning: { above: 9 }, labels: { severity: x }'), /set by Tocsin itself/);
  assert.match(one('warning: { above: 9 }, labels: { a-b: x }'), /no label name/);
  assert.match(one('warning: { above: 9, for: 90 }'), /a unit is missing/);
  assert.match(problems('rules: { r: { expr: "up[5m]", warning: {} } }')[0] ?? '', /range vector/);
  assert.match(problems('rules: { "a/b": { expr: up, warning: {} } }')[0] ?? '', /is no name/);
});

test('channels with their defaults', () => {
  const { channels, route } = settings(`
channels:
  mail: { type: email, to: ops@example.com, smtp: { host: mail.example.com, security: tls, password: { env: SMTP } } }
  hook: { type: webhook, url: { file: /run/hook }, secret: { secret: hmac }, timeout: 3s, max_alerts: 5, send_resolved: false }
  quiet: { type: none }
route: { channel: mail }
`);
  assert.deepEqual([...channels.keys()], ['mail', 'hook', 'quiet', 'record']);
  const mail = channels.get('mail');
  assert.ok(mail?.type === 'email');
  assert.deepEqual([mail.to, mail.from, mail.smtp.port, mail.sendResolved], [['ops@example.com'], 'tocsin@mail.example.com', 465, true]);
  const hook = channels.get('hook');
  assert.ok(hook?.type === 'webhook');
  assert.deepEqual(
    [hook.url, hook.secret, hook.timeout, hook.maxAlerts],
    [{ kind: 'file', name: '/run/hook' }, { kind: 'secret', name: 'hmac' }, 3_000, 5],
  );
  assert.equal(route.channel, 'mail');
  const one = (body: string): string => problems(`channels: { c: ${body} }`)[0] ?? '';
  assert.match(one('{ type: webhook }'), /url is missing/);
  assert.match(one('{ url: x }'), /type is missing/);
  assert.match(one('{ type: webhok }'), /did you mean "webhook"/);
  assert.match(one('{ type: webhook, url: "ftp://x" }'), /web address/);
  assert.match(one('{ type: webhook, url: { vault: x } }'), /expected a text, \{ secret: NAME \}/);
  assert.match(one('{ type: email, to: [], smtp: { host: x } }'), /nobody to send to/);
  assert.match(one('{ type: email, to: [nobody], smtp: { host: x } }'), /no mail address/);
});

test('the route is a tree in which what is not said is inherited', () => {
  const { route } = settings(`
channels: { a: { type: none }, b: { type: none } }
route:
  channel: a
  group_by: [alertname]
  group_wait: 10s
  routes:
    - match: 'severity="critical", team=~"x|y"'
      channel: b
      group_by: ['...']
      continue: true
      routes:
        - { match: { team: x }, match_re: { host: 'web.*' }, matchers: ['env!=test'], repeat_interval: 1h }
    - {}
`);
  const [critical, rest] = route.routes;
  const [inner] = critical?.routes ?? [];
  assert.deepEqual([route.id, critical?.id, inner?.id, rest?.id], ['0', '0.0', '0.0.0', '0.1']);
  assert.deepEqual(
    [critical?.channel, critical?.groupBy, critical?.groupWait, critical?.groupInterval, critical?.continue],
    ['b', null, 10_000, 5 * MINUTE, true],
  );
  assert.deepEqual([inner?.channel, inner?.groupBy, inner?.repeatInterval], ['b', null, HOUR]);
  assert.deepEqual(
    inner?.matchers.map(({ name, op, value }) => `${name}${op}${value}`),
    ['team=x', 'host=~web.*', 'env!=test'],
  );
  assert.deepEqual([rest?.channel, rest?.groupBy, rest?.repeatInterval], ['a', ['alertname'], 4 * HOUR]);

  const bad = (text: string): string[] => problems(`channels: { mail: { type: none }, hook: { type: none } }\n${text}`);
  assert.match(bad('')[0] ?? '', /with 2 channels a route must say/);
  assert.match(bad('route: { group_by: [a] }')[0] ?? '', /channel is missing/);
  assert.match(bad('route: { channel: mial }')[0] ?? '', /no channel is called "mial", did you mean "mail"\?/);
  assert.match(bad('route: { channel: mail, routes: [{ channel: hok }] }')[0] ?? '', /2:45: route.routes\[0\].channel: no channel/);
  assert.match(bad('route: { channel: mail, match: "a=b" }')[0] ?? '', /top route takes every alert/);
  assert.match(bad('route: { channel: mail, group_by: ["...", a] }')[0] ?? '', /cannot have company/);
  assert.match(bad('route: { channel: mail, group_interval: 0s }')[0] ?? '', /longer than 0/);
  assert.match(bad('route: { channel: mail, routes: [{ receiver: hook }] }')[0] ?? '', /unknown key "receiver"/);
});

test('one channel needs no route', () => {
  assert.equal(settings('channels: { mail: { type: none } }').route.channel, 'mail');
});

const ACTION = `
actions:
  clean:
    description: Remove rotated logs
    command: [/usr/local/bin/clean, --path, "{path}", 5, "%{http_code}", "{{.Names}}"]
    parameters:
      path: { type: string, pattern: "^/var/[a-z/]+$", required: true }
      mode: { type: enum, values: [soft, hard], default: soft }
    run_on: "{host}"
    timeout: 1m30s
    output_limit: 1MiB
    approval: { by: [team:storage, user:alice, role:admin], expires: 10m, count: 2 }
    collect: [/var/log/clean.log]
    retry_safe: true
teams: { storage: { members: [alice, bob] } }
`;

test('actions: parameters, the host they run on, approval and a version that follows what would run', () => {
  const action = settings(ACTION).actions.get('clean');
  assert.deepEqual(action?.command, ['/usr/local/bin/clean', '--path', '{path}', '5', '%{http_code}', '{{.Names}}']);
  assert.deepEqual(
    action?.parameters.map(({ name, type, required, default: fallback }) => [name, type, required, fallback]),
    [
      ['path', 'string', true, null],
      ['mode', 'enum', false, 'soft'],
      ['host', 'host', true, null],
    ],
  );
  assert.deepEqual([action?.timeout, action?.outputLimitBytes, action?.retrySafe], [90_000, 1_048_576, true]);
  assert.deepEqual(action?.approval, { by: ['team:storage', 'user:alice', 'role:admin'], expires: 10 * MINUTE, count: 2 });

  const version = (text: string): string | undefined => settings(text).actions.get('clean')?.version;
  assert.match(action?.version ?? '', /^[0-9a-f]{64}$/);
  assert.equal(version(ACTION.replace('rotated', 'old')), action?.version);
  assert.equal(version(ACTION.replace('expires: 10m', 'expires: 20m')), action?.version);
  for (const [from, to] of [
    ['--path', '--force'],
    ['a-z/', 'a-z'],
    ['1m30s', '2m'],
    ['"{host}"', 'web-1'],
    ['clean.log', 'x.log'],
    ['soft, hard', 'hard, soft'],
  ] as const) {
    assert.notEqual(version(ACTION.replace(from, to)), action?.version, from);
  }
});

test('actions that could not run as meant are refused', () => {
  const one = (body: string): string => problems(`actions: { a: { ${body} } }`).join('\n');
  assert.match(one('command: clean up'), /expected a list of arguments .* there is no shell/);
  assert.match(one('command: []'), /the command is empty/);
  assert.match(one('command: ["{x}"], parameters: { x: {} }'), /the program itself cannot come from a parameter/);
  assert.match(one('command: [a, "{y}"], parameters: { x: {} }'), /\{y\} is not a declared parameter/);
  assert.match(one('command: [a, "--x={x}"], parameters: { x: {} }'), /a placeholder must be a whole argument/);
  assert.match(one('command: [a, "${HOME}"]'), /a placeholder must be a whole argument/);
  assert.match(one('command: [a], parameters: { 1x: {} }'), /no name of a parameter/);
  assert.match(one('command: [a], parameters: { x: { pattern: "a(?=b)" } }'), /not an RE2 expression/);
  assert.match(one('command: [a], parameters: { x: { type: integer, min: 5, max: 1 } }'), /max is below min/);
  assert.match(one('command: [a], parameters: { x: { type: integer, pattern: x } }'), /unknown key "pattern"/);
  assert.match(one('command: [a], parameters: { x: { type: integer, max: 5, default: 6 } }'), /the default must be at most 5/);
  assert.match(one('command: [a], parameters: { x: { type: enum, values: [] } }'), /1 to 1000 values/);
  assert.match(one('command: [a], run_on: "{x}", parameters: { x: { type: integer } }'), /must be a parameter of type host/);
  assert.match(one('command: [a], run_on: "{x}", parameters: { x: { required: false } }'), /a run needs its host/);
  assert.match(one('command: [a], approval: { by: [alice] }'), /expected user:NAME, team:NAME, role:NAME/);
  assert.match(one('command: [a], approval: { by: [role:viewer] }'), /operator or admin/);
  assert.match(one('command: [a], approval: { by: [team:storrage] }'), /no team is called "storrage"/);
  assert.match(one('command: [a], approval: { by: [user:alice], count: 2 }'), /2 persons must approve, but only 1 may/);
  assert.match(one('command: [a], approval:'), /expected a map/);
  assert.match(one('command: [a], collect: [x.log]'), /absolute path/);
  assert.match(one('command: [a], shell: true'), /unknown key "shell"/);
  assert.match(one('description: x'), /command is missing/);
});

test('triggers: whole values only, for parameters that exist', () => {
  const { triggers } = settings(`${ACTION}
triggers:
  full-disk:
    match: 'alertname="DiskFull", severity="critical"'
    run: clean
    with: { path: $labels.mountpoint, host: $labels.instance, mode: hard }
    verify: { within: 5m }
    cooldown: 10m
  advice: { match: ['a=b', 'c=d'], recommend: call }
recommendations: { call: { title: Call them } }
`);
  const trigger = triggers.get('full-disk');
  assert.deepEqual(
    [trigger?.run, trigger?.on, trigger?.verifyWithin, trigger?.cooldown, trigger?.concurrency],
    ['clean', 'firing', 5 * MINUTE, 10 * MINUTE, 1],
  );
  assert.deepEqual({ ...trigger?.with }, { path: '$labels.mountpoint', host: '$labels.instance', mode: 'hard' });
  assert.equal(triggers.get('advice')?.matchers.length, 2);

  const one = (body: string): string => problems(`${ACTION}\ntriggers: { t: { match: a=b, ${body} } }`).join('\n');
  assert.match(one('run: clean, with: { path: $labels.p }'), /clean needs the parameter host/);
  assert.match(one('run: cleen'), /no action is called "cleen", did you mean "clean"\?/);
  assert.match(one('run: clean, with: { path: $labels.p, hots: x }'), /no parameter "hots", did you mean "host"\?/);
  assert.match(one('run: clean, with: { path: /etc, host: x }'), /must match/);
  assert.match(one('run: clean, with: { path: "/var/$labels.p", host: x }'), /as a whole value/);
  assert.match(one('run: clean, with: { path: $label.p, host: x }'), /as a whole value/);
  assert.match(one('run: clean, with: { path: "{{ $labels.p }}", host: x }'), /templates never reach a command/);
  assert.match(one('on: firing'), /needs run or recommend/);
  assert.match(one('run: clean, recommend: x'), /not both/);
  assert.match(one('recommend: nothing'), /no recommendation is called/);
  assert.match(one('run: clean, on: resolved, with: { path: /var/a, host: x }, verify: { within: 1m }'), /nothing to verify/);
  assert.match(problems('triggers: { t: { match: "", run: x } }')[0] ?? '', /set off by every alert/);
  // A trigger is not blamed for an action that is itself wrong.
  assert.deepEqual(problems('actions: { a: {} }\ntriggers: { t: { match: x=y, run: a } }').length, 1);
});

test('recommendations take instructions and documents from beside their file', () => {
  const text = `
recommendations:
  replace: { title: Replace the disk, responsible: team:storage, instructions: how/replace.md, documents: [how/manual.pdf] }
  inline: { title: Inline, instructions: "Do **this**" }
teams: { storage: { members: [] } }
`;
  const attachments = new Map([
    ['/etc/t/how/replace.md', { text: '# Replace' }],
    ['/etc/t/how/manual.pdf', { text: '' }],
  ]);
  const { value } = parseConfig([{ path: '/etc/t/tocsin.yml', text }], { builtIn: null, attachments });
  assert.equal(value?.recommendations.get('replace')?.instructions, '# Replace');
  assert.deepEqual(value?.recommendations.get('replace')?.documents, [{ name: 'manual.pdf', path: '/etc/t/how/manual.pdf' }]);
  assert.equal(value?.recommendations.get('inline')?.instructions, 'Do **this**');
  assert.match(problems('recommendations: { r: { title: x, instructions: x.md } }')[0] ?? '', /x.md: no such file/);
  assert.match(problems('recommendations: { r: { title: x, documents: [../x] } }')[0] ?? '', /below the folder/);
  assert.match(problems('recommendations: { r: { title: x, documents: [/etc/passwd] } }')[0] ?? '', /below the folder/);
  assert.match(
    problems('recommendations: { r: { responsible: team:nobody } }').join('\n'),
    /title is missing[^]*no team is called "nobody"/,
  );
});

test('users and teams', () => {
  const { users, teams } = settings('users: { alice: { role: admin } }\nteams: { storage: { members: [alice] } }');
  assert.deepEqual(users.get('alice'), { role: 'admin', source: { file: 'tocsin.yml', line: 1 } });
  assert.deepEqual(teams.get('storage'), ['alice']);
  assert.match(problems('users: { alice: { role: agent } }')[0] ?? '', /expected viewer, operator or admin/);
  assert.match(problems('users: { alice: { password: x, role: admin } }')[0] ?? '', /not supported by this version/);
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
