import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { expandTemplate } from './expand-template.ts';
import { parseTemplate } from './parse-template.ts';

const labels = { instance: 'web-1:9100', mountpoint: '/var', empty: '', html: '<img onerror=x>' };

function expand(text: string, value: number | null = 1_234_567): string {
  return expandTemplate(text, { labels, value, externalUrl: 'http://testhost:9090/path/prefix' });
}

function table(cases: readonly (readonly [string, string])[], value?: number): void {
  for (const [text, expected] of cases) assert.equal(expand(text, value), expected, text);
}

test('labels and the value, in every way they are written', () => {
  table([
    ['plain text, { even } this }}', 'plain text, { even } this }}'],
    [
      '{{ $labels.instance }}|{{ .Labels.instance }}|{{$.Labels.instance}}|{{ index $labels "instance" }}',
      'web-1:9100|web-1:9100|web-1:9100|web-1:9100',
    ],
    ['{{ $labels.nothing }}|{{ $labels.empty }}', '|'],
    ['{{ $value }} {{ .Value }}', '1.234567e+06 1.234567e+06'],
    ['{{ $value | printf "%.2f" }}', '1234567.00'],
    ['{{ $labels }}', 'map[empty: html:<img onerror=x> instance:web-1:9100 mountpoint:/var]'],
    ['{{ $externalURL }} {{ $externalLabels.x }}', 'http://testhost:9090/path/prefix '],
  ]);
  assert.equal(expand('{{ $value }}', 70.5), '70.5');
  assert.equal(expand('{{ $value }}', null), 'NaN');
});

test("the numbers of Prometheus' own tests", () => {
  const each = (name: string, cases: readonly (readonly [string, string])[]): void =>
    table(
      cases.flatMap(([given, expected]) => [
        [`{{ ${name} ${given} }}`, expected] as const,
        [`{{ "${given}" | ${name} }}`, expected] as const,
      ]),
    );
  each('humanize', [
    ['0.0', '0'],
    ['1.0', '1'],
    ['1234567.0', '1.235M'],
    ['.12', '120m'],
    ['-1', '-1'],
    ['9223372036854775807', '9.223E'],
  ]);
  each('humanize1024', [
    ['0.0', '0'],
    ['1048576.0', '1Mi'],
    ['.12', '0.12'],
    ['1234567', '1.177Mi'],
  ]);
  each('humanizeDuration', [
    ['0', '0s'],
    ['60', '1m 0s'],
    ['3600', '1h 0m 0s'],
    ['90000', '1d 1h 0m 0s'],
    ['-183845', '-2d 3h 4m 5s'],
    ['899.99', '14m 59s'],
    ['.1', '100ms'],
    ['.0001', '100us'],
    ['.12345', '123.5ms'],
    ['1.2345', '1.234s'],
    ['12.345', '12.35s'],
  ]);
  each('humanizePercentage', [
    ['-0.22222', '-22.22%'],
    ['0.1234567', '12.35%'],
    ['1.23456', '123.5%'],
    ['1234567', '1.235e+08%'],
  ]);
  each('humanizeTimestamp', [
    ['0', '1970-01-01 00:00:00 +0000 UTC'],
    ['1435065584.128', '2015-06-23 13:19:44.128 +0000 UTC'],
    ['-1', '1969-12-31 23:59:59 +0000 UTC'],
  ]);
  table([
    ['{{ humanize "+Inf" }}{{ humanize1024 "-Inf" }}{{ humanizeDuration "NaN" }}{{ humanizeTimestamp "NaN" }}', '+Inf-InfNaNNaN'],
    ['{{ printf "%0.2f" (parseDuration "1h2m10ms") }}', '3720.01'],
  ]);
});

test('texts', () => {
  table([
    ['{{ "aa bb CC" | title }}', 'Aa Bb CC'],
    ['{{ "aa bb CC" | toUpper }} {{ "aA bB" | toLower }} {{ toUpper "straße" }}', 'AA BB CC aa bb STRAßE'],
    ['{{ reReplaceAll "(a)b" "x$1" "ab" }}', 'xa'],
    ['{{ reReplaceAll "(?P<n>[a-z]+)-([0-9]+)" "${2}.$n.$3.$$" "web-12 db-3" }}', '12.web..$ 3.db..$'],
    ['{{ reReplaceAll "" "-" "ab" }}', '-a-b-'],
    ['{{ match "a+" "aa" }} {{ match "a+" "b" }} {{ match "^b$" "ab" }}', 'true false false'],
    [
      '{{ "foo.example.com:12345" | stripPort }} {{ "[2001:0DB8::1]:12345" | stripPort }} {{ "[2001:0DB8::1]::12345" | stripPort }}',
      'foo.example.com 2001:0DB8::1 [2001:0DB8::1]::12345',
    ],
    [
      '{{ "foo.example.com:12345" | stripDomain }} {{ "foo.example.com" | stripDomain }} {{ "192.0.2.1:1" | stripDomain }}',
      'foo:12345 foo 192.0.2.1:1',
    ],
    ['{{ graphLink "up > 0" }} {{ tableLink "up" }}', '/graph?g0.expr=up+%3E+0&g0.tab=0 /graph?g0.expr=up&g0.tab=1'],
    ['{{ pathPrefix }} {{ externalURL }}', '/path/prefix http://testhost:9090/path/prefix'],
    ['{{ html $labels.html }} {{ urlquery "a b" }}', '&lt;img onerror=x&gt; a+b'],
    ['{{ len "é" }} {{ print 1 2 "a" 3 4 }}|{{ println 1 "a" }}', '2 1 2a3 4|1 a\n'],
    ['{{ "tab\\t\\u00e9" }} {{ `raw\\n` }}', 'tab\té raw\\n'],
  ]);
});

test('branches, comparisons and loops', () => {
  table(
    [
      ['{{ if gt $value 90 }}hot{{ else }}cold{{ end }}', 'hot'],
      ['{{ if ge $value 95.5 }}>={{ end }}{{ if lt $value 95.5 }}<{{ end }}', '>='],
      ['{{ if eq $labels.mountpoint "/" "/var" }}yes{{ end }}', 'yes'],
      ['{{ if ne $labels.mountpoint "/" }}yes{{ end }}', 'yes'],
      ['{{ if $labels.empty }}a{{ else if $labels.instance }}b{{ else }}c{{ end }}', 'b'],
      ['{{ if not $labels.empty }}none{{ end }}', 'none'],
      ['{{ if and $labels.instance (gt $value 1.0) }}both{{ end }}', 'both'],
      ['{{ or $labels.empty "default" }}', 'default'],
      ['{{ with $labels.mountpoint }}[{{ . }}]{{ end }}{{ with $x := $labels.empty }}{{ $x }}{{ else }}none{{ end }}', '[/var]none'],
      ['{{ range $name, $text := $labels }}{{ $name }},{{ end }}', 'empty,html,instance,mountpoint,'],
      ['{{ range .Labels }}{{ . }};{{ end }}', ';<img onerror=x>;web-1:9100;/var;'],
      ['{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}', '2'],
      ['a  {{- " b " -}}  c {{/* nothing */}}d {{- /* trims */ -}} e', 'a b c de'],
      ['{{ 3 | printf "%d-%d" 2 }}', '2-3'],
      ['{{ (printf "%s" $labels.instance) | stripPort | toUpper }}', 'WEB-1'],
      ['{{ or true (humanize "one") }}', 'true'],
    ],
    95.5,
  );
});

test("printf is Go's", () => {
  table([
    ['{{ printf "%d %s %q %v %t %%" 5 "a" "b\\n" 1.5 true }}', '5 a "b\\n" 1.5 true %'],
    ['{{ printf "%5.1f|%-5s|%05d|%+d|% d|%x|%X|%#x|%c" 2.25 "x" 42 7 7 255 255 255 65 }}', '  2.2|x    |00042|+7| 7|ff|FF|0xff|A'],
    ['{{ printf "%.0f %.0f %.0f %.1f" 0.5 1.5 2.5 0.25 }}', '0 2 2 0.2'],
    [
      '{{ printf "%e %.3e %g %.3g %.10g %G" 123456.789 0.00012345 1000000.0 1234567.0 0.1 1e-7 }}',
      '1.234568e+05 1.234e-04 1e+06 1.23e+06 0.1 1E-07',
    ],
    [
      '{{ printf "%d" 1.5 }} {{ printf "%s" 5 }} {{ printf "%d" }} {{ printf "a" 5 }} {{ printf "%z" 1 }}',
      '%!d(float64=1.5) %!s(int=5) %!d(MISSING) a%!(EXTRA int=5) %!z(int=1)',
    ],
    ['{{ printf "%*d|%6.2f%%" 4 7 99.555 }}', '   7| 99.56%'],
    ['{{ printf "%.2s|%T|%T" "héllo" "a" 1.0 }}', 'hé|string|float64'],
    ['{{ printf "%" }}', '%!(NOVERB)'],
  ]);
});

test('errors stand in the text', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['{{', /unclosed action/],
    ['{{ .Foo }}', /can't evaluate field Foo/],
    ['{{ $labels.a.b }}', /can't evaluate field b in type string/],
    ['{{ humanize "one" }}', /error calling humanize: parsing "one": invalid syntax/],
    ['{{ reReplaceAll "(" "" "" }}', /error calling reReplaceAll: .*missing closing/],
    ['{{ humanize }}', /wrong number of args for humanize/],
    ['{{ nothing }}', /function "nothing" not defined/],
    ['{{ query "up" | first | value }}', /function "query" is not supported/],
    ['{{ $x }}', /undefined variable "\$x"/],
    ['{{ if true }}', /without \{\{end\}\}/],
    ['{{ if true }}{{ else }}{{ else }}{{ end }}', /expected end; found \{\{else\}\}/],
    ['{{ end }}', /unexpected \{\{end\}\}/],
    ['{{ "a" "b" }}', /can't give argument to non-function/],
    ['{{ 1 | 2 }}', /non executable command/],
    ['{{ eq 1 "a" }}', /incompatible types/],
    ['{{ define "x" }}{{ end }}', /not supported/],
    ['{{ (1 }}', /unclosed left paren/],
    ['{{ \u00a0 }}', /unexpected "\u00a0"/],
    ['{{ "a }}', /unterminated quoted string/],
    ['{{ 1a }}', /bad number syntax/],
    ['{{ humanizeTimestamp 1e30 }}', /overflows/],
    ['{{ }}', /missing value/],
    ['{{ $labels.a$value }}', /unexpected "\$value"/],
  ];
  for (const [text, expected] of cases) {
    const out = expand(`before ${text}`);
    assert.ok(out.startsWith('<error expanding template: ') && out.endsWith('>'), out);
    assert.match(out, expected, text);
  }
});

test('a bad template says where', () => {
  const { value, problems } = parseTemplate('line one\n  {{ $labels.x | nothing }}');
  assert.equal(value, null);
  assert.deepEqual(problems, [{ message: 'function "nothing" not defined', line: 2, column: 18 }]);
});

test('what a label holds is only text', () => {
  const hostile = { x: '{{ $value }}{{ printf "%s" "y" }} $labels.x %d <b>' };
  assert.equal(expandTemplate('{{ $labels.x }}', { labels: hostile, value: 1, externalUrl: '' }), hostile.x);
  assert.equal(expandTemplate('{{ .Labels.constructor }}{{ $labels.__proto__ }}', { labels: {}, value: 1, externalUrl: '' }), '');
});

test('size and time are bounded', () => {
  assert.match(expand('{{ printf "%1000s" "" | printf "%s%s" "" }}'.repeat(100)), /too long/);
  assert.match(expand(`${'{{ if true }}'.repeat(500)}${'{{ end }}'.repeat(500)}`), /nested too deeply/);
  assert.match(expand(`{{ ${'('.repeat(5_000)} }}`), /nested too deeply/);
  assert.match(expand(`{{ if true }}${'{{ else if true }}'.repeat(2_000)}{{ end }}`), /nested too deeply/);
  const nested = `${'{{ range $labels }}'.repeat(12)}x${'{{ end }}'.repeat(12)}`;
  assert.match(expand(nested), /takes too long|too long/);
  assert.match(expand(`{{ "${'x'.repeat(70_000)}" }}`), /longer than/);
  assert.match(expand('{{ reReplaceAll "(x+x+)+y" "" "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }}'), /^x+$/);
});

const pieces = [
  '{{',
  '}}',
  '{{-',
  '-}}',
  ' ',
  '.',
  '$labels',
  '$value',
  '.Labels',
  '|',
  'if',
  'else',
  'end',
  'range',
  'with',
  'printf',
  '"%d"',
  '"',
  '`',
  '(',
  ')',
  ':=',
  '=',
  ',',
  '$x',
  '1',
  '-1.5',
  "'a'",
  'humanize',
  'eq',
  'index',
  '/*',
  '*/',
  '\n',
  'x',
  '%',
];

test('any text is expanded or says why not', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 30 }), (parts) => {
      assert.equal(typeof expand(parts.join('')), 'string');
      assert.equal(typeof expand(`{{ ${parts.join(' ')} }}`), 'string');
    }),
    { numRuns: 3_000 },
  );
});
