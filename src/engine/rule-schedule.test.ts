import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseConfig } from '../core/config/parse-config.ts';
import type { Settings } from '../core/config/settings.ts';
import { RuleSchedule } from './rule-schedule.ts';

const EVERY = 15_000;

function settingsWith(...names: readonly string[]): Settings {
  const rules = names.map((name) => `  ${name}: { expr: up, warning: { below: 1 } }\n`).join('');
  const { value, problems } = parseConfig([{ path: 'tocsin.yml', text: `rules:\n${rules}` }], { builtIn: null });
  assert.ok(value !== null, problems[0]?.message);
  return value;
}

function scheduleOf(...names: readonly string[]): RuleSchedule {
  const schedule = new RuleSchedule();
  schedule.replace(settingsWith(...names), [], 0);
  return schedule;
}

/** Judges whatever is due, each taking so long; gives how often, until the end, while samples arrive at every millisecond. */
function countWhileBusy(schedule: RuleSchedule, took: number, end: number): number {
  let count = 0;
  for (let now = 0; now < end; now += 1) {
    schedule.touch(['a'], now);
    for (const name of schedule.take(now)) {
      now += took;
      count += 1;
      schedule.finish(name, { outcome: 'done', every: EVERY, took }, now);
    }
  }
  return count;
}

test('a rule is judged when a sample arrives, also right after a slow judgement', () => {
  const schedule = scheduleOf('a');
  assert.deepEqual(schedule.take(0), ['a']);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 100 }, 100);
  assert.deepEqual(schedule.take(101), []);
  schedule.touch(['a'], 106);
  assert.deepEqual(schedule.take(106), ['a']);
});

test('a rule that samples touch all the time takes a twentieth of it', () => {
  for (const took of [1, 10, 100]) {
    const share = (countWhileBusy(scheduleOf('a'), took, 100_000) * took) / 100_000;
    assert.ok(share > 0.045 && share < 0.06, `${took} ms each: ${share}`);
  }
});

test('no rest is longer than the interval, however dear the rule', () => {
  const schedule = scheduleOf('a');
  schedule.take(0);
  schedule.touch(['a'], 5_000);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 60_000 }, 60_000);
  assert.equal(schedule.next(), 60_000 + EVERY);
});

test('rules that are judged together do not pay for the time they waited for each other', () => {
  const names = Array.from({ length: 100 }, (_, index) => `r${index}`);
  const schedule = scheduleOf(...names);
  assert.equal(schedule.take(0).length, 100);
  for (const name of names) schedule.finish(name, { outcome: 'done', every: EVERY, took: 2_000 }, 2_000);
  schedule.touch(['r0'], 2_010);
  assert.deepEqual(schedule.take(2_010), ['r0']);
});

test('a sample that arrives during a judgement leads to another one', () => {
  const schedule = scheduleOf('a');
  schedule.take(0);
  schedule.touch(['a'], 1);
  assert.deepEqual(schedule.take(2), []);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 3 }, 3);
  assert.equal(schedule.next(), 8);
});

test('a removed rule is judged until its alerts have ended', () => {
  const schedule = scheduleOf();
  schedule.replace(settingsWith(), ['gone'], 0);
  assert.deepEqual(schedule.take(0), ['gone']);
  schedule.finish('gone', { outcome: 'stale', every: null, took: 1 }, 1);
  assert.deepEqual(schedule.take(6), ['gone']);
  schedule.finish('gone', { outcome: 'done', every: null, took: 1 }, 7);
  assert.equal(schedule.next(), null);
});

test('a rule that was taken away and given back while it was judged is judged again, and so is one that was changed', () => {
  const schedule = scheduleOf('a');
  schedule.take(0);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 0 }, 0);
  schedule.replace(settingsWith(), ['a'], 1);
  assert.deepEqual(schedule.take(1), ['a']);
  schedule.replace(settingsWith('a'), [], 2);
  schedule.finish('a', { outcome: 'done', every: null, took: 1 }, 3);
  assert.deepEqual(schedule.take(3 + 5), ['a']);
  schedule.replace(settingsWith('a'), [], 9);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 1 }, 10);
  assert.deepEqual(schedule.take(10 + 5), ['a']);
});

test('a clock that is set back stops no judging', () => {
  const schedule = scheduleOf('a');
  const late = 3_600_000;
  schedule.take(late);
  schedule.finish('a', { outcome: 'done', every: EVERY, took: 10 }, late + 10);
  assert.deepEqual(schedule.take(20), []);
  assert.deepEqual(schedule.take(20 + EVERY), ['a']);
});
