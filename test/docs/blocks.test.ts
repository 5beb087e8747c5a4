import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, parseDocument } from 'yaml';
import { simulate } from '../../src/cli/simulate.ts';
import { parseAgentConfig } from '../../src/core/agent-config/agent-config.ts';
import { formatProblem } from '../../src/core/base/problem.ts';
import { parseConfig } from '../../src/core/config/parse-config.ts';
import { parseScenario } from '../../src/core/scenarios/parse-scenario.ts';
import { parseExpr } from '../../src/core/promql/parse-expr.ts';
import { BLOCKS, type Block, wordOf } from './blocks.ts';

const builtIn = { program: ['tocsin'], demoFile: '/data/tocsin-demo.prom' };
const PROMTOOL = '/usr/bin/promtool';
const AMTOOL = '/usr/bin/amtool';
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));

function configProblems(block: Block, path = `${block.file}`): readonly string[] {
  const text = path === block.file ? '\n'.repeat(block.line - 1) + block.text : block.text;
  const needed = (wordOf(block, 'needs') ?? '').split(',').filter((name) => name !== '');
  const attachments = new Map(needed.map((name) => [join(path, '..', name), { text: 'There.' }]));
  return parseConfig([{ path, text }], { builtIn, attachments }).problems.map(formatProblem);
}

/** What follows a broken configuration is exactly what check-config says about it. */
function checkBroken(block: Block, next: Block | undefined): void {
  assert.ok(next !== undefined && next.kind === 'text' && next.file === block.file, 'a text block with its problems follows');
  assert.equal(
    next.text,
    configProblems(block, 'tocsin.yml')
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** With their own programs where they are installed; their form in any case. */
function checkForeign(block: Block, section: RegExp, program: readonly [string, ...string[]]): void {
  const document = parseDocument(block.text);
  assert.deepEqual(document.errors, []);
  for (const key of Object.keys(document.toJS())) assert.match(key, section);
  if (!existsSync(program[0])) return;
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-docs-'));
  const file = join(folder, 'config.yml');
  writeFileSync(join(folder, 'token'), 'x');
  writeFileSync(file, block.text.replaceAll(/\/etc\/tocsin\/\S+\.token/g, join(folder, 'token')));
  const [name, ...args] = program;
  const checked = spawnSync(name, [...args, file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
}

async function playScenario(block: Block): Promise<void> {
  assert.deepEqual(parseScenario(block.file, block.text).problems, []);
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-docs-'));
  const file = join(folder, 'scenario.yml');
  writeFileSync(file, block.text);
  let printed = '';
  const stream = { write: (text: string) => (printed += text) };
  const inline = async (path: string, text: string | null) => ({
    files: [{ path, text: text ?? '' }],
    attachments: new Map(),
    problems: [],
  });
  const code = await simulate([file], { stdout: stream, stderr: stream }, inline);
  rmSync(folder, { recursive: true });
  assert.equal(code, 0, printed);
}

/** A provisioning file with data sources that are ours. */
function checkGrafana(block: Block): void {
  const { apiVersion, datasources } = parse(block.text);
  assert.equal(apiVersion, 1);
  for (const { type, url } of datasources) assert.deepEqual([type, URL.canParse(url)], ['prometheus', true]);
}

function checkNpm(block: Block): void {
  for (const line of block.text.split('\n').filter((one) => one.trim() !== '')) {
    const [command = ''] = line.split('#');
    for (const part of command.split('&&').map((one) => one.trim())) {
      const [, script] = /^npm (?:run )?(ci|start|test|[\w:]+)(?: -- .+)?$/.exec(part) ?? [];
      assert.ok(script !== undefined && (script === 'ci' || script in scripts), `npm knows nothing of: ${part}`);
    }
  }
}

function checkUnit(block: Block): void {
  assert.match(block.text, /^\[Unit\]\n[^]*^\[Service\]\n[^]*^\[Install\]\n/m);
  const [, command = '', name = '', flags = ''] = /^ExecStart=\/opt\/tocsin\/(bin\/tocsin\.js) (\w+)(.*)$/m.exec(block.text) ?? [];
  assert.ok(existsSync(command), 'it starts the program');
  const { stdout } = spawnSync(process.execPath, [command, name, '--help'], { encoding: 'utf8' });
  for (const [flag] of flags.matchAll(/--[\w-]+/g)) assert.ok(stdout.includes(`${flag} `), `${name} has no ${flag}`);
}

/** Every kind of block there may be, and who checks it. `sh` and `promql` also meet a real server, in commands.test.ts. */
const CHECKS: Readonly<Record<string, (block: Block, next: Block | undefined, before: Block | undefined) => void | Promise<void>>> = {
  yaml: async (block, next) => {
    const what = block.words.find((word) => !word.includes('=')) ?? 'live';
    if (what === 'live') assert.deepEqual(configProblems(block), []);
    else if (what === 'broken') checkBroken(block, next);
    else if (what === 'agent') assert.deepEqual(parseAgentConfig({ path: block.file, text: block.text }).problems, []);
    else if (what === 'prometheus')
      checkForeign(block, /^(global|alerting|remote_write|remote_read|scrape_configs|rule_files)$/, [PROMTOOL, 'check', 'config']);
    else if (what === 'alertmanager') checkForeign(block, /^(global|route|receivers|inhibit_rules)$/, [AMTOOL, 'check-config']);
    else if (what === 'grafana') checkGrafana(block);
    else if (what === 'scenario') await playScenario(block);
    else assert.fail(`nobody checks "yaml ${what}"`);
  },
  text: (_block, _next, before) =>
    assert.ok(before?.words.includes('broken'), 'only the problems of a broken configuration are plain text'),
  promql: ({ text }) => assert.deepEqual(parseExpr(text).problems, []),
  sh: ({ text }) => assert.equal(spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' }).stderr, ''),
  ini: checkUnit,
  indented: checkNpm,
};

/** Not for running: the tree is checked in links.test.ts, the states of a run are a drawing. */
const DRAWINGS: ReadonlySet<string> = new Set(['ARCHITECTURE.md', 'docs/spec/runs.md']);

for (const [index, block] of BLOCKS.entries()) {
  if (DRAWINGS.has(block.file) && ['', 'indented'].includes(block.kind)) continue;
  test(`${block.file}:${block.line} (${[block.kind, ...block.words].join(' ')})`, async () => {
    const check = CHECKS[block.kind];
    assert.ok(check !== undefined, `nobody checks blocks of kind "${block.kind}"`);
    await check(block, BLOCKS[index + 1], BLOCKS[index - 1]);
  });
}

test('the documents have blocks of every kind that is checked', () => {
  const kinds = new Set(BLOCKS.map(({ kind }) => kind));
  for (const kind of Object.keys(CHECKS)) assert.ok(kinds.has(kind), kind);
});

test('the scenario in the help of simulate is one', async () => {
  let help = '';
  const stream = { write: (text: string) => (help += text) };
  await simulate(['--help'], { stdout: stream, stderr: stream }, async () => assert.fail('nothing is loaded'));
  const lines = help.slice(help.indexOf('\n  name: ')).split('\n');
  const scenario = lines.map((line) => line.slice(2)).join('\n');
  const settings = '{ actions: { clean: { command: [x] } }, rules: { a: { expr: up, error: {} } } }';
  const { problems } = parseScenario('help', scenario.replace(/^configuration:.*$/m, `configuration: ${settings}`));
  assert.deepEqual(problems, []);
  assert.ok(parse(scenario) !== null);
});
