import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatProblem } from '../base/problem.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../base/time.ts';
import { parseConfig } from './parse-config.ts';
import type { Settings } from './settings.ts';

/** The problems of one file, without its name. */
function problems(text: string): string[] {
  const { value, problems: found } = parseConfig([{ path: 'f', text }], { builtIn: null });
  assert.equal(value === null, found.length > 0);
  return found.map((problem) => formatProblem(problem).replace(/^f:/, ''));
}

function settings(text: string): Settings {
  const { value, problems: found } = parseConfig([{ path: 'tocsin.yml', text }], { builtIn: null });
  assert.deepEqual(found.map(formatProblem), []);
  assert.ok(value !== null);
  return value;
}

test('server and storage', () => {
  const { server, series, keepHistory } = settings(`
server: { listen: "[::1]:9000", external_url: "https://t.example.com/x/", tls: { cert: a.pem, key: b.pem }, anonymous: viewer, allow_private_targets: false, max_connections: 500, cors_origins: ["https://grafana.example.com"] }
storage: { state: sqlite, sync: full, keep_history: 30d, series: { kind: embedded, tiers: [{ every: raw, keep: 7d }], max_series: 5000, max_series_per_source: 70, out_of_order_window: 10m, flush_samples: 1000, exemplars: 50 } }
`);
  assert.deepEqual(server, {
    listen: { host: '::1', port: 9000 },
    externalUrl: 'https://t.example.com/x',
    tls: { cert: 'a.pem', key: 'b.pem' },
    anonymous: 'viewer',
    anonymousAnywhere: false,
    allowPrivateTargets: false,
    maxConnections: 500,
    corsOrigins: ['https://grafana.example.com'],
  });
  assert.deepEqual(series, {
    keep: 7 * DAY,
    tiers: [],
    maxBytes: null,
    keepMatching: [],
    holds: [],
    maxSeries: 5_000,
    maxSeriesPerSource: 70,
    outOfOrderWindow: 10 * MINUTE,
    minFree: null,
    cold: null,
    flushSamples: 1_000,
    exemplars: 50,
    sync: 'full',
    remote: null,
  });
  assert.equal(keepHistory, 30 * DAY);
  assert.equal(settings('storage: { series: { keep: 2h } }').series.keep, 2 * HOUR);
  assert.match(problems('server: { cors_origins: ["*"] }')[0] ?? '', /expected an origin such as/);
  assert.match(problems('server: { cors_origins: ["https://grafana.example.com/x"] }')[0] ?? '', /expected an origin such as/);
  assert.match(problems('server: { listen: "0.0.0.0:80", anonymous: admin }')[0] ?? '', /anonymous_anywhere/);
  assert.equal(settings('server: { listen: "0.0.0.0:80", anonymous: admin, anonymous_anywhere: true }').server.anonymous, 'admin');
  assert.equal(settings('server: { listen: ":80" }').server.externalUrl, 'http://localhost:80');
  assert.equal(settings('server: { tls: { cert: a, key: b } }').server.externalUrl, 'https://127.0.0.1:4780');
  assert.match(problems('server: { listen: "host" }')[0] ?? '', /HOST:PORT/);
  assert.match(problems('server: { external_url: "tocsin.example.com" }')[0] ?? '', /web address/);
});

test('holds: series and days that nothing deletes', () => {
  const given = (text: string): string => `storage: { series: { holds: [${text}] } }`;
  const { holds } = settings(
    given(`{ name: case-1, match: 'x{job="a"}', from: '2026-01-01', to: '2026-01-31', reason: a case }, { name: b, match: up }`),
  ).series;
  assert.deepEqual(
    holds.map(({ name, match, from, to, reason, since }) => [name, match, from, to, reason, since]),
    [
      ['case-1', ['x{job="a"}'], Date.UTC(2026, 0, 1), Date.UTC(2026, 1, 1) - 1, 'a case', null],
      ['b', ['up'], Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, '', null],
    ],
  );
  for (const [text, why] of [
    ['{ name: a, match: "x{" }', /holds\[0\]\.match: parse error/],
    ['{ name: a, match: \'{job=~".*"}\' }', /holds\[0\]\.match: .*(selects everything|at least one)/],
    ['{ name: a, match: up }, { name: a, match: x }', /holds\[1\]\.name: there is another hold a/],
    ['{ name: a, match: up, from: yesterday }', /holds\[0\]\.from: expected a day/],
    ["{ name: a, match: up, from: '2026-02-01', to: '2026-01-01' }", /holds\[0\]\.to: is before from/],
    ['{ name: "a b", match: up }', /holds\[0\]\.name: expected letters/],
  ] as const)
    assert.match(problems(given(text))[0] ?? '', why, text);
});

test('tiers: from fine to coarse, each kept longer', () => {
  const given = (text: string): string => `storage: { series: { tiers: [${text}] } }`;
  const raw = '{ every: raw, keep: 15d }';
  const { series } = settings(given(`${raw}, { every: 5m, keep: 90d }, { every: 1h, keep: 2y }, { every: 1d, keep: 10y }`));
  assert.equal(series.keep, 15 * DAY);
  assert.deepEqual(series.tiers, [
    { every: 5 * MINUTE, keep: 90 * DAY },
    { every: HOUR, keep: 730 * DAY },
    { every: DAY, keep: 3_650 * DAY },
  ]);
  const five = `{ every: raw, keep: 1d }, { every: 5m, keep: 7d }, { every: 1h, keep: 90d }, { every: 1d, keep: 1y }, { every: 30d, keep: 10y }`;
  assert.deepEqual(
    settings(given(five)).series.tiers.map(({ every, keep }) => [every / MINUTE, keep / DAY]),
    [
      [5, 7],
      [60, 90],
      [1_440, 365],
      [43_200, 3_650],
    ],
  );
  assert.equal(settings('storage: { series: { max_bytes: 10GiB } }').series.maxBytes, 10 * 2 ** 30);
  const kept = settings(`storage: { series: { keep_matching: [{ match: 'x{job="a"}', keep: 3d }] } }`).series.keepMatching;
  assert.deepEqual(kept[0]?.keep, 3 * DAY);
  assert.deepEqual(kept[0]?.matchers.map(({ name, op, value }) => `${name}${op}${value}`).sort(), ['__name__=x', 'job=a']);
  assert.match(
    problems('storage: { series: { keep_matching: [{ match: "x{", keep: 3d }] } }')[0] ?? '',
    /keep_matching\[0\]\.match: parse error/,
  );
  for (const [text, why] of [
    ['{ every: 5m, keep: 90d }', /storage\.series\.tiers: expected the samples first/],
    [`${raw}, ${raw}`, /tiers\[1\]\.every: the samples are one tier/],
    [`${raw}, { every: 7m, keep: 90d }`, /tiers\[1\]\.every: a day cannot be divided into pieces of 7m/],
    [`${raw}, { every: 36h, keep: 90d }`, /tiers\[1\]\.every: a day cannot be divided into pieces of 36h/],
    [`${raw}, { every: 1y, keep: 10y }`, /tiers\[1\]\.every: expected 92d at most/],
    [`${raw}, { every: 1d, keep: 20d }, { every: 30d, keep: 10y }`, /tiers\[2\]\.every: the tier before is kept for 20d, too short/],
    [
      `${raw}, { every: 1d, keep: 90d }, { every: 7d, keep: 1y }, { every: 30d, keep: 10y }`,
      /tiers\[3\]\.every: expected a multiple of the tier before/,
    ],
    [`${raw}, { every: 10s, keep: 90d }`, /expected a width of 1m or more such as 5m, found "10s"/],
    [`${raw}, { every: hourly, keep: 90d }`, /expected a width of 1m or more such as 5m, found "hourly"/],
    [
      `${raw}, { every: 1h, keep: 90d }, { every: 5m, keep: 1y }`,
      /tiers\[2\]\.every: expected a multiple of the tier before, 1h, found 5m/,
    ],
    [`${raw}, { every: 5m, keep: 15d }`, /tiers\[1\]\.keep: a coarser tier is kept longer than the one before, which is kept for 15d/],
    ['{ every: raw, keep: 2h }, { every: 5m, keep: 15d }', /the samples are kept for 1d at least/],
  ] as const) {
    assert.match(problems(given(text))[0] ?? '', why);
  }
});

test('rules: levels, recovery, labels and what contradicts itself', () => {
  const rule = settings(`
rules:
  queue:
    expr: sum by (queue) (jobs)
    error: { above: 5, below: 10, for: 1m }
    notice: { above: 1 }
    recovery: { below: 1, for: 30s }
    labels: { team: storage, shard: 7 }
    annotations: { summary: "{{ $labels.queue }}" }
    every: 5s
    forget_after: 0
`).rules.get('queue');
  assert.deepEqual(rule, {
    name: 'queue',
    expr: 'sum by (queue) (jobs)',
    levels: [
      { name: 'error', above: 5, below: 10, for: MINUTE },
      { name: 'notice', above: 1, below: null, for: 0 },
    ],
    recovery: { above: null, below: 1, for: 30 * SECOND },
    labels: { team: 'storage', shard: '7' },
    annotations: { summary: '{{ $labels.queue }}' },
    every: 5 * SECOND,
    forgetAfter: 0,
    source: { file: 'tocsin.yml', line: 3 },
  });
  const one = (body: string): string => problems(`rules: { r: { expr: up, ${body} } }`)[0] ?? '';
  assert.match(one('labels: {}'), /needs a level: critical, error, warning or notice/);
  assert.match(one('warning: { above: 70 }, recovery: { below: 80 }'), /recovered and warning at once/);
  assert.match(one('warning: {}, recovery: { below: 80 }'), /overlap/);
  assert.match(one('warning: { above: 9, below: 3 }'), /nothing is above 9 and below 3/);
  assert.match(one('warning: { above: 9 }, recovery: { for: 3m }'), /a recovery needs above or below/);
  assert.match(one('warning: { above: 9 }, labels: { severity: x }'), /set by Tocsin itself/);
  assert.match(one('warning: { above: 9 }, labels: { a-b: x }'), /no label name/);
  assert.match(one('warning: { above: 9, for: 90 }'), /a unit is missing/);
  assert.match(problems('rules: { r: { expr: "up[5m]", warning: {} } }')[0] ?? '', /range vector/);
  assert.match(
    one('warning: {}, annotations: { a: "{{ $labels.x | humanise }}" }'),
    /bad template: function "humanise" not defined \(character 16\)/,
  );
  assert.match(one('warning: {}, annotations: { a: "{{ .Lables.x }}" }'), /bad template: can't evaluate field Lables/);
  assert.match(problems('rules: { "a/b": { expr: up, warning: {} } }')[0] ?? '', /is no name/);
});

test('channels with their defaults', () => {
  const { channels, route } = settings(`
channels:
  mail: { type: email, to: ops@example.com, smtp: { host: mail.example.com, security: tls, password: { env: SMTP } } }
  hook: { type: webhook, url: { file: /run/hook }, secret: { secret: hmac }, timeout: 3s, max_alerts: 5, send_resolved: false }
  quiet: { type: none }
route: { channel: mail }
`);
  assert.deepEqual([...channels.keys()], ['mail', 'hook', 'quiet', 'record']);
  const mail = channels.get('mail');
  assert.ok(mail?.type === 'email');
  assert.deepEqual([mail.to, mail.from, mail.smtp.port, mail.sendResolved], [['ops@example.com'], 'tocsin@mail.example.com', 465, true]);
  const hook = channels.get('hook');
  assert.ok(hook?.type === 'webhook');
  assert.deepEqual(
    [hook.url, hook.secret, hook.timeout, hook.maxAlerts],
    [{ kind: 'file', name: '/run/hook' }, { kind: 'secret', name: 'hmac' }, 3_000, 5],
  );
  assert.equal(route.channel, 'mail');
  const one = (body: string): string => problems(`channels: { c: ${body} }`)[0] ?? '';
  assert.match(one('{ type: webhook }'), /url is missing/);
  assert.match(one('{ url: x }'), /type is missing/);
  assert.match(one('{ type: webhok }'), /did you mean "webhook"/);
  assert.match(one('{ type: webhook, url: "ftp://x" }'), /web address/);
  assert.match(one('{ type: webhook, url: { vault: x } }'), /expected a text, \{ secret: NAME \}/);
  assert.match(one('{ type: email, to: [], smtp: { host: x } }'), /nobody to send to/);
  assert.match(one('{ type: email, to: [nobody], smtp: { host: x } }'), /no mail address/);
});

test('the route is a tree in which what is not said is inherited', () => {
  const { route } = settings(`
channels: { a: { type: none }, b: { type: none } }
route:
  channel: a
  group_by: [alertname]
  group_wait: 10s
  routes:
    - match: 'severity="critical", team=~"x|y"'
      channel: b
      group_by: ['...']
      continue: true
      routes:
        - { match: { team: x }, match_re: { host: 'web.*' }, matchers: ['env!=test'], repeat_interval: 1h }
    - {}
`);
  const [critical, rest] = route.routes;
  const [inner] = critical?.routes ?? [];
  assert.deepEqual(
    [route.id, critical?.id, inner?.id, rest?.id],
    [
      '{}',
      '{}/{severity="critical", team=~"x|y"}',
      '{}/{severity="critical", team=~"x|y"}/{team="x", host=~"web.*", env!="test"}',
      '{}/{}',
    ],
  );
  assert.deepEqual(
    [critical?.channel, critical?.groupBy, critical?.groupWait, critical?.groupInterval, critical?.continue],
    ['b', null, 10_000, 5 * MINUTE, true],
  );
  assert.deepEqual([inner?.channel, inner?.groupBy, inner?.repeatInterval], ['b', null, HOUR]);
  assert.deepEqual(
    inner?.matchers.map(({ name, op, value }) => `${name}${op}${value}`),
    ['team=x', 'host=~web.*', 'env!=test'],
  );
  assert.deepEqual([rest?.channel, rest?.groupBy, rest?.repeatInterval], ['a', ['alertname'], 4 * HOUR]);

  const bad = (text: string): string[] => problems(`channels: { mail: { type: none }, hook: { type: none } }\n${text}`);
  assert.match(bad('')[0] ?? '', /with 2 channels a route must say/);
  assert.match(bad('route: { group_by: [a] }')[0] ?? '', /channel is missing/);
  assert.match(bad('route: { channel: mial }')[0] ?? '', /no channel is called "mial", did you mean "mail"\?/);
  assert.match(bad('route: { channel: mail, routes: [{ channel: hok }] }')[0] ?? '', /2:45: route.routes\[0\].channel: no channel/);
  assert.match(bad('route: { channel: mail, match: "a=b" }')[0] ?? '', /top route takes every alert/);
  assert.match(bad('route: { channel: mail, group_by: ["...", a] }')[0] ?? '', /cannot have company/);
  assert.match(bad('route: { channel: mail, group_interval: 0s }')[0] ?? '', /longer than 0/);
  assert.match(bad('route: { channel: mail, routes: [{ receiver: hook }] }')[0] ?? '', /unknown key "receiver", did you mean "channel"\?/);
});

test('one channel needs no route', () => {
  assert.equal(settings('channels: { mail: { type: none } }').route.channel, 'mail');
});
