import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nativeFamily } from '../../../test/doors/native-histogram.ts';
import { delimited, double, inner, message, text, varint, zigzag } from '../../../test/doors/proto.ts';
import type { Exemplar } from './scan-exposition.ts';
import { decodeHistogram } from './prompb-histogram.ts';
import { type FamilySink, type HistogramChoice, scanMetricFamilies } from './scan-metric-families.ts';
import { withMoment } from './scan-native-histogram.ts';
import { decodeUtf8 } from './utf8.ts';

function scan(bytes: Uint8Array, choice: HistogramChoice = 'classic') {
  const samples: string[] = [];
  const exemplars: Exemplar[] = [];
  const families: string[] = [];
  let series = '';
  const problem = scanMetricFamilies(
    bytes,
    {
      series: (written, from, to) => {
        series = decodeUtf8(written, from, to) ?? '';
        return null;
      },
      sample: (value, at, start) =>
        void samples.push(`${series} ${value}${at === null ? '' : ` ${at}`}${start === 0 ? '' : ` since ${start}`}`),
      histogram: (fields, at, start) => {
        const whole = withMoment(fields, at ?? 1, start);
        const sample = decodeHistogram(whole, 0, whole.length);
        const { value } = typeof sample === 'string' ? { value: null } : sample;
        const { schema, hint, count, sum, positive } = value === null || value === 'stale' ? assert.fail(String(sample)) : value;
        samples.push(`${series} ${schema} ${hint} ${count} ${sum} ${positive.index.join()} ${positive.count.join()} since ${start}`);
      },
      exemplar: (exemplar) => void exemplars.push(exemplar),
      describe: ({ kind, name, text: said }) => void families.push(`${kind} ${name} ${said}`),
    },
    choice,
  );
  return { samples, exemplars, families, problem };
}

const NOWHERE: FamilySink = { series: () => null, sample: () => {}, histogram: () => {}, exemplar: () => {}, describe: () => {} };

const pair = (name: string, value: string): Uint8Array => inner(1, message(text(1, name), text(2, value)));
const traced = message(
  inner(1, message(text(1, 'trace_id'), text(2, 'x'))),
  double(2, 0.5),
  inner(3, message(varint(1, 1_700_000_000), varint(2, 5_000_000))),
);

const ALL = delimited(
  message(
    text(1, 'requests_total'),
    text(2, 'All of them'),
    varint(3, 0),
    inner(4, message(pair('code', '2"0"0'), inner(3, message(double(1, 7), inner(2, traced))), varint(6, 1_700_000_000_123n))),
  ),
  message(text(1, 'my.gauge'), varint(3, 1), inner(4, message(pair('a.b', 'c'), inner(2, double(1, -1.5)))), text(5, 'gauge')),
  message(
    text(1, 'rpc'),
    varint(3, 2),
    inner(
      4,
      inner(
        4,
        message(
          varint(1, 10),
          double(2, 2.5),
          inner(3, message(double(1, 0.5), double(2, 0.1))),
          inner(3, message(double(1, 1), double(2, 0.9))),
        ),
      ),
    ),
  ),
  message(
    text(1, 'lat'),
    varint(3, 4),
    inner(
      4,
      inner(
        7,
        message(
          varint(1, 3),
          double(2, 1.5),
          inner(3, message(varint(1, 1), double(2, 1))),
          inner(3, message(varint(1, 2), double(2, 5), inner(3, traced))),
        ),
      ),
    ),
  ),
);

test('families in protobuf become the series of the text format', () => {
  assert.deepEqual(scan(ALL), {
    samples: [
      'requests_total{code="2\\"0\\"0"} 7 1700000000123',
      '{"my.gauge","a.b"="c"} -1.5',
      'rpc{quantile="0.5"} 0.1',
      'rpc{quantile="1.0"} 0.9',
      'rpc_sum 2.5',
      'rpc_count 10',
      'lat_bucket{le="1.0"} 1',
      'lat_bucket{le="5.0"} 2',
      'lat_bucket{le="+Inf"} 3',
      'lat_sum 1.5',
      'lat_count 3',
    ],
    exemplars: [
      { labels: { trace_id: 'x' }, value: 0.5, at: 1_700_000_000_005 },
      { labels: { trace_id: 'x' }, value: 0.5, at: 1_700_000_000_005 },
    ],
    families: [
      'type requests_total counter',
      'help requests_total All of them',
      'type my.gauge gauge',
      'help my.gauge ',
      'unit my.gauge gauge',
      'type rpc summary',
      'help rpc ',
      'type lat histogram',
      'help lat ',
    ],
    problem: null,
  });
});

test('the native part of a histogram is taken where that is chosen', () => {
  const family = delimited(nativeFamily('lat', [1, 2, 0, 1], { trace: 't', value: 2, at: 5 }));
  const native = ['lat{path="/"} 1 unknown 4 6 0,1,2,3 1,2,0,1 since 7000'];
  const classic = ['lat_bucket{path="/",le="1.0"} 1', 'lat_bucket{path="/",le="+Inf"} 4', 'lat_sum{path="/"} 6', 'lat_count{path="/"} 4'];
  const since = classic.map((one) => `${one} since 7000`);
  assert.deepEqual(scan(family, 'native').samples, native);
  assert.deepEqual(scan(family, 'both').samples, [...native, ...since]);
  assert.deepEqual(scan(family).samples, since);
  assert.deepEqual(scan(family, 'native').exemplars, [{ labels: { trace_id: 't' }, value: 2, at: 5_000 }]);
  // Without a native part the classic one counts, whatever is chosen.
  assert.deepEqual(scan(ALL, 'native'), scan(ALL));
});

test('gauge histograms, and those whose counts are no whole numbers', () => {
  const floats = (...values: readonly number[]): Uint8Array =>
    Buffer.concat(values.map((value) => Buffer.from(double(1, value)).subarray(1)));
  const histogram = message(
    double(4, 2.5),
    double(2, 1),
    zigzag(5, -1),
    inner(12, message(zigzag(1, -2), varint(2, 2))),
    inner(14, floats(1, 1.5)),
  );
  const family = delimited(message(text(1, 'g'), varint(3, 5), inner(4, inner(7, histogram))));
  assert.deepEqual(scan(family, 'native').samples, ['g -1 gauge 2.5 1 -2,-1 1,1.5 since 0']);
});

test('when counters and summaries started is told', () => {
  const start = inner(3, varint(1, 9));
  const counter = message(text(1, 'c'), varint(3, 0), inner(4, inner(3, message(double(1, 2), start))));
  const summary = message(text(1, 's'), varint(3, 2), inner(4, inner(4, message(varint(1, 1), double(2, 2), inner(4, varint(1, 8))))));
  assert.deepEqual(scan(delimited(counter, summary)).samples, ['c 2 since 9000', 's_sum 2 since 8000', 's_count 1 since 8000']);
});

test('whatever the bytes are, they are read or refused', () => {
  assert.match(scan(ALL.subarray(0, ALL.length - 1)).problem ?? '', /malformed/);
  assert.match(scan(delimited(message(varint(3, 1)))).problem ?? '', /no name/);
  assert.match(scan(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x7f])).problem ?? '', /malformed/);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => void scan(bytes)),
    { numRuns: 2_000 },
  );
  fc.assert(
    fc.property(fc.nat(ALL.length - 1), fc.nat(255), (at, byte) => {
      const broken = Uint8Array.from(ALL);
      broken[at] = byte;
      scan(broken);
      for (const choice of ['native', 'both'] as const) scanMetricFamilies(broken, NOWHERE, choice);
    }),
    { numRuns: 2_000 },
  );
});
