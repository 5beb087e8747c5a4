import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { parseAgentConfig } from './agent-config.ts';

const parse = (text: string): ReturnType<typeof parseAgentConfig> => parseAgentConfig({ path: 'agent.yml', text });

test('everything the file may say', () => {
  const { value, problems } = parse(`
server: https://tocsin.example.com/
token_file: /etc/tocsin/token
ca_file: /etc/tocsin/ca.pem
host: web-1
data: /var/lib/tocsin-agent
interval: 15s
textfile_directory: /var/lib/node_exporter
labels: { site: paris, rack: 12 }
log_level: warn
actions: { allow: [clean-disk, restart.web], run_as: [deploy, postgres], longest_timeout: 10m, output: 1MiB, memory: 1GB, at_once: 2 }
`);
  assert.deepEqual(problems, []);
  assert.deepEqual(value, {
    server: 'https://tocsin.example.com',
    tokenFile: '/etc/tocsin/token',
    caFile: '/etc/tocsin/ca.pem',
    host: 'web-1',
    data: '/var/lib/tocsin-agent',
    interval: 15_000,
    textfileDirectory: '/var/lib/node_exporter',
    labels: { site: 'paris', rack: '12' },
    logLevel: 'warn',
    actions: {
      allow: ['clean-disk', 'restart.web'],
      runAs: ['deploy', 'postgres'],
      longestTimeout: 600_000,
      outputBytes: 1_048_576,
      memoryBytes: 2 ** 30,
      atOnce: 2,
    },
  });
});

test('an empty file says nothing: every action is accepted, as when there is no file', () => {
  for (const text of ['', '# nothing\n', '{}']) {
    const { value, problems } = parse(text);
    assert.deepEqual(problems, []);
    assert.equal(value?.server, null);
    assert.equal(value?.actions.allow, null);
    assert.deepEqual(value?.actions.runAs, []);
  }
  assert.deepEqual(parse('actions: { allow: [] }').value?.actions.allow, []);
});

test('a user to run as is a name, not a pattern', () => {
  assert.match(parse('actions: { run_as: ["*"] }').problems.map(formatProblem).join(), /no name of a user/);
});

test('all problems at once, each at its place', () => {
  const { value, problems } = parse(`server: ftp://x
interval: 1500ms
textfile_dir: /tmp
labels:
  instance: me
  "a b": c
actions:
  allow: ["../x"]
`);
  assert.equal(value, null);
  const said = problems.map(formatProblem);
  assert.equal(said.length, 6);
  assert.match(said[0] ?? '', /^agent\.yml:1:9: server: /);
  assert.match(said[1] ?? '', /^agent\.yml:2:11: interval: expected whole seconds/);
  assert.match(said[2] ?? '', /^agent\.yml:3:1: .*unknown key "textfile_dir"/);
  assert.match(said[3] ?? '', /^agent\.yml:5:3: .*set by the agent itself/);
  assert.match(said[4] ?? '', /^agent\.yml:6:3: .*cannot be the name of a label/);
  assert.match(said[5] ?? '', /^agent\.yml:8:11: .*cannot be the name of an action/);
  assert.equal(parse('server: [').value, null);
});
