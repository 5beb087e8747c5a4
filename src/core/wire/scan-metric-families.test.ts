import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { delimited, double, inner, message, text, varint } from '../../../test/doors/proto.ts';
import type { Exemplar } from './scan-exposition.ts';
import { scanMetricFamilies } from './scan-metric-families.ts';

function scan(bytes: Uint8Array) {
  const samples: string[] = [];
  const exemplars: Exemplar[] = [];
  const families: string[] = [];
  const problem = scanMetricFamilies(bytes, {
    sample: (series, value, at) => {
      samples.push(`${series} ${value}${at === null ? '' : ` ${at}`}`);
      return null;
    },
    exemplar: (exemplar) => void exemplars.push(exemplar),
    family: (kind, name, said) => void families.push(`${kind} ${name} ${said}`),
  });
  return { samples, exemplars, families, problem };
}

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
    }),
    { numRuns: 2_000 },
  );
});
