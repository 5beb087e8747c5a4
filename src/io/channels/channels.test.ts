import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';
import type { Alert } from '../../core/alerts/alert.ts';
import { parseConfig } from '../../core/config/parse-config.ts';
import type { SecretRef } from '../../core/config/secret-ref.ts';
import type { EmailChannel, WebhookChannel } from '../../core/config/settings.ts';
import type { Message } from '../../core/notify/group.ts';
import { describeGroup } from '../../core/notify/webhook-body.ts';
import { openHttpClient } from '../http.ts';
import { sendEmail } from './email.ts';
import { sendThrough } from './send.ts';
import { sendWebhook } from './webhook.ts';

const NOW = Date.UTC(2026, 0, 1);
const http = openHttpClient();
const closing: (() => void)[] = [() => http.close()];
after(() => {
  for (const close of closing) close();
});

const hostile = `x' "quoted" <img src=x onerror=alert(1)>\nsecond line 🔔 \\ {{ .Labels }}`;
const alert: Alert = {
  id: 'a-1',
  fingerprint: 'a',
  rule: 'DiskFull',
  labels: { alertname: 'DiskFull', instance: 'web-1', path: hostile },
  annotations: { summary: hostile },
  state: 'firing',
  severity: 'critical',
  value: 97,
  activeAt: NOW,
  firedAt: NOW,
  resolvedAt: null,
  levels: {},
  recoveringSince: null,
  silentSince: null,
  endsAt: null,
  generatorUrl: '',
  acknowledged: null,
  updatedAt: NOW,
};
const group = { id: 'g-1', route: '0', channel: 'ops', labels: { alertname: 'DiskFull' }, openedAt: NOW, toldAt: null, members: [] };

function message(alerts: readonly Alert[] = [alert]): Message {
  const firing = alerts.filter((item) => item.state === 'firing');
  const resolved = alerts.filter((item) => item.state === 'resolved');
  const body = describeGroup(group, { firing, resolved, more: 0 }, { externalUrl: 'https://tocsin.example.com', advise: () => ({}) });
  return {
    id: 'm-1',
    channel: 'ops',
    group: 'g-1',
    reason: 'first',
    status: firing.length > 0 ? 'firing' : 'resolved',
    alerts: alerts.map((item) => item.id),
    body,
    state: 'sending',
    attempts: 1,
    createdAt: NOW,
    sentAt: null,
    leaseUntil: null,
    error: null,
  };
}

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server that answers with these statuses in turn and keeps what it got. */
async function receiver(
  ...answers: readonly (readonly [number, Record<string, string>])[]
): Promise<{ readonly url: string; readonly got: Received[] }> {
  const got: Received[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [status, headers] = answers[Math.min(got.length, answers.length - 1)] ?? [200, {}];
      got.push({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
      response.writeHead(status, headers).end(status >= 400 ? 'no\nthanks' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, got };
}

function webhook(url: string, over: Partial<WebhookChannel> = {}): WebhookChannel {
  const source = { file: null, line: 0 };
  return {
    type: 'webhook',
    name: 'ops',
    url: literal(url),
    secret: literal('s3cret'),
    bearer: null,
    timeout: 2000,
    maxAlerts: 0,
    sendResolved: true,
    source,
    ...over,
  };
}

function literal(value: string): SecretRef {
  return { kind: 'literal', value };
}

const doors = {
  http,
  now: () => NOW,
  permits: null,
  resolve: async (secret: SecretRef) => (secret.kind === 'literal' ? secret.value : ''),
};

test("a webhook gets Alertmanager's version 4, signed over exactly the bytes it got", async () => {
  const { url, got } = await receiver([200, {}]);
  assert.deepEqual(await sendWebhook(webhook(url), message(), doors), { result: 'sent' });
  const [request] = got;
  assert.equal(
    request?.headers['x-tocsin-signature'],
    `v1=${createHmac('sha256', 's3cret')
      .update(request?.body ?? '')
      .digest('hex')}`,
  );
  assert.equal(request?.headers['x-tocsin-message-id'], 'm-1');
  const body = JSON.parse(request?.body ?? '{}');
  assert.equal(body.version, '4');
  assert.equal(body.status, 'firing');
  assert.equal(body.alerts[0].labels.severity, 'critical');
  assert.equal(body.alerts[0].labels.path, hostile);
  assert.equal(body.alerts[0].endsAt, '0001-01-01T00:00:00Z');
  assert.equal(body.commonLabels.instance, 'web-1');
});

test('429 delays and loses nothing: the receiver says when', async () => {
  const { url } = await receiver([429, { 'retry-after': '7' }], [503, { 'retry-after': new Date(NOW + 9000).toUTCString() }], [400, {}]);
  assert.deepEqual(await sendWebhook(webhook(url), message(), doors), {
    result: 'retry',
    error: 'answered 429: no thanks',
    at: NOW + 7000,
  });
  assert.deepEqual(await sendWebhook(webhook(url), message(), doors), {
    result: 'retry',
    error: 'answered 503: no thanks',
    at: NOW + 9000,
  });
  assert.deepEqual(await sendWebhook(webhook(url), message(), doors), { result: 'failed', error: 'answered 400: no thanks' });
});

test('a receiver that is not there is tried again', async () => {
  const outcome = await sendWebhook(webhook('http://127.0.0.1:1/hook'), message(), doors);
  assert.equal(outcome.result, 'retry');
});

test('more alerts than the channel takes are counted', async () => {
  const { url, got } = await receiver([200, {}]);
  const many = Array.from({ length: 5 }, (_, index) => ({ ...alert, id: `a-${index}` }));
  await sendWebhook(webhook(url, { maxAlerts: 2 }), message(many), doors);
  const body = JSON.parse(got[0]?.body ?? '{}');
  assert.deepEqual([body.alerts.length, body.truncatedAlerts], [2, 3]);
});

interface Mailbox {
  readonly port: number;
  mails(): Promise<{ readonly mail: Email; readonly to: string[] }[]>;
}

/** A real SMTP server; it refuses recipients named `nobody`, and wants the password `right` where it wants one. */
async function mailServer(options: { readonly auth?: boolean; readonly refuseText?: string } = {}): Promise<Mailbox> {
  const received: { readonly raw: Buffer; readonly to: string[] }[] = [];
  const server = new SMTPServer({
    authOptional: options.auth !== true,
    disabledCommands: options.auth === true ? [] : ['AUTH'],
    allowInsecureAuth: true,
    hideSTARTTLS: true,
    logger: false,
    onAuth: (auth, _session, done) => (auth.password === 'right' ? done(null, { user: 'x' }) : done(new Error('Invalid password'))),
    onRcptTo: (address, _session, done) => {
      const refusal = Object.assign(new Error('no such mailbox'), { responseCode: 550 });
      done(address.address.startsWith('nobody') ? refusal : null);
    },
    onData: (stream, session, done) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (options.refuseText !== undefined) return done(Object.assign(new Error(options.refuseText), { responseCode: 554 }));
        received.push({ raw: Buffer.concat(chunks), to: session.envelope.rcptTo.map((recipient) => recipient.address) });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const mails = () => Promise.all(received.map(async ({ raw, to }) => ({ mail: await PostalMime.parse(raw), to })));
  return { port: (server.server.address() as AddressInfo).port, mails };
}

function email(port: number, over: Partial<EmailChannel> = {}): EmailChannel {
  const smtp = { host: '127.0.0.1', port, security: 'none', user: null, password: null, insecure: false } as const;
  return {
    type: 'email',
    name: 'ops',
    to: ['a@example.com', 'b@example.com'],
    from: 'tocsin@example.com',
    smtp,
    sendResolved: true,
    source: { file: null, line: 0 },
    ...over,
  };
}

test('a mail reaches all recipients, readable as text, harmless as HTML, in one thread per group', async () => {
  const { port, mails } = await mailServer();
  assert.deepEqual(await sendEmail(email(port), { message: message(), personal: null }, doors), { result: 'sent' });
  const [received] = await mails();
  assert.deepEqual(received?.to, ['a@example.com', 'b@example.com']);
  assert.equal(received?.mail.subject, '[critical] DiskFull on web-1');
  assert.match(received?.mail.text ?? '', /second line 🔔/);
  assert.ok(!(received?.mail.html ?? '').includes('<img'));
  assert.match(received?.mail.html ?? '', /&lt;img src=x onerror=alert\(1\)&gt;/);
  assert.equal(received?.mail.messageId, '<m-1@example.com>');
  assert.equal(received?.mail.inReplyTo, '<g-1@example.com>');
  assert.equal(received?.mail.headers.find((header) => header.key === 'auto-submitted')?.value, 'auto-generated');
});

test('a wrong password is tried again, because the configuration can be mended', async () => {
  const { port, mails } = await mailServer({ auth: true });
  const smtp = { host: '127.0.0.1', port, security: 'none', user: 'x', password: literal('wrong'), insecure: false } as const;
  assert.equal((await sendEmail(email(port, { smtp }), { message: message(), personal: null }, doors)).result, 'retry');
  assert.deepEqual(
    await sendEmail(email(port, { smtp: { ...smtp, password: literal('right') } }), { message: message(), personal: null }, doors),
    { result: 'sent' },
  );
  assert.equal((await mails()).length, 1);
});

test('a mail that nobody may get is given up, with the reason', async () => {
  const { port } = await mailServer();
  const outcome = await sendEmail(email(port, { to: ['nobody@example.com'] }), { message: message(), personal: null }, doors);
  assert.equal(outcome.result, 'failed');
  assert.match('error' in outcome ? outcome.error : '', /no such mailbox/);
});

test('without TLS nothing is sent where TLS is asked for', async () => {
  const { port, mails } = await mailServer();
  const smtp = { host: '127.0.0.1', port, security: 'starttls', user: null, password: null, insecure: false } as const;
  assert.equal((await sendEmail(email(port, { smtp }), { message: message(), personal: null }, doors)).result, 'retry');
  assert.equal((await mails()).length, 0);
});

test('what asks one person goes to that person only, with a link for each decision', async () => {
  const { port, mails } = await mailServer();
  const links = { approve: 'https://tocsin.example.com/decide/1.a&b', reject: 'https://tocsin.example.com/decide/1.r' };
  const asking = { ...message(), group: null };
  assert.deepEqual(await sendEmail(email(port), { message: asking, personal: { address: 'alice@example.com', links } }, doors), {
    result: 'sent',
  });
  assert.deepEqual(await sendEmail(email(port), { message: asking, personal: { address: 'bob@example.com', links: null } }, doors), {
    result: 'sent',
  });
  const [alice, bob] = await mails();
  assert.deepEqual([alice?.to, bob?.to], [['alice@example.com'], ['bob@example.com']]);
  assert.match(alice?.mail.text ?? '', /^Approve: https:\/\/tocsin\.example\.com\/decide\/1\.a&b$/m);
  assert.match(alice?.mail.text ?? '', /^Reject: https:\/\/tocsin\.example\.com\/decide\/1\.r$/m);
  assert.match(alice?.mail.html ?? '', /<a href="https:\/\/tocsin\.example\.com\/decide\/1\.a&amp;b"/);
  assert.doesNotMatch(`${bob?.mail.text}${bob?.mail.html}`, /decide/);
});

test('a link for one person never goes through a channel that several read', async () => {
  const { url, got } = await receiver([200, {}]);
  const { value } = parseConfig(
    [{ path: 'f', text: `channels: { ops: { type: webhook, url: "${url}" }, log: { type: none } }\nroute: { channel: ops }` }],
    {
      builtIn: null,
    },
  );
  assert.ok(value !== null);
  const send = sendThrough(() => value, doors);
  const personal = { address: 'alice@example.com', links: { approve: 'https://x/decide/1', reject: 'https://x/decide/2' } };
  for (const channel of ['ops', 'log']) {
    assert.deepEqual(await send(channel, message(), personal), { result: 'failed', error: `${channel} is no channel of type email` });
  }
  assert.equal(got.length, 0);
});

test('a webhook is told where one signs in to decide, and gets no link that decides', async () => {
  const { url, got } = await receiver([200, {}]);
  const body = { subject: 's', text: 't', link: 'https://tocsin.example.com/approvals', webhook: null };
  await sendWebhook(webhook(url), { ...message(), reason: 'approval', body }, doors);
  assert.deepEqual(JSON.parse(got[0]?.body ?? ''), { kind: 'approval', subject: 's', text: 't', link: body.link, decide_url: body.link });
});

test('a mail server that quotes a link brings it into no record', async () => {
  const { port } = await mailServer({ refuseText: 'blocked: https://x/decide/1.secret is on a list' });
  const personal = { address: 'alice@example.com', links: { approve: 'https://x/decide/1.secret', reject: 'https://x/decide/2' } };
  const outcome = await sendEmail(email(port), { message: message(), personal }, doors);
  assert.equal(outcome.result, 'failed');
  assert.match('error' in outcome ? outcome.error : '', /blocked: https:\/\/x\/decide\/\*\*\* is on a list/);
});
