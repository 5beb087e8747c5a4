import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { MINUTE } from '../base/time.ts';
import { parseConfig } from './parse-config.ts';
import type { Settings } from './settings.ts';

/** The problems of one file, without its name. */
function problems(text: string): string[] {
  const { value, problems: found } = parseConfig([{ path: 'f', text }], { builtIn: null });
  assert.equal(value === null, found.length > 0);
  return found.map((problem) => formatProblem(problem).replace(/^f:/, ''));
}

function settings(text: string): Settings {
  const { value, problems: found } = parseConfig([{ path: 'tocsin.yml', text }], { builtIn: null });
  assert.deepEqual(found.map(formatProblem), []);
  assert.ok(value !== null);
  return value;
}

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
    env: { CLEAN_MODE: quiet, LEVEL: 3, API_KEY: { secret: clean-key } }
    tags: [disk, cleaning]
    owner: team:storage
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
  assert.deepEqual(action?.approval, {
    by: ['team:storage', 'user:alice', 'role:admin'],
    expires: 10 * MINUTE,
    count: 2,
    notify: [],
    mailChannel: null,
  });

  assert.deepEqual(action?.env, [
    { name: 'CLEAN_MODE', value: 'quiet' },
    { name: 'LEVEL', value: '3' },
    { name: 'API_KEY', secret: 'clean-key' },
  ]);
  assert.deepEqual([action?.tags, action?.owner], [['disk', 'cleaning'], 'team:storage']);

  const version = (text: string): string | undefined => settings(text).actions.get('clean')?.version;
  assert.match(action?.version ?? '', /^[0-9a-f]{64}$/);
  assert.equal(version(ACTION.replace('rotated', 'old')), action?.version);
  assert.equal(version(ACTION.replace('expires: 10m', 'expires: 20m')), action?.version);
  assert.equal(version(ACTION.replace('[disk, cleaning]', '[]').replace('owner: team:storage', 'owner: bob')), action?.version);
  for (const [from, to] of [
    ['quiet', 'loud'],
    ['LEVEL', 'DEPTH'],
    ['secret: clean-key', 'secret: other-key'],
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
  assert.match(one('command: [a], approval: { notify: [nowhere] }'), /no channel is called "nowhere"/);
  assert.match(one('command: [a], approval:'), /expected a map/);
  assert.match(one('command: [a], collect: [x.log]'), /absolute path/);
  assert.match(one('command: [a], env: { path: x }'), /^1:\d+: actions.a.env.path: "path" is no name of a variable/);
  assert.match(one('command: [a], env: { TOCSIN_RUN: x }'), /set by Tocsin itself/);
  assert.match(one('command: [a], env: { KEY: { file: /etc/key } }'), /expected a text or \{ secret: NAME \}/);
  assert.match(one('command: [a], env: { KEY: { secret: "a b" } }'), /no name of a stored secret/);
  assert.match(one('command: [a], env: { KEY: "a\\0b" }'), /cannot contain a NUL/);
  assert.match(one('command: [a], env: { KEY: [a] }'), /expected a text/);
  assert.match(one('command: [a], tags: [x, x]'), /a tag is there twice/);
  assert.match(one('command: [a], owner: team:nobody'), /no team is called "nobody"/);
  assert.match(one('command: [a], shell: true'), /unknown key "shell"/);
  assert.match(one('description: x'), /command is missing/);
});

test('run_as names a user of the host, decides what is approved, and goes with a process', () => {
  const as = (line: string) => settings(`actions: { a: { command: [x]${line} } }`).actions.get('a');
  assert.equal(as(', run_as: deploy')?.runAs, 'deploy');
  assert.equal(as('')?.runAs, null);
  assert.notEqual(as(', run_as: deploy')?.version, as('')?.version);
  assert.notEqual(as(', run_as: deploy')?.version, as(', run_as: postgres')?.version);
  for (const name of ['"{user}"', '--all', '"a b"', '0', '""'])
    assert.match(problems(`actions: { a: { command: [x], run_as: ${name} } }`)[0] ?? '', /run_as: .*(no name of a user|empty)/);
  const request = 'actions: { a: { run_as: x, http: { method: GET, url: "http://x/" } } }';
  assert.match(problems(request).join(), /a request is sent by the agent itself/);
});

const SCRIPTED = `actions:
  clean:
    script: { file: how/clean.sh, interpreter: [/bin/bash, -e], arguments: ["{path}", --all] }
    parameters: { path: {} }
`;

test('a script is pinned by its content, and shown by its name and hash', () => {
  const read = (content: string, text = SCRIPTED) =>
    parseConfig([{ path: '/etc/t/tocsin.yml', text }], {
      builtIn: null,
      attachments: new Map([['/etc/t/how/clean.sh', { text: content }]]),
    });
  const said = (content: string, text = SCRIPTED) => read(content, text).problems.map(formatProblem).join('\n');
  const action = read('echo 1\n').value?.actions.get('clean');
  // As sha256sum(1) gives it.
  const hash = 'c44090c3f318';
  assert.deepEqual(action?.command, ['/bin/bash', '-e', `how/clean.sh@sha256:${hash}`, '{path}', '--all']);
  assert.deepEqual([action?.script?.content, action?.script?.at, action?.script?.sha256.length], ['echo 1\n', 2, 64]);
  assert.equal(read('echo 1\n').value?.actions.get('clean')?.version, action?.version);
  assert.notEqual(read('echo 2\n').value?.actions.get('clean')?.version, action?.version);

  assert.match(
    said('echo 1', SCRIPTED.replace('how/clean.sh', 'how/cleen.sh')),
    /^\/etc\/t\/tocsin.yml:3:21: .*script.file: how\/cleen.sh: no such file$/,
  );
  assert.match(said('echo 1', SCRIPTED.replace('how/clean.sh', '../clean.sh')), /must lie below the folder of the configuration/);
  assert.match(said('echo 1', SCRIPTED.replace('how/clean.sh', '/bin/ls')), /must lie below the folder/);
  assert.match(said('x'.repeat(256 * 1024 + 1)), /a script has at most 256 KiB/);
  assert.match(said(''), /the file is empty/);
  assert.match(said('a\ufffdb'), /not a text in UTF-8/);
  assert.match(said('x', SCRIPTED.replace('-e', '"{path}"')), /:3:60: .*the interpreter and its options cannot come from a parameter/);
  assert.match(said('x', SCRIPTED.replace('{path}', 'x{path}')), /a placeholder must be a whole argument/);
  assert.match(said('x', SCRIPTED.replace('{path}', '{pth}')), /not a declared parameter, did you mean "path"/);
  assert.match(
    said('x', SCRIPTED.replace('interpreter', 'interpretor')),
    /interpreter is missing[^]*unknown key|unknown key[^]*interpreter is missing/,
  );
  assert.match(said('x', `${SCRIPTED}    command: [a]\n`), /a command or a script, not both/);
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
  assert.deepEqual(users.get('alice'), { role: 'admin', email: null, source: { file: 'tocsin.yml', line: 1 } });
  assert.deepEqual(teams.get('storage'), ['alice']);
  assert.match(problems('users: { alice: { role: agent } }')[0] ?? '', /expected viewer, operator or admin/);
  assert.match(problems('users: { alice: { password: x, role: admin } }')[0] ?? '', /not supported by this version/);
});
