import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HOUR, MINUTE, NEVER, SECOND, type Millis } from '../base/time.ts';
import type { Rule } from '../rules/rule.ts';
import type { Alert } from './alert.ts';
import { stepAlert } from './step.ts';

const cpu: Rule = {
  name: 'Cpu',
  expr: 'cpu',
  levels: [
    { name: 'critical', above: 90, below: null, for: 2 * MINUTE },
    { name: 'warning', above: 70, below: null, for: 5 * MINUTE },
  ],
  recovery: { above: null, below: 60, for: 3 * MINUTE },
  labels: {},
  annotations: {},
  every: 15 * SECOND,
  forgetAfter: HOUR,
  source: { file: null, line: 0 },
};
const labels = { alertname: 'Cpu', instance: 'web-1' };

/** Plays values over time, judging at every step and whenever the last judgement asked to be repeated. */
function play(rule: Rule, values: readonly (readonly [Millis, number | null])[], until: Millis): { log: string[]; alert: Alert | null } {
  const log: string[] = [];
  let alert: Alert | null = null;
  let wakeAt = NEVER;
  for (let now = 0; now <= until; now += SECOND) {
    if (now % rule.every !== 0 && now < wakeAt) continue;
    const value = values.findLast(([at]) => at <= now)?.[1] ?? null;
    const step = stepAlert(alert?.state === 'resolved' ? null : alert, { labels, value }, rule, now);
    if (step.transition !== null) log.push(`${now / SECOND} ${step.transition} ${step.alert?.severity ?? ''}`.trim());
    alert = step.alert;
    wakeAt = step.wakeAt;
  }
  return { log, alert };
}

test('each level counts after its own hold time, the worst wins, and it recovers after its own', () => {
  const played = play(
    cpu,
    [
      [0, 50],
      [60_000, 95],
      [600_000, 65],
      [700_000, 50],
    ],
    1000 * SECOND,
  );
  assert.deepEqual(played.log, ['60 pending warning', '180 fired critical', '885 resolved critical']);
});

test('a warning that worsens escalates in place: the same alert', () => {
  const played = play(
    cpu,
    [
      [0, 80],
      [400_000, 95],
    ],
    600 * SECOND,
  );
  assert.deepEqual(played.log, ['0 pending warning', '300 fired warning', '525 worse critical']);
  assert.equal(played.alert?.activeAt, 0);
});

test('a hold time that is interrupted starts again', () => {
  const played = play(
    cpu,
    [
      [0, 95],
      [115_000, 50],
      [130_000, 95],
    ],
    300 * SECOND,
  );
  assert.deepEqual(played.log, ['0 pending warning', '120 dropped', '135 pending warning', '255 fired critical']);
});

test('between the recovery and the lowest threshold it neither worsens nor ends', () => {
  const played = play(
    cpu,
    [
      [0, 95],
      [200_000, 65],
      [4000_000, 75],
    ],
    2 * HOUR,
  );
  assert.deepEqual(played.log, ['0 pending warning', '120 fired critical', '4005 better warning']);
});

test('a recovery that is interrupted starts again', () => {
  const played = play(
    cpu,
    [
      [0, 95],
      [200_000, 50],
      [350_000, 62],
      [400_000, 50],
    ],
    700 * SECOND,
  );
  assert.equal(played.log.at(-1), '585 resolved critical');
});

test('a vanished value resolves nothing until the rule forgets it, because silence is not health', () => {
  const played = play(
    cpu,
    [
      [0, 95],
      [200_000, null],
    ],
    2 * HOUR,
  );
  assert.deepEqual(played.log, ['0 pending warning', '120 fired critical', '3810 resolved critical']);
});

test('a vanished value ends a pending alert', () => {
  assert.deepEqual(
    play(
      cpu,
      [
        [0, 95],
        [60_000, null],
      ],
      HOUR,
    ).log,
    ['0 pending warning', '60 dropped'],
  );
});

test('without thresholds being there is the condition, as in a Prometheus rule', () => {
  const rule = { ...cpu, levels: [{ name: 'warning' as const, above: null, below: null, for: MINUTE }], recovery: null };
  assert.deepEqual(
    play(
      rule,
      [
        [0, 1],
        [90_000, null],
      ],
      HOUR,
    ).log,
    ['0 pending warning', '60 fired warning', '90 resolved warning'],
  );
});

test('no hold time fires at once', () => {
  const rule = {
    ...cpu,
    levels: [{ name: 'critical' as const, above: 95, below: null, for: 0 }],
    recovery: { above: null, below: 80, for: 0 },
  };
  assert.deepEqual(
    play(
      rule,
      [
        [0, 96],
        [30_000, 90],
        [60_000, 79],
      ],
      MINUTE,
    ).log,
    ['0 fired critical', '60 resolved critical'],
  );
});

test('an outage does not count as holding: nothing fires before its time', () => {
  const pending = stepAlert(null, { labels, value: 80 }, cpu, 0).alert;
  const after = stepAlert(pending, { labels, value: 80 }, cpu, HOUR);
  assert.equal(after.transition, null);
  assert.equal(after.wakeAt, HOUR + 5 * MINUTE);
});

test('NaN meets no condition', () => {
  assert.equal(stepAlert(null, { labels, value: Number.NaN }, cpu, 0).alert, null);
});

test('property: however often it is judged in between, an alert fires exactly after its hold time', () => {
  const value = fc.constantFrom(50, 65, 80, 95, null);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 400 }), value), { maxLength: 30 }), (moves) => {
      let now = 0;
      const values: [Millis, number | null][] = [[0, 50]];
      for (const [wait, next] of moves) values.push([(now += wait * 15 * SECOND), next]);
      const often = play({ ...cpu, every: SECOND }, values, now + HOUR);
      const seldom = play(cpu, values, now + HOUR);
      assert.deepEqual(seldom.log, often.log);
    }),
    { numRuns: 25 },
  );
});

test('where the clock was set back, nobody waits longer than the hold time', () => {
  const late = 10 * HOUR;
  const pending = stepAlert(null, { labels, value: 95 }, cpu, late).alert;
  const back = stepAlert(pending, { labels, value: 95 }, cpu, HOUR);
  assert.equal(back.wakeAt, HOUR + 2 * MINUTE);
  const fired = stepAlert(back.alert, { labels, value: 95 }, cpu, back.wakeAt).alert;
  assert.equal(fired?.state, 'firing');
  const recovering = stepAlert(fired, { labels, value: 50 }, cpu, late).alert;
  const again = stepAlert(recovering, { labels, value: 50 }, cpu, HOUR);
  assert.equal(again.wakeAt, HOUR + 3 * MINUTE);
});
