import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { encodeWriteRequest } from '../../core/wire/encode-write.ts';
import { crc32c } from '../../core/wire/crc32c.ts';
import { decodeSnappy, encodeSnappy } from '../../core/wire/snappy.ts';
import { readFrames } from '../../../test/doors/chunked-read.ts';
import { bitsOf, readXorChunk } from '../../../test/doors/prometheus-chunk.ts';
import { settingsOf } from '../test-server.test.ts';
import { type ApiFixture, NOW, openApi } from './api-fixture.test.ts';

const at = NOW / 1000;
let api: ApiFixture;

before(async () => {
  const samples = (...values: readonly (number | 'stale')[]) =>
    values.map((value, i) => ({ at: NOW - (values.length - i) * 10_000, value }));
  api = await openApi([
    { labels: { __name__: 'load', host: 'b' }, samples: samples(1, 2) },
    { labels: { __name__: 'load', host: 'a', instance: 'i:1' }, samples: samples(3, 1_234_567) },
    { labels: { __name__: 'gone', host: 'a' }, samples: samples(1, 'stale') },
    { labels: { __name__: 'old' }, samples: [{ at: NOW - 300_000, value: 1 }] },
    { labels: { __name__: 'my.metric', 'a b': 'x"y\\z\n' }, samples: samples(Number.NaN) },
  ]);
});
after(() => api.close());

const data = async (url: string): Promise<unknown> => {
  const answer = await api.get(url);
  assert.equal(answer.statusCode, 200, answer.body);
  assert.equal(answer.json().status, 'success');
  return answer.json().data;
};
const refusal = async (url: string, status = 400): Promise<string> => {
  const answer = await api.get(url);
  assert.equal(answer.statusCode, status, answer.body);
  assert.equal(answer.json().status, 'error');
  return `${answer.json().errorType}: ${answer.json().error}`;
};
const encoded = encodeURIComponent;

describe('queries', () => {
  test('say what they took when they are asked', async () => {
    const answer = await api.get(`/api/v1/query?query=load&stats=all&time=${at}`);
    const { stats } = answer.json().data;
    const timings = ['evalTotalTime', 'execQueueTime', 'execTotalTime', 'innerEvalTime', 'queryPreparationTime', 'resultSortTime'];
    assert.deepEqual(Object.keys(stats.timings).sort(), timings);
    assert.ok(stats.timings.execTotalTime > 0 && stats.timings.execTotalTime < 60);
    assert.deepEqual(Object.keys(stats.samples).sort(), ['peakSamples', 'totalQueryableSamples']);
    assert.ok(stats.samples.peakSamples >= 2 && stats.samples.totalQueryableSamples >= 2);
    assert.deepEqual([stats.tiers, answer.headers['x-tocsin-tier']], [['raw'], 'raw']);
    assert.equal((await api.get('/api/v1/query?query=load')).json().data.stats, undefined);
  });

  test('end with what the limit leaves, and say so', async () => {
    const answer = (await api.get(`/api/v1/query?query=load&limit=1&time=${at}`)).json();
    assert.equal(answer.data.result.length, 1);
    assert.deepEqual(answer.warnings, ['results truncated due to limit']);
    assert.equal((await api.get(`/api/v1/query?query=load&limit=2&time=${at}`)).json().warnings, undefined);
  });

  test('look back as far as they are told', async () => {
    assert.deepEqual(await data(`/api/v1/query?query=old&time=${at - 295}&lookback_delta=1s`), { resultType: 'vector', result: [] });
    const found = (await data(`/api/v1/query?query=old&time=${at + 600}&lookback_delta=1h`)) as { result: unknown[] };
    assert.equal(found.result.length, 1);
    const usual = await data(`/api/v1/query?query=load&time=${at}`);
    for (const none of ['0', '0s', '-5']) {
      assert.deepEqual(await data(`/api/v1/query?query=load&time=${at}&lookback_delta=${none}`), usual, none);
    }
    const unread = 'bad_data: error parsing lookback delta duration: cannot parse "soon" to a valid duration';
    assert.equal(await refusal('/api/v1/query?query=old&lookback_delta=soon', 400), unread);
    assert.equal(await refusal('/api/v1/query?query=old&timeout=0', 503), 'timeout: query timed out in expression evaluation');
  });

  test('of a range are a matrix even at one instant, and take no texts and no ranges', async () => {
    const one = (await data(`/api/v1/query_range?query=load&start=${at}&end=${at}&step=15`)) as { resultType: string };
    assert.equal(one.resultType, 'matrix');
    const scalar = await data(`/api/v1/query_range?query=1&start=${at}&end=${at}&step=15`);
    assert.deepEqual(scalar, { resultType: 'matrix', result: [{ metric: {}, values: [[at, '1']] }] });
    for (const [query, type] of [
      ['"x"', 'string'],
      ['load[5m]', 'range vector'],
    ] as const) {
      assert.match(
        await refusal(`/api/v1/query_range?query=${encoded(query)}&start=${at}&end=${at}&step=15`),
        new RegExp(`^bad_data: .*invalid expression type "${type}" for range query, must be Scalar or instant Vector$`),
      );
    }
  });
});

describe('look-ups', () => {
  test('of series are in order, and end where the limit says', async () => {
    const all = [
      { __name__: 'load', host: 'a', instance: 'i:1' },
      { __name__: 'load', host: 'b' },
    ];
    assert.deepEqual(await data('/api/v1/series?match[]=load'), all);
    const cut = (await api.get('/api/v1/label/__name__/values?limit=2')).json();
    assert.deepEqual(cut, { status: 'success', data: ['gone', 'load'], warnings: ['results truncated due to limit'] });
    assert.equal((await api.get('/api/v1/labels?limit=4')).json().warnings, undefined);
  });

  test('say what is wrong in the words of Prometheus', async () => {
    const match = (text: string): Promise<string> => refusal(`/api/v1/series?match[]=${encoded(text)}`);
    assert.equal(await match('{}'), 'bad_data: invalid parameter "match[]": match[] must contain at least one non-empty matcher');
    assert.equal(await match('sum(load)'), 'bad_data: invalid parameter "match[]": 1:4: parse error: unexpected "("');
    assert.equal(await match('load[5m]'), 'bad_data: invalid parameter "match[]": 1:5: parse error: unexpected "["');
    assert.equal(await match('{'), 'bad_data: invalid parameter "match[]": 1:2: parse error: unexpected end of input inside braces');
    assert.equal(
      await refusal('/api/v1/labels?start=x'),
      `bad_data: invalid parameter "start": Invalid time value for 'start': cannot parse "x" to a valid timestamp`,
    );
    assert.equal(await refusal('/api/v1/labels?limit=x'), 'bad_data: invalid parameter "limit": strconv.Atoi: parsing "x": invalid syntax');
    assert.equal(await refusal('/api/v1/labels?limit=-1'), 'bad_data: invalid parameter "limit": limit must be non-negative');
    assert.equal(await refusal('/api/v1/label/U___zz_/values'), 'bad_data: invalid label name: "U___zz_"');
    assert.equal(await refusal('/api/v1/metadata?limit=x'), 'bad_data: limit must be a number');
    assert.equal(
      await refusal('/api/v1/query_exemplars?query=up&start=3&end=2'),
      'bad_data: end timestamp must not be before start timestamp',
    );
    assert.equal(await refusal('/api/v1/query_exemplars?query=lo{'), 'bad_data: 1:4: parse error: unexpected end of input inside braces');
    assert.equal(await refusal('/api/v1/status/tsdb?limit=0'), 'bad_data: limit must be a positive number');
    assert.equal(await refusal('/api/v1/status/tsdb?limit=10001'), 'bad_data: limit must not exceed 10000');
    assert.match(await refusal('/api/v1/format_query?query=sum('), /^bad_data: invalid parameter "query": 1:5: parse error: /);
  });
});

describe('expressions', () => {
  test('long ones are broken into lines', async () => {
    const name = 'a'.repeat(110);
    assert.equal(await data(`/api/v1/format_query?query=sum(${name})by(x)`), `sum by (x) (\n  ${name}\n)`);
  });

  test('are shown as a tree', async () => {
    const query = 'topk by (a) (3, rate(x{y!="z"}[5m] offset 1m @ 7)) > bool on (a) group_left (b) foo';
    const selector = (name: string, more: object = {}): object => ({
      name,
      offset: 0,
      matchers: [{ name: '__name__', value: name, type: '=' }],
      timestamp: null,
      startOrEnd: null,
      anchored: false,
      smoothed: false,
      ...more,
    });
    const matchers = [
      { name: 'y', value: 'z', type: '!=' },
      { name: '__name__', value: 'x', type: '=' },
    ];
    const tree = (await data(`/api/v1/parse_query?query=${encoded(query)}`)) as { lhs: { expr: { args: { matchers: object[] }[] } } };
    const [matrix] = tree.lhs.expr.args;
    assert.deepEqual(new Set(matrix?.matchers), new Set(matchers));
    assert.deepEqual(tree, {
      type: 'binaryExpr',
      op: '>',
      lhs: {
        type: 'aggregation',
        op: 'topk',
        expr: {
          type: 'call',
          func: { name: 'rate', argTypes: ['matrix'], variadic: 0, returnType: 'vector' },
          args: [
            {
              type: 'matrixSelector',
              range: 300_000,
              ...selector('x', { offset: 60_000, timestamp: 7_000, matchers: matrix?.matchers }),
            },
          ],
        },
        param: { type: 'numberLiteral', val: '3' },
        grouping: ['a'],
        without: false,
      },
      rhs: { type: 'vectorSelector', ...selector('foo') },
      matching: { card: 'many-to-one', labels: ['a'], on: true, include: ['b'], fillValues: { lhs: null, rhs: null } },
      bool: true,
    });
  });

  test('of every kind have a place in the tree', async () => {
    const kinds = async (query: string): Promise<string> => {
      const found: string[] = [];
      JSON.stringify(await data(`/api/v1/parse_query?query=${encoded(query)}`), (key, value: unknown) => {
        if (key === 'type' && typeof value === 'string' && /[a-z]/.test(value)) found.push(value);
        return value;
      });
      return [...new Set(found)].sort().join(' ');
    };
    assert.equal(await kinds('-(x)'), 'parenExpr unaryExpr vectorSelector');
    assert.equal(await kinds('max_over_time(x[1h:5m] @ end())'), 'call subquery vectorSelector');
    assert.equal(await kinds('label_replace(x, "a", "b", "c", "d")'), 'call stringLiteral vectorSelector');
    assert.equal(await kinds('1 + 1'), 'binaryExpr numberLiteral');
  });
});

describe('status', () => {
  test('of the store: what is there, counted', async () => {
    const { headStats, ...lists } = (await data('/api/v1/status/tsdb?limit=2')) as Record<string, Record<string, number>>;
    assert.deepEqual(headStats, { numSeries: 5, numLabelPairs: 8, chunkCount: 5, minTime: NOW - 300_000, maxTime: NOW - 10_000 });
    assert.deepEqual(lists, {
      seriesCountByMetricName: [
        { name: 'load', value: 2 },
        { name: 'gone', value: 1 },
      ],
      labelValueCountByLabelName: [
        { name: '__name__', value: 4 },
        { name: 'host', value: 2 },
      ],
      memoryInBytesByLabelName: [
        { name: '__name__', value: 20 },
        { name: 'a b', value: 6 },
      ],
      seriesCountByLabelValuePair: [
        { name: '__name__=load', value: 2 },
        { name: 'host=a', value: 2 },
      ],
    });
  });

  test('of the server, under the names of Prometheus', async () => {
    const names = async (path: string): Promise<string[]> => Object.keys((await data(`/api/v1/${path}`)) as object);
    const runtime =
      'startTime CWD hostname serverTime reloadConfigSuccess lastConfigTime corruptionCount goroutineCount GOMAXPROCS GOMEMLIMIT';
    assert.deepEqual(await names('status/runtimeinfo'), `${runtime} GOGC GODEBUG storageRetention`.split(' '));
    const flags = (await data('/api/v1/status/flags')) as Record<string, string>;
    assert.deepEqual([flags['query.lookback-delta'], flags['query.timeout'], flags['query.max-samples']], ['5m', '2m', '50000000']);
    assert.match(
      ((await data('/api/v1/status/config')) as { yaml: string }).yaml,
      /^server:\n  listen: "127\.0\.0\.1:4780"\n[^]*keep: 15d\n/,
    );
    assert.deepEqual(await names('status/walreplay'), ['min', 'max', 'current']);
    assert.deepEqual(await data('/api/v1/status/tsdb/blocks'), { blocks: [] });
    assert.deepEqual(await data('/api/v1/alertmanagers'), { activeAlertmanagers: [], droppedAlertmanagers: [] });
    assert.deepEqual(await data('/api/v1/notifications'), []);
    const features = (await data('/api/v1/features')) as Record<string, Record<string, boolean>>;
    assert.equal(features['promql_functions']?.['rate'], true);
    assert.equal(features['promql_operators']?.['topk'], true);
  });

  test('of itself: what /metrics says, as families', async () => {
    await api.get('/api/v1/query?query=up');
    const pattern = encoded('tocsin_(queries|nothing)_.*');
    const [queries, ...others] = (await data(`/api/v1/status/self_metrics?metric_name_pattern=${pattern}`)) as readonly object[];
    assert.deepEqual(Object.entries(queries ?? {}).slice(0, 3), [
      ['name', 'tocsin_queries_total'],
      ['help', 'Queries by kind and outcome.'],
      ['type', 'COUNTER'],
    ]);
    assert.match(JSON.stringify(queries), /"label":\[\{"name":"kind","value":"instant"\},.*"counter":\{"value":\d+\}/);
    assert.deepEqual(others, []);
    assert.equal(await refusal('/api/v1/status/self_metrics?metric_name_pattern=('), 'bad_data: invalid metric_name_pattern "("');
  });

  test('of series that others keep: their addresses, without what they are opened with', async () => {
    const storage = 'storage: { series: { kind: remote, write: "http://me:secret@a/api/v1/write", query: "http://me:secret@a" } }';
    const remote = await openApi([], { settings: () => settingsOf(storage) });
    const { yaml } = (await remote.get('/api/v1/status/config')).json().data;
    assert.match(yaml, /kind: remote\n    write: "http:\/\/a\/api\/v1\/write"\n    query: "http:\/\/a"\n/);
    assert.doesNotMatch(yaml, /secret/);
    await remote.close();
  });

  test('a configuration that is not in force is a notification', async () => {
    const problems = [{ message: 'unknown key', line: 3 }];
    const broken = await openApi([], { configuration: () => ({ loadedAt: NOW - 5_000, failedAt: NOW, problems }) });
    assert.deepEqual((await broken.get('/api/v1/notifications')).json().data, [
      { text: 'Configuration reload has failed: 3: unknown key', date: '2027-01-15T08:00:00.000Z', active: true },
    ]);
    assert.equal((await broken.get('/api/v1/status/runtimeinfo')).json().data.reloadConfigSuccess, false);
    await broken.close();
  });
});

describe('federation', () => {
  test('gives the last sample of each series, but not of those that ended or are older than the look-back', async () => {
    const answer = await api.get(`/federate?match[]=load&match[]=${encoded('{__name__=~"load|gone|old|my.metric"}')}`);
    assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(
      answer.body,
      [
        '# TYPE load untyped',
        `load{host="a",instance="i:1"} 1.234567e+06 ${NOW - 10_000}`,
        `load{host="b",instance=""} 2 ${NOW - 10_000}`,
        '# TYPE my_metric untyped',
        `my_metric{a_b="x\\"y\\\\z\\n",instance=""} NaN ${NOW - 10_000}`,
        '',
      ].join('\n'),
    );
  });

  test('keeps names that need quotes for clients that take them', async () => {
    const accept = 'text/plain;version=1.0.0;escaping=allow-utf-8;q=0.5,*/*;q=0.1';
    const answer = await api.get('/federate?match[]={"my.metric"}', { accept });
    assert.equal(answer.headers['content-type'], 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8');
    assert.equal(answer.body, `# TYPE "my.metric" untyped\n{"my.metric","a b"="x\\"y\\\\z\\n",instance=""} NaN ${NOW - 10_000}\n`);
  });

  test('without a selector is empty, with a bad one says why', async () => {
    assert.deepEqual([(await api.get('/federate')).statusCode, (await api.get('/federate')).body], [200, '']);
    const bad = await api.get('/federate?match[]={');
    assert.deepEqual([bad.statusCode, bad.body], [400, '1:2: parse error: unexpected end of input inside braces\n']);
  });
});

describe('remote read', () => {
  const text = (tag: number, value: string): number[] => [tag, value.length, ...Buffer.from(value)];
  const message = (tag: number, fields: readonly number[]): number[] => [tag, fields.length, ...fields];
  const varint = (value: bigint): number[] => (value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)]);
  const query = (value: string, op = 0): number[] => {
    const matcher = message(26, [8, op, ...text(18, '__name__'), ...text(26, value)]);
    return message(10, [8, ...varint(BigInt(NOW - 20_000)), 16, ...varint(BigInt(NOW)), ...matcher]);
  };
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'snappy', 'x-prometheus-remote-read-version': '0.1.0' };
  const read = (...bytes: number[]) => api.send('/api/v1/read', encodeSnappy(Uint8Array.from(bytes)), headers);

  test('gives stored samples, staleness markers among them, for each query', async () => {
    const answer = await read(...query('load|gone', 2), ...query('nothing'), 16, 9, 16, 0, 16, 1);
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(answer.headers['content-encoding'], 'snappy');
    assert.equal(answer.headers['content-type'], 'application/x-protobuf');
    const body = decodeSnappy(new Uint8Array(answer.rawPayload), 1 << 20);
    assert.ok(body instanceof Uint8Array);
    const samples = (...values: readonly (number | 'stale')[]) => values.map((value, i) => ({ at: NOW - 20_000 + i * 10_000, value }));
    const first = encodeWriteRequest([
      { labels: { __name__: 'gone', host: 'a' }, samples: samples(1, 'stale') },
      { labels: { __name__: 'load', host: 'a', instance: 'i:1' }, samples: samples(3, 1_234_567) },
      { labels: { __name__: 'load', host: 'b' }, samples: samples(1, 2) },
    ]);
    assert.deepEqual([...body], [10, ...varint(BigInt(first.length)), ...first, 10, 0]);
  });

  test('streams chunks to whoever takes them sooner than samples', async () => {
    const answer = await read(...query('load|gone', 2), ...query('nothing'), ...query('gone'), 16, 1, 16, 0);
    assert.equal(answer.statusCode, 200, answer.body);
    assert.equal(answer.headers['content-encoding'], undefined);
    assert.equal(answer.headers['content-type'], 'application/x-streamed-protobuf; proto=prometheus.ChunkedReadResponse');
    const frames = readFrames(new Uint8Array(answer.rawPayload), crc32c);
    assert.deepEqual(
      frames.map((frame) => [frame.query, frame.labels['__name__'], frame.chunks.map(({ from, to }) => [from - NOW, to - NOW])]),
      [
        [0, 'gone', [[-20_000, -10_000]]],
        [0, 'load', [[-20_000, -10_000]]],
        [0, 'load', [[-20_000, -10_000]]],
        [2, 'gone', [[-20_000, -10_000]]],
      ],
    );
    assert.deepEqual(
      readXorChunk(frames[1]?.chunks[0]?.bytes ?? new Uint8Array(0)).map(({ value }) => value),
      [bitsOf(3), bitsOf(1_234_567)],
    );
    const none = await read(...query('nothing'), 16, 1);
    assert.deepEqual([none.statusCode, none.rawPayload.length], [200, 0]);
  });

  test('refuses what it cannot read or give', async () => {
    const refused = async (answer: ReturnType<typeof read>): Promise<string> =>
      `${(await answer).statusCode} ${(await answer).body.trim()}`;
    assert.equal(await refused(api.send('/api/v1/read', Buffer.from('x'), headers)), '400 snappy: corrupt input');
    assert.equal(await refused(read(10, 200)), '400 the read request is malformed');
    assert.match(await refused(read(...query('up'), 16, 9)), /^400 server does not support any of the requested response types/);
    assert.match(await refused(read(...query('(', 2))), /^400 error parsing regexp/);
  });
});

test('a browser that asks first is told the methods; only pages of the configured origins may', async () => {
  const shared = await openApi([], { settings: () => settingsOf('server: { cors_origins: ["https://grafana.example"] }') });
  const ask = async (origin: string): Promise<unknown[]> => {
    const { statusCode, headers } = await shared.options('/api/v1/query_range', { origin });
    return [statusCode, headers['access-control-allow-origin'], String(headers['access-control-allow-methods']).startsWith('GET, POST')];
  };
  assert.deepEqual(await ask('https://grafana.example'), [204, 'https://grafana.example', true]);
  assert.deepEqual(await ask('https://elsewhere.example'), [204, undefined, true]);
  await shared.close();
});
