import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Alert } from '../alerts/alert.ts';
import type { Message, MessageBody } from './group.ts';
import { composeMail } from './mail-body.ts';
import { countThatFit } from './count-that-fit.ts';
import { describeGroup } from './webhook-body.ts';

const alert: Alert = {
  id: 'a-1',
  fingerprint: 'a',
  rule: 'DiskFailed',
  labels: { alertname: 'DiskFailed', instance: 'web-1' },
  annotations: { summary: 'sda is broken' },
  state: 'firing',
  severity: 'warning',
  value: 1,
  activeAt: 0,
  firedAt: 0,
  resolvedAt: null,
  levels: {},
  recoveringSince: null,
  silentSince: null,
  endsAt: null,
  generatorUrl: '',
  acknowledged: null,
  updatedAt: 0,
};
const group = { id: 'g', route: '0', channel: 'ops', labels: { alertname: 'DiskFailed' }, openedAt: 0, toldAt: 0, members: [] };
const context = { externalUrl: 'https://t.example.com', advise: () => ({ recommendation: 'Replace the disk (team:storage)' }) };

function messageOf(body: MessageBody): Message {
  const none = { sentAt: null, leaseUntil: null, error: null };
  return {
    ...none,
    id: 'm',
    channel: 'ops',
    group: 'g',
    reason: 'first',
    status: 'firing',
    alerts: [],
    body,
    state: 'owed',
    attempts: 0,
    createdAt: 0,
  };
}

test('a message says what to do where a recommendation fits', () => {
  const body = describeGroup(group, { firing: [alert], resolved: [], more: 0 }, context);
  assert.equal(body.webhook?.alerts[0]?.annotations['recommendation'], 'Replace the disk (team:storage)');
  assert.equal(body.subject, '[warning] DiskFailed on web-1');
  assert.equal(body.link, 'https://t.example.com/alerts/a-1');
});

test('who was told of a critical alert hears that the critical alert resolved', () => {
  const members = [{ alert: 'a-1', told: 'firing', severity: 'critical' }] as const;
  const resolved: Alert = { ...alert, state: 'resolved', resolvedAt: 5000 };
  const body = describeGroup({ ...group, members }, { firing: [], resolved: [resolved], more: 0 }, context);
  assert.equal(body.webhook?.alerts[0]?.labels['severity'], 'critical');
  assert.equal(body.webhook?.alerts[0]?.endsAt, '1970-01-01T00:00:05.000Z');
  assert.equal(body.webhook?.status, 'resolved');
});

test('the alerts that are left for the next message are counted', () => {
  const body = describeGroup(group, { firing: [alert], resolved: [], more: 50 }, context);
  assert.deepEqual([body.webhook?.alerts.length, body.webhook?.truncatedAlerts], [1, 50]);
  assert.equal(body.subject, '[warning] DiskFailed on web-1 (1 firing, 0 resolved, 50 more)');
});

test('a message stays small enough for any receiver, however much an alert says, and still says something of the first', () => {
  const huge = { ...alert, annotations: Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`a${index}`, 'x'.repeat(10_000)])) };
  const many = Array.from({ length: 100 }, (_, index) => ({ ...huge, id: `a-${index}` }));
  const fitting = many.slice(0, countThatFit(many));
  const body = describeGroup(group, { firing: fitting, resolved: [], more: many.length - fitting.length }, context);
  assert.deepEqual([body.webhook?.alerts.length, body.webhook?.truncatedAlerts], [1, 99]);
  const mail = composeMail(messageOf(body));
  assert.ok(mail.text.length < 200_000 && mail.html.length < 300_000, `${mail.text.length} and ${mail.html.length}`);
  assert.match(mail.text, /and 99 more/);
  const named = describeGroup(group, { firing: [{ ...alert, labels: { alertname: 'n'.repeat(10_000) } }], resolved: [], more: 0 }, context);
  assert.ok(named.subject.length < 500);
});

test('quotes, newlines and emoji stay what they are, and break neither the body nor the head of a mail', () => {
  const summary = '"it\'s" \\ 100 % 🔥\r\nBcc: everybody@example.com\n\u2028<b>\ud83d';
  const strange = { ...alert, labels: { alertname: summary, instance: summary }, annotations: { summary } };
  const body = describeGroup(group, { firing: [strange], resolved: [], more: 0 }, context);
  assert.equal(JSON.parse(JSON.stringify(body)).webhook.alerts[0].annotations.summary, summary);
  const mail = composeMail(messageOf(body));
  assert.doesNotMatch(mail.subject, /[\r\n]/);
  assert.ok(mail.text.includes(summary));
  assert.ok(!mail.html.includes('<b>') && mail.html.includes('&lt;b&gt;'));
});
