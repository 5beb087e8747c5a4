import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Columns } from '../../data/columns.ts';
import { hostCharts } from './host-charts.ts';

const column = (labels: Record<string, string>, ...values: (number | null)[]): Columns => ({
  at: values.map((_, index) => index),
  series: [{ labels, values }],
});

function plan(title: string, host = 'web-1') {
  const found = hostCharts(host, 10_000).find((chart) => chart.title === title);
  assert.ok(found);
  return found;
}

test('a host name is quoted, whatever is in it', () => {
  assert.ok(plan('CPU', 'a"b\\c').exprs[0]?.includes(String.raw`instance="a\"b\\c"`));
});

test('modes keep their order and colour, so that two hosts can be compared', () => {
  const answer: Columns = {
    at: [0],
    series: [
      { labels: { mode: 'steal' }, values: [1] },
      { labels: { mode: 'user' }, values: [2] },
    ],
  };
  assert.deepEqual(
    plan('CPU')
      .model([answer])
      .lines.map(({ label, color }) => [label, color]),
    [
      ['user', 'series-1'],
      ['steal', 'series-7'],
    ],
  );
});

test('memory shows what is used, a gap where either value is missing, and swap only where there is some', () => {
  const answers = [
    [100, 100],
    [40, null],
    [5, 5],
    [5, 5],
    [0, 0],
    [0, 0],
  ].map((values) => column({}, ...values));
  const model = plan('Memory').model(answers);
  assert.deepEqual(
    model.lines.map(({ label, values }) => [label, values]),
    [
      ['used', [60, null]],
      ['cache', [10, 10]],
    ],
  );
  assert.deepEqual(
    model.thresholds.map(({ value }) => value),
    [100],
  );
});

test('what goes out is drawn below what comes in, by device', () => {
  const lines = plan('Network').model([column({ device: 'eth0' }, 7), column({ device: 'eth0' }, 3)]).lines;
  assert.deepEqual(
    lines.map(({ label, below, color }) => [label, below, color]),
    [
      ['eth0 in', undefined, 'series-1'],
      ['eth0 out', true, 'series-1'],
    ],
  );
});

test('devices that do nothing are left out while others do something', () => {
  const both: Columns = {
    at: [0],
    series: [
      { labels: { device: 'ifb0' }, values: [0] },
      { labels: { device: 'eth0' }, values: [7] },
    ],
  };
  assert.deepEqual(
    plan('Network')
      .model([both, both])
      .lines.map(({ label }) => label),
    ['eth0 in', 'eth0 out'],
  );
  const still = column({ device: 'eth0' }, 0);
  assert.equal(plan('Network').model([still, still]).lines.length, 2);
});

test('no answers give empty charts, not errors', () => {
  const none: Columns = { at: [], series: [] };
  for (const chart of hostCharts('x', 10_000)) assert.deepEqual(chart.model(chart.exprs.map(() => none)).lines, []);
});
