import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { stringify } from 'yaml';
import { command } from '../cli/command.ts';
import { Program } from '../e2e/program.ts';
import { until } from '../e2e/until.ts';
import { BLOCKS, type Block, DOCUMENTS, inlineCode, wordOf } from './blocks.ts';
import { Place, substitutions } from './place.ts';

const PATIENCE = 120_000;
const live = BLOCKS.filter((block) => block.kind === 'yaml' && block.words.includes('live'));
/** The page that stops the server comes last. */
const pages = [...new Set(BLOCKS.filter(({ kind }) => kind === 'sh').map(({ file }) => file))].toSorted(
  (a, b) => Number(a.endsWith('operations.md')) - Number(b.endsWith('operations.md')),
);

let program: Program;
let place: Place;

const substitute = (text: string): string =>
  substitutions(program).reduce((changed, [written, here]) => changed.replaceAll(written, here), text);

before(async () => {
  program = new Program({ config: stringify({ include: ['live/*.yml'] }), keepsPort: true });
  mkdirSync(join(program.root, 'config/live'));
  for (const [index, block] of live.entries()) writeFileSync(join(program.root, `config/live/${index}.yml`), substitute(block.text));
  await program.start();
  place = new Place(program);
  await program.agentIsHere();
});
after(async () => {
  place.end();
  await program.close();
});

/** All commands of a document, one after the other, as somebody would type them. */
async function play(file: string): Promise<{ readonly code: number | null; readonly said: string }> {
  const cwd = place.folder(file.replaceAll('/', '-'));
  const blocks = BLOCKS.filter((block) => block.file === file);
  for (const block of blocks) {
    const name = wordOf(block, 'file');
    if (name !== null) writeFileSync(join(cwd, name), substitute(block.text));
  }
  const commands = blocks.filter(({ kind }) => kind === 'sh').map((block) => `: "${file}:${block.line}"\n${substitute(block.text)}`);
  const child = spawn('bash', ['-eux', '-o', 'pipefail', '-c', commands.join('\n')], {
    cwd,
    env: place.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await once(child, 'close');
  clearTimeout(timer);
  return { code: child.exitCode, said };
}

test('the documents show commands, and live configuration for them', () => assert.ok(pages.length >= 7 && live.length >= 4));

for (const file of pages) {
  test(`every command of ${file} works`, async () => {
    const { code, said } = await play(file);
    assert.equal(code, 0, said.slice(-4_000));
    if (!file.endsWith('operations.md')) assert.doesNotMatch(said, /^No such (alerts|runs)\.$/m, 'and finds what the page is about');
  });
}

const expressions = (block: Block): string => block.text.trim();

for (const block of BLOCKS.filter(({ kind }) => kind === 'promql')) {
  test(`${block.file}:${block.line} can be evaluated`, async () => {
    const { code, stderr } = await command(['query', expressions(block)], { env: place.env });
    assert.equal(code, 0, stderr);
  });
}

test('every metric that a document names is there', async () => {
  const named = new Map<string, string>();
  const note = (text: string, where: string): void => {
    for (const [name] of text.matchAll(/(?<![\w/])(?:node|tocsin)_(?!exporter)\w*[a-zA-Z0-9]\b(?!\s*[:/.])/g)) named.set(name, where);
  };
  for (const file of DOCUMENTS) for (const { code, line } of inlineCode(file)) note(code, `${file}:${line}`);
  for (const block of BLOCKS) if (['yaml', 'promql'].includes(block.kind)) note(block.text, `${block.file}:${block.line}`);
  for (const block of BLOCKS)
    if (block.kind === 'sh') for (const [, text = ''] of block.text.matchAll(/query [^']*'([^']+)'/g)) note(text, block.file);
  assert.ok(named.size >= 10);
  await until('the agent has measured', async () => (await names()).has('node_load1'));
  await program.admin.send('GET', '/api/status', { headers: { authorization: 'Bearer nobody' } });
  await program.admin.send('GET', '/api/v1/query?query=1');
  await program.admin.send('GET', '/decide/x');
  const unknown = async (): Promise<readonly string[]> => {
    const own = (await program.admin.send('GET', '/metrics')).text;
    const known = await names();
    return [...named]
      .filter(([name]) => !known.has(name) && !own.includes(`# TYPE ${name} `))
      .map(([name, where]) => `${where} names ${name}`);
  };
  await until('every metric is reported', async () => (await unknown()).length === 0).catch(() => {});
  assert.deepEqual(await unknown(), [], 'nobody reports these');
});

async function names(): Promise<ReadonlySet<string>> {
  const { text } = await program.admin.send('GET', '/api/v1/label/__name__/values');
  return new Set<string>(JSON.parse(text).data);
}

test('every command and option in a sentence is one', async () => {
  const helps = new Map<string, string>();
  for (const file of DOCUMENTS) {
    for (const { code, line } of inlineCode(file)) {
      const [, name, rest = ''] = /^tocsin ([a-z-]+)(.*)$/.exec(code) ?? [];
      if (name === undefined) continue;
      const help = helps.get(name) ?? (await command([name, '--help'])).stdout;
      helps.set(name, help);
      assert.ok(help.startsWith(`tocsin ${name}`), `${file}:${line}: there is no command ${code}`);
      for (const [flag] of rest.matchAll(/--[\w-]+/g)) assert.ok(help.includes(flag), `${file}:${line}: ${code} has no ${flag}`);
    }
  }
  assert.ok(helps.size >= 3);
});
