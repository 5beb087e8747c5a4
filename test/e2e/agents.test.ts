// An agent on another host: it acts there, spools while the server is away, and is missed when it is silent.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { actions } from '../../src/contract/api/actions.ts';
import { alerts } from '../../src/contract/api/alerts.ts';
import { hosts } from '../../src/contract/api/hosts.ts';
import { runs } from '../../src/contract/api/runs.ts';
import { Program, TOCSIN } from './program.ts';
import { until } from './until.ts';

const program = new Program({
  config: {
    actions: {
      where: {
        command: ['/bin/ls', '{path}'],
        parameters: { path: { type: 'string' } },
        run_on: '{host}',
      },
    },
    agent_silent_after: '2s',
    built_in: { rules: false, demo: false },
  },
  keepsPort: true,
  localAgent: false,
});
const tokenFile = join(program.root, 'agent-token');
const data = join(program.root, 'agent');
let agent: ChildProcess;

async function startAgent(): Promise<void> {
  const args = ['agent', '--server', program.url, '--token-file', tokenFile, '--data', data, '--host', 'web-2', '--interval', '1s'];
  agent = spawn(process.execPath, [TOCSIN, ...args], { stdio: 'ignore' });
  await until('the agent is connected', async () => (await hostSeen())?.connected);
}

async function endAgent(signal: NodeJS.Signals): Promise<void> {
  const exited = once(agent, 'exit');
  agent.kill(signal);
  await exited;
}

const hostSeen = async () => (await program.admin.ask(hosts.list)).items.find(({ name }) => name === 'web-2');

/** The moments at which the agent measured, as the server has them. */
async function moments(): Promise<number[]> {
  const { text } = await program.admin.send('GET', `/api/v1/query?query=${encodeURIComponent('node_load1{instance="web-2"}[5m]')}`);
  const { data: found } = JSON.parse(text) as { data: { result: { values: [number, string][] }[] } };
  return found.result[0]?.values.map(([at]) => at) ?? [];
}

before(async () => {
  await program.start();
  const token = await program.token('web-2', 'agent');
  writeFileSync(tokenFile, (token.headers['authorization'] ?? '').replace('Bearer ', ''), { mode: 0o600 });
  await startAgent();
});
after(async () => {
  if (agent.exitCode === null && agent.signalCode === null) await endAgent('SIGKILL');
  await program.close();
});

test('an action runs on the host it names, and on no other', async () => {
  const { run } = await program.admin.ask(actions.run, { params: { name: 'where' }, body: { parameters: { host: 'web-2', path: data } } });
  const ended = await until('it ended', async () => {
    const detail = await program.admin.ask(runs.get, { params: { id: run } });
    return detail.run.final && detail.run;
  });
  assert.equal(ended.state, 'succeeded');
  assert.equal(ended.host, 'web-2');
  assert.match((await program.admin.send('GET', `/api/runs/${run}/output`)).text, /^spool$/m);
  const elsewhere = await program.admin.json('POST', '/api/actions/where/runs', { parameters: { host: 'web-3', path: '/' } });
  assert.equal(elsewhere.status, 400);
  assert.match(elsewhere.text, /no agent of a host named web-3/);
});

test('what it measures while the server is away comes afterwards, without a gap', async () => {
  await until('samples come', async () => (await moments()).length >= 2);
  await program.kill();
  const away = Date.now() / 1000;
  await until('the server was away for three steps', () => Date.now() / 1000 > away + 3.5);
  await program.start();
  const back = Date.now() / 1000;
  const all = await until('it measures with the server back', async () => {
    const found = await moments();
    return (found.at(-1) ?? 0) > back + 1 && found;
  });
  const between = all.filter((at) => at > away && at < away + 3);
  assert.ok(between.length >= 2, `${between.length} samples of the time away`);
  await until('it takes orders again', async () => (await hostSeen())?.connected);
});

test('a silent agent is an alert, which ends when it is back', async () => {
  const silence = async () => (await program.admin.ask(alerts.list, { query: { filter: 'alertname="AgentSilent"' } })).items[0];
  await until('it is not missed', async () => (await silence())?.state !== 'firing');
  await endAgent('SIGKILL');
  await until('its silence is an alert', async () => (await silence())?.state === 'firing', 20_000);
  assert.equal((await hostSeen())?.connected, false);
  await startAgent();
  await until('the alert is over', async () => (await silence())?.state === 'resolved');
});

test('a token of another host is not believed', async () => {
  const other = await program.token('web-9', 'agent');
  const claimed = await other.json('POST', '/api/agent/hello', {
    host: 'web-2',
    os: '',
    version: '0',
    local: false,
    labels: {},
    allowedActions: null,
    runs: [],
  });
  assert.equal(claimed.status, 403, claimed.text);
});
