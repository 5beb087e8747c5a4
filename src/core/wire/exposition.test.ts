import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatProblem } from '../base/problem.ts';
import { parseExposition } from './exposition.ts';

function problemsOf(text: string): string[] {
  const { value, problems } = parseExposition(text);
  assert.equal(value, null);
  return problems.map(formatProblem);
}

test('samples with and without labels, types, help, timestamps', () => {
  const { value, problems } = parseExposition(
    [
      '# HELP http_requests_total All \\"requests\\", one\\nper line, \\\\.',
      '# TYPE http_requests_total counter',
      '# just a comment',
      '#',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'http_requests_total { method = "post" , code="400", }  3\t-15',
      '',
      '  \t',
      'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\"",none=""} 1.458255915e9\r',
      'something_weird{} +Inf -3982045',
      'a:b_1 .5e-3',
      'c nan',
      '',
    ].join('\n'),
  );
  assert.deepEqual(problems, []);
  assert.deepEqual(value?.families.get('http_requests_total'), { type: 'counter', help: 'All \\"requests\\", one\nper line, \\.' });
  assert.deepEqual(value?.samples, [
    { labels: { __name__: 'http_requests_total', method: 'post', code: '200' }, value: 1027, at: 1395066363000 },
    { labels: { __name__: 'http_requests_total', method: 'post', code: '400' }, value: 3, at: -15 },
    {
      labels: { __name__: 'msdos_file_access_time_seconds', path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1458255915,
      at: null,
    },
    { labels: { __name__: 'something_weird' }, value: Number.POSITIVE_INFINITY, at: -3982045 },
    { labels: { __name__: 'a:b_1' }, value: 0.0005, at: null },
    { labels: { __name__: 'c' }, value: Number.NaN, at: null },
  ]);
});

test('every bad line is told with its place, and makes the text void', () => {
  assert.deepEqual(
    problemsOf('good 1\nbad{ 3\nbad{a="1\\x"} 3\n1bad 3\nbad\nbad 0x10\nbad 1 2 3\nbad{a="1",a="2"} 1\nbad{a="1" b="2"} 1\n'),
    [
      '2:6: a label name or } is expected',
      '3:10: a text in double quotes is expected, with \\\\, \\" and \\n as the only escapes',
      '4:1: a metric name is expected',
      '5:4: a value is expected',
      '6:9: a value is expected',
      '7:9: nothing more is expected on this line',
      '8:12: the label a is given twice',
      '9:11: , or } is expected',
    ],
  );
  assert.deepEqual(problemsOf('# TYPE a thing\n'), ['1:1: unknown type "thing"']);
  assert.deepEqual(problemsOf('a 1\nb 2'), ['2: the last line has no line end: the text may be cut off']);
});

test('limits refuse, and the number of problems is bounded', () => {
  const limits = { samples: 2, labels: 1, lineLength: 20 };
  assert.equal(parseExposition('a 1\nb 1\n', limits).problems.length, 0);
  assert.match(parseExposition('a 1\nb 1\nc 1\n', limits).problems[0]?.message ?? '', /more than 2 samples/);
  assert.match(parseExposition('a{b="",c=""} 1\n', limits).problems[0]?.message ?? '', /more than 1 labels/);
  assert.match(parseExposition(`${'a'.repeat(30)} 1\n`, limits).problems[0]?.message ?? '', /longer than 20/);
  assert.equal(parseExposition('?\n'.repeat(1_000)).problems.length, 20);
});

test('any text is read or refused, and what was written is read back', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const { value, problems } = parseExposition(`${text}\n`);
      return (value === null) === problems.length > 0;
    }),
  );
  const escape = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.double({ noNaN: true }), (text, number) => {
      const { value } = parseExposition(`m{l="${escape(text)}"} ${number}\n`);
      assert.deepEqual(value?.samples, [
        { labels: { __name__: 'm', l: text }, value: number === 0 ? Number(String(number)) : number, at: null },
      ]);
    }),
  );
});
