import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpOutcome } from '../http.ts';
import { decideDelivery } from './delivery.ts';

const answer = (status: number, headers: Record<string, string> = {}, body = ''): HttpOutcome => ({
  kind: 'answered',
  status,
  headers,
  body: Buffer.from(body),
});
const at = { now: 0, failures: 0, fraction: 0.5 };

test('success, refusal for good, and what is only a matter of time', () => {
  for (const status of [200, 204]) assert.deepEqual(decideDelivery(answer(status), at), { kind: 'delivered' });
  for (const status of [400, 409, 413, 422]) assert.equal(decideDelivery(answer(status), at).kind, 'refused');
  for (const status of [307, 401, 403, 404, 408, 429, 500, 502, 503, 504]) assert.equal(decideDelivery(answer(status), at).kind, 'again');
  assert.equal(decideDelivery(answer(415), at).kind, 'encoding');
  assert.deepEqual(decideDelivery({ kind: 'failed', reason: 'connect ECONNREFUSED', code: 'ECONNREFUSED' }, at), {
    kind: 'again',
    after: 500,
    why: 'connect ECONNREFUSED',
  });
  assert.deepEqual(decideDelivery(answer(400, {}, ' too old \n'), at), { kind: 'refused', why: 'answer 400: too old' });
});

test('pauses double up to half a minute, spread by half to both sides', () => {
  const after = (failures: number, fraction: number): number => {
    const delivery = decideDelivery(answer(503), { now: 0, failures, fraction });
    return delivery.kind === 'again' ? delivery.after : -1;
  };
  assert.deepEqual(
    [0, 1, 2, 3].map((failures) => after(failures, 0.5)),
    [500, 1_000, 2_000, 4_000],
  );
  assert.equal(after(1_000, 0.5), 30_000);
  assert.equal(after(1_000, 0), 15_000);
  assert.ok(after(1_000, 0.999) < 45_000);
});

test('Retry-After in seconds or as a date is heeded, within reason', () => {
  const after = (text: string): number => {
    const delivery = decideDelivery(answer(429, { 'retry-after': text }), at);
    return delivery.kind === 'again' ? delivery.after : -1;
  };
  assert.equal(after('7'), 7_000);
  assert.equal(after('Thu, 01 Jan 1970 00:00:09 GMT'), 9_000);
  assert.equal(after('86400'), 300_000);
  assert.equal(after('soon'), 500);
  assert.equal(after('0'), 500);
});
