import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseExposition } from './exposition.ts';
import { type Exemplar, scanExposition, type TextFormat } from './scan-exposition.ts';
import { formatSeriesText, readSeriesText } from './series-text.ts';
import { decodeUtf8, encodeUtf8 } from './utf8.ts';

interface Scanned {
  readonly samples: [string, number, number | null][];
  readonly exemplars: Exemplar[];
  readonly families: string[];
  readonly problem: string | null;
}

function scan(text: string, format: TextFormat): Scanned {
  const samples: Scanned['samples'] = [];
  const exemplars: Exemplar[] = [];
  const families: string[] = [];
  let series = '';
  const problem = scanExposition(encodeUtf8(text), format, {
    known: () => -1,
    series: (bytes, from, to) => {
      series = decodeUtf8(bytes, from, to) ?? '';
      return null;
    },
    sample: (value, at) => void samples.push([series, value, at]),
    histogram: () => {},
    exemplar: (exemplar) => void exemplars.push(exemplar),
    family: ({ kind, name, text: said }) => void families.push(`${kind} ${name} ${said}`),
  });
  return { samples, exemplars, families, problem };
}

test('the text format: samples, moments, comments, names in quotes', () => {
  const text = [
    '# HELP requests_total All \\\\ of\\nthem.',
    '# TYPE requests_total counter',
    '# UNIT requests_total ignored',
    '# any comment',
    'requests_total{a="}\\"",b="x y"} 5 1700000000000',
    '  plain\t3  ',
    'spaced {a="b"} -1e3\r',
    '{"my.metric","my.label"="v"} NaN',
    '',
    'last +Inf',
    '',
  ].join('\n');
  assert.deepEqual(scan(text, 'prometheus'), {
    samples: [
      ['requests_total{a="}\\"",b="x y"}', 5, 1_700_000_000_000],
      ['plain', 3, null],
      ['spaced {a="b"}', -1_000, null],
      ['{"my.metric","my.label"="v"}', Number.NaN, null],
      ['last', Number.POSITIVE_INFINITY, null],
    ],
    exemplars: [],
    families: ['help requests_total All \\ of\nthem.', 'type requests_total counter'],
    problem: null,
  });
});

test('OpenMetrics: seconds, exemplars, units, created, and the end', () => {
  const text = [
    '# TYPE foo_seconds histogram',
    '# UNIT foo_seconds seconds',
    '# HELP foo_seconds help',
    'foo_seconds_bucket{le="1.0"} 4 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67',
    'foo_seconds_bucket{le="+Inf"} 17 # {trace_id="oHg5SJ#YRHA0"} 9.8 1520879607.789',
    'foo_seconds_created 1520430000.123',
    '# EOF',
    '',
  ].join('\n');
  const { samples, exemplars, families, problem } = scan(text, 'openmetrics');
  assert.equal(problem, null);
  assert.deepEqual(samples, [
    ['foo_seconds_bucket{le="1.0"}', 4, 1_520_879_607_789],
    ['foo_seconds_bucket{le="+Inf"}', 17, null],
    ['foo_seconds_created', 1_520_430_000.123, null],
  ]);
  assert.deepEqual(exemplars, [
    { labels: { trace_id: 'KOO5S4vxi0o' }, value: 0.67, at: null },
    { labels: { trace_id: 'oHg5SJ#YRHA0' }, value: 9.8, at: 1_520_879_607_789 },
  ]);
  assert.deepEqual(families, ['type foo_seconds histogram', 'unit foo_seconds seconds', 'help foo_seconds help']);
  assert.equal(scan('a 1\n# EOF', 'openmetrics').problem, null);
});

const BAD: readonly (readonly [TextFormat, string, RegExp])[] = [
  ['prometheus', 'a 1', /line 1: no line end/],
  ['prometheus', 'a 1\nb\n', /line 2: a value is expected/],
  ['prometheus', 'a{b="c" 1\n', /metric name/],
  ['prometheus', 'a 1 2 3\n', /nothing more/],
  ['prometheus', 'a 1 1.5\n', /milliseconds/],
  ['prometheus', 'a 0x10\n', /a value/],
  ['prometheus', '# TYPE a thing\n', /unknown type "thing"/],
  ['openmetrics', 'a 1\n', /cut off/],
  ['openmetrics', 'a 1\n# EOF\nb 1\n', /after # EOF/],
  ['openmetrics', 'a 1\n\n# EOF\n', /empty line/],
  ['openmetrics', '# a comment\n# EOF\n', /line 1: # TYPE/],
  ['openmetrics', '# UNIT a seconds\n# EOF\n', /not the end of the name/],
  ['openmetrics', 'a 1 NaN\n# EOF\n', /timestamp/],
  ['openmetrics', 'a 1 # {a="b"\n# EOF\n', /exemplar/],
];
for (const [format, text, expected] of BAD) {
  test(`bad ${format}: ${JSON.stringify(text)}`, () => assert.match(scan(text, format).problem ?? 'none', expected));
}

const lines = fc.array(
  fc.constantFrom(
    'a',
    '{',
    '}',
    '"',
    '\\',
    ' ',
    '\n',
    '#',
    '=',
    ',',
    '1',
    '.',
    '# EOF\n',
    '# TYPE ',
    'counter',
    'x{a="b"} 1\n',
    '\r\n',
    '\t',
    'NaN',
    '\u{1F600}',
    '-',
  ),
  { maxLength: 40 },
);

test('any text is read or refused, and both readers of the format see the same', () => {
  fc.assert(
    fc.property(lines, (pieces) => {
      const text = `${pieces.join('')}\n`;
      scan(text, 'openmetrics');
      const { samples, problem } = scan(text, 'prometheus');
      const { value } = parseExposition(text);
      if (value === null) return;
      assert.equal(problem, null, JSON.stringify(text));
      assert.deepEqual(
        samples.map(([series, number, at]) => {
          const read = readSeriesText(series, 0, 64);
          assert.ok('labels' in read);
          return { labels: read.labels, value: number, at };
        }),
        value.samples,
      );
    }),
    { numRuns: 2_000 },
  );
});

test('a series that is written as text is read back', () => {
  const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(word, fc.uniqueArray(fc.tuple(word, word), { selector: ([name]) => name, maxLength: 4 }), (name, labels) => {
      fc.pre(labels.every(([label]) => label !== '__name__' && label !== '__proto__'));
      const text = formatSeriesText(name, labels);
      assert.deepEqual(readSeriesText(text, 0, 10), { labels: { __name__: name, ...Object.fromEntries(labels) }, end: text.length });
    }),
  );
});
