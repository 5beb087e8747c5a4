import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Labels } from '../base/labels.ts';
import { MINUTE, SECOND } from '../base/time.ts';
import { evaluate } from '../promql/evaluate.ts';
import { MemorySource } from '../promql/memory-source.ts';
import { parseExpr } from '../promql/parse-expr.ts';
import { expandTemplate } from '../templates/expand-template.ts';
import { parseConfig } from './parse-config.ts';

const NOW = 1_700_000_000_000;
const settings = parseConfig([], { builtIn: { program: ['tocsin'], demoFile: '/data/tocsin-demo.prom' } }).value;

/** A host as its agent reports it: ten minutes of samples, ten seconds apart, until `end`. */
function host(series: readonly (readonly [string, Labels, (at: number) => number])[], end = NOW): MemorySource {
  const source = new MemorySource();
  for (const [name, labels, value] of series) {
    for (let at = end - 10 * MINUTE; at <= end; at += 10 * SECOND) {
      source.append({ __name__: name, instance: 'web-1', job: 'node', ...labels }, { time: at, value: value(at) });
    }
  }
  return source;
}

/** What a built-in rule finds: one line for each target, with the value and its summary. */
function findings(name: string, source: MemorySource): string[] {
  const rule = settings?.rules.get(name);
  const expr = parseExpr(rule?.expr ?? '').value;
  assert.ok(expr !== null && rule !== undefined);
  const outcome = evaluate(expr, source, { start: NOW, end: NOW, step: 0 });
  assert.ok(outcome.ok && outcome.result.type === 'vector');
  return outcome.result.series.map(({ labels, values }) =>
    expandTemplate(rule.annotations['summary'] ?? '', { labels, value: values[0] ?? null, externalUrl: '' }),
  );
}

test('CPU: what was not idle in the last minute, over all cores', () => {
  const seconds = (share: number) => (at: number) => ((at - NOW) / SECOND) * share;
  const source = host([
    ['node_cpu_seconds_total', { cpu: '0', mode: 'idle' }, seconds(0.2)],
    ['node_cpu_seconds_total', { cpu: '1', mode: 'idle' }, seconds(0.1)],
    ['node_cpu_seconds_total', { cpu: '0', mode: 'user' }, seconds(0.8)],
    ['node_cpu_seconds_total', { cpu: '1', mode: 'system' }, seconds(0.9)],
  ]);
  assert.deepEqual(findings('cpu-utilization', source), ['CPU of web-1 at 85 %']);
});

test('memory: what cannot be had any more', () => {
  const source = host([
    ['node_memory_MemAvailable_bytes', {}, () => 2e9],
    ['node_memory_MemTotal_bytes', {}, () => 16e9],
  ]);
  assert.deepEqual(findings('memory-utilization', source), ['Memory of web-1 at 88 %']);
});

test('disks: each mount by itself, as df counts, without what cannot be written', () => {
  const mount = (device: string, mountpoint: string, fstype: string, values: readonly number[]): Parameters<typeof host>[0] =>
    ['size_bytes', 'free_bytes', 'avail_bytes', 'readonly'].map((what, index) => [
      `node_filesystem_${what}`,
      { device, mountpoint, fstype },
      () => values[index] ?? 0,
    ]);
  const source = host([
    ...mount('/dev/sda1', '/', 'ext4', [100, 15, 5]),
    ...mount('/dev/sdb1', '/var', 'xfs', [1_000, 400, 400]),
    ...mount('/dev/sr0', '/media/cd', 'udf', [700, 0, 0]),
    ...mount('/dev/sdc1', '/frozen', 'ext4', [100, 0, 0, 1]),
    ...mount('overlay', '/merged', 'overlay', [100, 10, 10]),
    ...mount('none', '/empty', 'tmpfs', [0, 0, 0]),
  ]);
  assert.deepEqual(findings('disk-utilization', source).toSorted(), [
    'Disk / of web-1 at 94 %',
    'Disk /empty of web-1 at NaN %',
    'Disk /merged of web-1 at 90 %',
    'Disk /var of web-1 at 60 %',
  ]);
});

test('load: for each core', () => {
  const source = host([
    ['node_load5', {}, () => 9],
    ['node_cpu_seconds_total', { cpu: '0', mode: 'idle' }, () => 1],
    ['node_cpu_seconds_total', { cpu: '1', mode: 'idle' }, () => 1],
  ]);
  assert.deepEqual(findings('load-per-core', source), ['Load of web-1 at 4.5 per core']);
});

test('killed programs are found, none is not', () => {
  const rule = settings?.rules.get('out-of-memory');
  assert.equal(rule?.levels[0]?.above, 0);
  const killed = host([['node_vmstat_oom_kill', {}, (at) => (at < NOW - 5 * MINUTE ? 3 : 5)]]);
  assert.deepEqual(findings('out-of-memory', killed), ['web-1 ran out of memory and killed a program']);
});

test('the demonstration problem is there while its file is reported, and gone within a minute after', () => {
  assert.deepEqual(findings('Demo', host([['tocsin_demo_problem', {}, () => 1]])), ['A demonstration problem on web-1']);
  assert.deepEqual(findings('Demo', host([['tocsin_demo_problem', {}, () => 0]])), []);
  assert.deepEqual(findings('Demo', host([['tocsin_demo_problem', {}, () => 1]], NOW - MINUTE)), []);
});

test('the demonstration removes its own file and no other', () => {
  const parameter = settings?.actions.get('demo-clean-up')?.parameters[0];
  assert.ok(parameter?.type === 'string');
  assert.equal(parameter.default, '/data/tocsin-demo.prom');
  const elsewhere = parseConfig(
    [{ path: 'f', text: 'triggers: { t: { match: a=b, run: demo-clean-up, with: { file: /data/tocsin-demoXprom } } }' }],
    { builtIn: { program: ['tocsin'], demoFile: '/data/tocsin-demo.prom' } },
  );
  assert.match(elsewhere.problems[0]?.message ?? '', /must match/);
});
