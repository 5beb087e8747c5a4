import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../alerts/alert.ts';
import { HOUR, MINUTE, NEVER, SECOND } from '../base/time.ts';
import { decideNotify, withMember } from './decide.ts';
import type { Group } from './group.ts';

const timing = { groupWait: 30 * SECOND, groupInterval: 5 * MINUTE, repeatInterval: 4 * HOUR };
const empty: Group = { id: 'g', route: '0', channel: 'ops', labels: {}, openedAt: 0, toldAt: null, members: [] };

function alert(id: string, state: Alert['state'], severity: Alert['severity'] = 'warning'): Alert {
  const none = {
    firedAt: 0,
    resolvedAt: null,
    recoveringSince: null,
    silentSince: null,
    endsAt: null,
    acknowledged: null,
    rule: null,
    value: null,
  };
  return {
    ...none,
    id,
    fingerprint: id,
    labels: { alertname: id },
    annotations: {},
    state,
    severity,
    activeAt: 0,
    levels: {},
    generatorUrl: '',
    updatedAt: 0,
  };
}

function mapOf(...alerts: Alert[]): Map<string, Alert> {
  return new Map(alerts.map((item) => [item.id, item]));
}

const one = withMember(empty, 'a');

test('the first message waits for others of the group', () => {
  const early = decideNotify(one, mapOf(alert('a', 'firing')), timing, 10 * SECOND);
  assert.equal(early.speak, null);
  assert.equal(early.wakeAt, 30 * SECOND);
  const due = decideNotify(one, mapOf(alert('a', 'firing')), timing, 30 * SECOND);
  assert.equal(due.speak?.reason, 'first');
  assert.equal(due.wakeAt, 30 * SECOND + 4 * HOUR);
  assert.deepEqual(due.group?.members, [{ alert: 'a', told: 'firing', severity: 'warning' }]);
});

test('an alert that came and went unheard is not worth a message', () => {
  const decision = decideNotify(one, mapOf(alert('a', 'resolved')), timing, 30 * SECOND);
  assert.deepEqual([decision.group, decision.speak, decision.wakeAt], [null, null, NEVER]);
});

const told: Group = { ...empty, toldAt: 0, members: [{ alert: 'a', told: 'firing', severity: 'warning' }] };

test('who was told that it fires is told that it resolved, and then the group is over', () => {
  const wait = decideNotify(told, mapOf(alert('a', 'resolved')), timing, MINUTE);
  assert.deepEqual([wait.speak, wait.wakeAt], [null, 5 * MINUTE]);
  const due = decideNotify(told, mapOf(alert('a', 'resolved')), timing, 5 * MINUTE);
  assert.equal(due.speak?.reason, 'resolved');
  assert.deepEqual(
    due.speak?.resolved.map((item) => item.id),
    ['a'],
  );
  assert.equal(due.group, null);
});

test('new, worse and partly resolved alerts are told after the interval; nothing new after the repeat interval', () => {
  const at = 6 * MINUTE;
  const both = withMember(told, 'b');
  assert.equal(decideNotify(both, mapOf(alert('a', 'firing'), alert('b', 'firing')), timing, at).speak?.reason, 'new alerts');
  assert.equal(decideNotify(told, mapOf(alert('a', 'firing', 'critical')), timing, at).speak?.reason, 'worse');
  assert.equal(decideNotify(told, mapOf(alert('a', 'firing', 'notice')), timing, at).speak, null);
  const two: Group = { ...told, members: [...told.members, { alert: 'b', told: 'firing', severity: 'warning' }] };
  const partly = decideNotify(two, mapOf(alert('a', 'firing'), alert('b', 'resolved')), timing, at);
  assert.equal(partly.speak?.reason, 'some resolved');
  assert.deepEqual(
    partly.group?.members.map((member) => member.alert),
    ['a'],
  );
  const quiet = decideNotify(told, mapOf(alert('a', 'firing')), timing, at);
  assert.deepEqual([quiet.speak, quiet.wakeAt], [null, 4 * HOUR]);
  assert.equal(decideNotify(told, mapOf(alert('a', 'firing')), timing, 4 * HOUR).speak?.reason, 'repeat');
});

test('what one message cannot hold is told after the interval: everybody of a great group, firing and resolved', () => {
  const many = Array.from({ length: 450 }, (_, index) => alert(`a${index}`, 'firing'));
  let group: Group | null = many.reduce((grown, item) => withMember(grown, item.id), empty);
  const fired: string[] = [];
  let now = 30 * SECOND;
  for (let round = 0; round < 3; round += 1) {
    const decision = decideNotify(group ?? empty, mapOf(...many), timing, now);
    fired.push(...(decision.speak?.firing.slice(0, 200) ?? []).map((item) => item.id));
    group = decision.group;
    assert.equal(decision.wakeAt, round < 2 ? now + timing.groupInterval : now + timing.repeatInterval);
    now = decision.wakeAt;
  }
  assert.equal(new Set(fired).size, 450);
  const ended = many.map((item): Alert => ({ ...item, state: 'resolved' }));
  const resolved: string[] = [];
  while (group !== null) {
    const decision = decideNotify(group, mapOf(...ended), timing, now);
    resolved.push(...(decision.speak?.resolved ?? []).map((item) => item.id));
    group = decision.group;
    now = decision.wakeAt;
  }
  assert.deepEqual([resolved.length, new Set(resolved).size], [450, 450]);
});
