import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nativeFamily } from '../../../test/doors/native-histogram.ts';
import { delimited } from '../../../test/doors/proto.ts';
import { readWriteRequest } from '../../../test/doors/write-request.ts';
import { compileMatcher } from '../promql/matcher.ts';
import { findExemplars } from '../series/find-exemplars.ts';
import { DEFAULT_RULES, Head } from '../series/head.ts';
import { PartSource } from '../series/part-source.ts';
import { Refusals } from '../series/refusal.ts';
import { decodeWriteRequest } from '../wire/remote-write.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import { WriteBatch } from '../wire/write-batch.ts';
import { compileRelabelling } from './relabel.ts';
import type { ScrapeLimits } from './scrape-job.ts';
import type { MemoryRules } from './memory-rules.ts';
import { TargetMemory } from './target-memory.ts';

const LIMITS: ScrapeLimits = {
  samples: 0,
  labels: 0,
  labelNameLength: 0,
  labelValueLength: 0,
  targets: 0,
  bodyBytes: 0,
  keepDroppedTargets: 0,
};
const TARGET = { instance: 'h:1', job: 'j' };

function open(given: Partial<Omit<MemoryRules, 'limits'>> & { readonly limits?: Partial<ScrapeLimits> } = {}): TargetMemory {
  return new TargetMemory({
    target: TARGET,
    honorLabels: false,
    honorTimestamps: true,
    trackTimestampsStaleness: false,
    histograms: 'classic',
    names: 'utf8',
    reportedTimeout: null,
    relabelling: compileRelabelling([]),
    ...given,
    limits: { ...LIMITS, ...given.limits },
  });
}

/** Series without the labels of the target -> value, and the moment where it is not that of the scrape. */
function read(bodies: readonly Uint8Array[], at: number): Record<string, number | string> {
  const samples: Record<string, number | string> = {};
  for (const { series, value, at: when } of bodies.flatMap((body) => readWriteRequest(body, 'none'))) {
    const name = series
      .replace(/instance="h:1",job="j",?/, '')
      .replace(/,}$/, '}')
      .replace('{}', '');
    samples[name] = when === at ? value : `${value} @${when}`;
  }
  return samples;
}

function take(memory: TargetMemory, text: string, at: number): Record<string, number | string> {
  return read(memory.take({ format: 'prometheus', bytes: encodeUtf8(text) }, at, 250).bodies, at);
}

const report = (scraped: number, kept: number, added: number, up = 1): Record<string, number> => ({
  up,
  scrape_duration_seconds: 0.25,
  scrape_samples_scraped: scraped,
  scrape_samples_post_metric_relabeling: kept,
  scrape_series_added: added,
});

test('a series that is missing from an answer ends, and begins again when it comes back', () => {
  const memory = open();
  assert.deepEqual(take(memory, 'a 1\nb{x="y"} 2\n', 1_000), { a: 1, ...b(2), ...report(2, 2, 2) });
  assert.deepEqual(take(memory, 'a 3\n', 2_000), { a: 3, ...b('stale'), ...report(1, 1, 0) });
  assert.deepEqual(take(memory, 'a 4\n', 3_000), { a: 4, ...report(1, 1, 0) });
  assert.deepEqual(take(memory, 'a 5\nb{x="y"} 6\n', 4_000), { a: 5, ...b(6), ...report(2, 2, 1) });
});

function b(value: number | string): Record<string, number | string> {
  return { 'b{x="y"}': value };
}

test('a bad answer ends what was there, once, and says up 0; a target that goes ends everything', () => {
  const memory = open();
  take(memory, 'a 1\nb 2\n', 1_000);
  const { bodies, outcome } = memory.take({ format: 'prometheus', bytes: encodeUtf8('a 2\nnew 1\nb x\n') }, 2_000, 250);
  assert.match(outcome.problem ?? '', /line 3: a value is expected/);
  assert.deepEqual(read(bodies, 2_000), { a: 'stale', b: 'stale', ...report(2, 2, 1, 0) });
  const again = memory.fail(3_000, {
    problem: 'connection refused',
    duration: 250,
    scraped: 0,
    kept: 0,
    added: 0,
    exemplars: 0,
    repeated: 0,
    bodyBytes: 0,
  });
  assert.deepEqual(read(again, 3_000), report(0, 0, 0, 0));
  assert.deepEqual(take(memory, 'a 5\n', 4_000), { a: 5, ...report(1, 1, 0) });
  const stale = Object.fromEntries(Object.keys({ a: 1, ...report(0, 0, 0) }).map((name) => [name, 'stale']));
  assert.deepEqual(read(memory.end(5_000), 5_000), stale);
  assert.deepEqual(memory.end(6_000), []);
});

test('moments that the target gives: honoured, not followed to their end unless asked', () => {
  const memory = open();
  assert.deepEqual(take(memory, 'a 1 500\n', 1_000), { a: '1 @500', ...report(1, 1, 1) });
  assert.deepEqual(take(memory, '', 2_000), report(0, 0, 0));
  const tracking = open({ trackTimestampsStaleness: true });
  take(tracking, 'a 1 500\n', 1_000);
  assert.deepEqual(take(tracking, '', 2_000), { a: 'stale', ...report(0, 0, 0) });
  assert.deepEqual(take(open({ honorTimestamps: false }), 'a 1 500\n', 1_000), { a: 1, ...report(1, 1, 1) });
});

test('whose label counts', () => {
  const text = 'a{job="theirs",exported_instance="x",instance="y"} 1\n';
  const series = (memory: TargetMemory): string =>
    readWriteRequest(memory.take({ format: 'prometheus', bytes: encodeUtf8(text) }, 1, 0).bodies[0] ?? new Uint8Array(), 'none')[0]
      ?.series ?? '';
  assert.equal(series(open()), 'a{exported_exported_instance="y",exported_instance="x",exported_job="theirs",instance="h:1",job="j"}');
  assert.equal(series(open({ honorLabels: true })), 'a{exported_instance="x",instance="y",job="theirs"}');
});

test('relabelling drops series, which count as scraped but not as kept', () => {
  const rule = {
    action: 'drop',
    sourceLabels: ['__name__'],
    separator: ';',
    regex: 'go_.*',
    targetLabel: '',
    replacement: '$1',
    modulus: 0,
  } as const;
  const memory = open({ relabelling: compileRelabelling([rule]) });
  assert.deepEqual(take(memory, 'go_a 1\nb 2\n', 1_000), { b: 2, ...report(2, 1, 1) });
  assert.deepEqual(take(memory, 'go_a 1\nb 2\n', 2_000), { b: 2, ...report(2, 1, 0) });
});

test('limits make the whole scrape fail and say which', () => {
  const problem = (text: string, limits: Partial<ScrapeLimits>): string | null =>
    open({ limits }).take({ format: 'prometheus', bytes: encodeUtf8(text) }, 1, 0).outcome.problem;
  assert.equal(problem('a 1\nb 1\n', { samples: 2 }), null);
  assert.equal(problem('a 1\nb 1\nc 1\n', { samples: 2 }), '3 samples, sample_limit is 2');
  assert.match(problem('a{x="1"} 1\n', { labels: 3 }) ?? '', /a has 4 labels, label_limit is 3/);
  assert.match(problem('a{xxxxxxxxx="1"} 1\n', { labelNameLength: 8 }) ?? '', /label_name_length_limit is 8/);
  assert.match(problem('a{x="12345"} 1\n', { labelValueLength: 4 }) ?? '', /label_value_length_limit is 4/);
  const over = open({ limits: { samples: 1 } }).take({ format: 'prometheus', bytes: encodeUtf8('a 1\nb 1\nc 1\n') }, 1_000, 250);
  assert.deepEqual(read(over.bodies, 1_000), report(3, 3, 1, 0));
});

test('bucket bounds and quantiles are numbers, whichever way they are written', () => {
  const text =
    '# TYPE h histogram\nh_bucket{le="1"} 1\nh_bucket{le="+Inf"} 2\n# TYPE s summary\ns{quantile="0.50"} 1\n# TYPE g gauge\ng{le="1"} 1\n';
  const names = Object.keys(take(open(), text, 1_000)).filter((name) => name.includes('"'));
  assert.deepEqual(names, ['h_bucket{le="1.0"}', 'h_bucket{le="+Inf"}', 's{quantile="0.5"}', 'g{le="1"}']);
});

test('the same series twice counts once, and families are remembered', () => {
  const memory = open();
  assert.deepEqual(take(memory, '# HELP a Ah.\n# TYPE a counter\na 1\na 2\n', 1_000), { a: 1, ...report(2, 2, 1) });
  assert.equal(open().take({ format: 'prometheus', bytes: encodeUtf8('a 1\nb 1\na 2\na 3\na 3 7\n') }, 1_000, 1).outcome.repeated, 2);
  assert.deepEqual([...memory.families], [['a', { type: 'counter', help: 'Ah.', unit: '' }]]);
});

test('after any scrapes, what is in force is what the last good answer said', () => {
  const answer = fc.option(fc.array(fc.tuple(fc.nat(30), fc.integer({ min: -5, max: 5 })), { maxLength: 20 }), { freq: 4 });
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 12 }), (answers) => {
      const memory = open();
      const force = new Map<string, number | string>();
      for (const [index, samples] of answers.entries()) {
        const at = (index + 1) * 1_000;
        const text = samples === null ? 'broken' : samples.map(([name, value]) => `m${name} ${value}\n`).join('');
        for (const [name, value] of Object.entries(take(memory, text, at))) {
          if (!name.startsWith('m')) continue;
          assert.ok(value !== 'stale' || force.has(name), `${name} ends without having been there`);
          if (value === 'stale') force.delete(name);
          else force.set(name, value);
        }
        const expected = new Map<string, number>();
        for (const [name, value] of samples ?? []) if (!expected.has(`m${name}`)) expected.set(`m${name}`, value);
        assert.deepEqual(Object.fromEntries(force), Object.fromEntries(expected));
      }
    }),
  );
});

test('native histograms, exemplars and start times go along; an exemplar that is still shown is not sent again', () => {
  const memory = open({ histograms: 'native' });
  const head = new Head(1);
  const scrape = (trace: string, n: number, at: number): void => {
    const bytes = delimited(nativeFamily('lat', [n, 2], { trace, value: 2, at }));
    for (const body of memory.take({ format: 'protobuf', bytes }, n * 1_000, 5).bodies) {
      const batch = new WriteBatch();
      assert.equal(decodeWriteRequest(body.slice(), batch), null);
      const refusals = new Refusals();
      sent.push(head.apply(batch, { source: '', at: n * 1_000, rules: DEFAULT_RULES }, refusals).exemplars ?? 0);
      assert.deepEqual(refusals.list(), []);
    }
  };
  const sent: number[] = [];
  scrape('a', 10, 10);
  scrape('a', 20, 10);
  scrape('b', 30, 30);
  assert.deepEqual(sent, [1, 0, 1]);
  const { value: lat } = compileMatcher({ name: '__name__', op: '=', value: 'lat' });
  assert.ok(lat !== null);
  const source = new PartSource(head);
  const [series] = source.select([lat], 0, 60_000);
  assert.deepEqual(
    series?.histograms?.map((one) => one?.count),
    [12, 22, 32],
  );
  assert.deepEqual([...(series?.startTimes ?? [])], [7_000, 7_000, 7_000]);
  const [found] = findExemplars(head, source.selectors, { sets: [[lat]], from: 0, to: 60_000 });
  assert.deepEqual(found?.labels, { __name__: 'lat', path: '/', ...TARGET });
  assert.deepEqual(
    found?.exemplars.map(({ labels, time }) => [labels['trace_id'], time]),
    [
      ['a', 10_000],
      ['b', 30_000],
    ],
  );
});

test('exemplars of OpenMetrics belong to the series before them, unless that is dropped', () => {
  const rule = { action: 'drop', sourceLabels: ['k'], separator: ';', regex: 'b', targetLabel: '', replacement: '$1', modulus: 0 } as const;
  const memory = open({ relabelling: compileRelabelling([rule]) });
  const text = 'a_total 1 # {trace_id="x"} 0.5 3\nb_total{k="b"} 2 # {trace_id="y"} 1\n# EOF\n';
  const { bodies, outcome } = memory.take({ format: 'openmetrics', bytes: encodeUtf8(text) }, 9_000, 5);
  const batch = new WriteBatch();
  assert.equal(decodeWriteRequest((bodies[0] ?? new Uint8Array(0)).slice(), batch), null);
  assert.deepEqual([batch.exemplars.count, outcome.exemplars], [1, 1]);
});

test('what is known of many series survives that most of them go, in any order', () => {
  const memory = open();
  const name = (n: number): string => `m{n="${n}",path="/a b"}`;
  const text = (numbers: readonly number[], value: number): string =>
    `# TYPE m counter\n# HELP m Said ${value}.\n${numbers.map((n) => `${name(n)} ${value}${n}e-1\n`).join('')}`;
  const all = Array.from({ length: 2_000 }, (_, n) => n);
  const kept = all.filter((n) => n % 10 === 3);
  const values = (samples: Record<string, number | string>): [string, number | string][] =>
    Object.entries(samples).filter(([series]) => series.startsWith('m{'));
  const expected = (numbers: readonly number[], value: number): [string, number][] =>
    numbers.map((n) => [name(n), Number(`${value}${n}e-1`)]);
  assert.deepEqual(values(take(memory, text(all, 1), 1_000)), expected(all, 1));
  const left = values(take(memory, text(kept, 2), 2_000));
  assert.deepEqual(left.slice(0, kept.length), expected(kept, 2));
  assert.equal(left.filter(([, value]) => value === 'stale').length, all.length - kept.length);
  const backwards = kept.toReversed();
  assert.deepEqual(values(take(memory, text(backwards, 3), 3_000)), expected(backwards, 3));
  assert.deepEqual(values(take(memory, text(backwards, 4), 4_000)), expected(backwards, 4));
  assert.deepEqual(take(memory, text(backwards, 5), 1_700_000_000_000)['scrape_series_added'], 0);
  assert.deepEqual([...memory.families], [['m', { type: 'counter', help: 'Said 5.', unit: '' }]]);
});

test('the size of an answer and its bounds are reported where that is wanted', () => {
  const memory = open({ reportedTimeout: 1_500, limits: { samples: 9 } });
  const more = (bytes: number): Record<string, number> => ({
    scrape_timeout_seconds: 1.5,
    scrape_sample_limit: 9,
    scrape_body_size_bytes: bytes,
  });
  assert.deepEqual(take(memory, 'a 1\n', 1_000), { a: 1, ...report(1, 1, 1), ...more(4) });
  const outcome = { problem: 'too long', duration: 250, scraped: 0, kept: 0, added: 0, exemplars: 0, repeated: 0, bodyBytes: -1 };
  assert.deepEqual(read(memory.fail(2_000, outcome), 2_000), { a: 'stale', ...report(0, 0, 0, 0), ...more(-1) });
});

test('names beyond ASCII are taken, unless the job wants the older names', () => {
  const text = '{"my.metric","my.label"="x"} 1\n';
  assert.deepEqual(Object.keys(take(open(), text, 1_000))[0], 'my.metric{my.label="x"}');
  const problem = (series: string): string =>
    open({ names: 'legacy' }).take({ format: 'prometheus', bytes: encodeUtf8(`${series} 1\n`) }, 1, 0).outcome.problem ?? '';
  assert.match(problem('{"my.metric"}'), /"my.metric" is no metric name under metric_name_validation_scheme: legacy/);
  assert.match(problem('a{"my.label"="x"}'), /"my.label" is no label name/);
  assert.equal(problem('a{b="ü"}'), '');
});

/** When the counters of a metric started, by series, as the store has it after scrapes a second apart. */
function startsAfter(memory: TargetMemory, texts: readonly string[], metric: string): Record<string, readonly number[]> {
  const head = new Head(1);
  for (const [index, text] of texts.entries()) {
    const at = 100_000 + index * 1_000;
    for (const body of memory.take({ format: 'openmetrics', bytes: encodeUtf8(`${text}# EOF\n`) }, at, 5).bodies) {
      const batch = new WriteBatch();
      assert.equal(decodeWriteRequest(body.slice(), batch), null);
      head.apply(batch, { source: '', at, rules: DEFAULT_RULES }, new Refusals());
    }
  }
  const { value: matcher } = compileMatcher({ name: '__name__', op: '=', value: metric });
  assert.ok(matcher !== null);
  const starts: Record<string, readonly number[]> = {};
  for (const { labels, startTimes, values } of new PartSource(head).select([matcher], 0, 200_000)) {
    const own = Object.entries(labels).filter(([name]) => name !== '__name__' && !Object.hasOwn(TARGET, name));
    starts[own.join(';')] = Array.from(values, (_, index) => startTimes?.[index] ?? 0);
  }
  return starts;
}

test('OpenMetrics says when counters, histograms and summaries started, and that again when they start anew', () => {
  const text = (created: number): string => `# TYPE a counter
a_total{x="1"} 5
a_created{x="1"} ${created}
a_total{x="2"} 5
a_created{x="2"} 60.25
a_total{x="3"} 5
# TYPE h histogram
h_bucket{le="1.0"} 1
h_bucket{le="+Inf"} 2
h_count 2
h_sum 3
h_created 70
# TYPE s summary
s{quantile="0.5"} 1
s_count 2
s_created 900
# TYPE g gauge
g_total 1
g_created 80
`;
  const texts = [text(50), text(50), text(101.5)];
  assert.deepEqual(startsAfter(open(), texts, 'a_total'), {
    'x,1': [50_000, 50_000, 101_500],
    'x,2': [60_250, 60_250, 60_250],
    'x,3': [0, 0, 0],
  });
  assert.deepEqual(startsAfter(open(), texts, 'h_bucket'), { 'le,1.0': [70_000, 70_000, 70_000], 'le,+Inf': [70_000, 70_000, 70_000] });
  assert.deepEqual(startsAfter(open(), texts, 's_count'), { '': [0, 0, 0] });
  assert.deepEqual(startsAfter(open(), texts, 'g_total'), { '': [0, 0, 0] });
  // The series that say it are stored as well, as Prometheus does.
  assert.deepEqual(Object.keys(startsAfter(open(), texts, 'a_created')), ['x,1', 'x,2']);
});

test('series that relabelling drops still say when others started', () => {
  const drop = {
    action: 'drop',
    sourceLabels: ['__name__'],
    separator: ';',
    regex: '.*_created',
    targetLabel: '',
    replacement: '$1',
    modulus: 0,
  } as const;
  const memory = open({ relabelling: compileRelabelling([drop]) });
  const texts = [
    '# TYPE a counter\na_total 1\na_created 50\n',
    '# TYPE a counter\na_total 2\n',
    '# TYPE a counter\na_total 3\na_created 55\n',
  ];
  assert.deepEqual(startsAfter(memory, texts, 'a_total'), { '': [50_000, 0, 55_000] });
  assert.deepEqual(startsAfter(memory, [], 'a_created'), {});
});

test('an answer is read the same, whatever is known of the one before', () => {
  const line = fc.constantFrom(
    'foo 1\n',
    'foo 2.5e+01\n',
    'foobar 1\n',
    'foo {a="b"} 3\n',
    'foo{a="b"}4\n',
    'foo{a="b"} 4 # {t="x"} 1\n',
    'foo{a="b"} NaN 7\n',
    'foo{a="b\\"}",c="ü"} 1 \n',
    '{"foo.x",a="b"} 1\r\n',
    '  foo 6\n',
    'foo\t7\n',
    '# TYPE foo counter\n',
    '# TYPE h histogram\n',
    '# HELP foo Foo.\n',
    'h_bucket{le="1.0"} 1\n',
    'h_created 1\n',
    '\n',
    '# EOF\n',
    'foo 1',
    'foo x\n',
    'foo\n',
    '{\n',
    '# TYPE foo thing\n',
  );
  const answer = fc.array(line, { maxLength: 12 }).map((lines) => encodeUtf8(lines.join('')));
  const format = fc.constantFrom('prometheus', 'openmetrics');
  const read = (memory: TargetMemory, kind: 'prometheus' | 'openmetrics', bytes: Uint8Array): unknown => {
    const { bodies, outcome } = memory.take({ format: kind, bytes }, 5_000, 1);
    const samples = bodies.flatMap((body) => readWriteRequest(body.slice(), 'none')).filter(({ value }) => value !== 'stale');
    const lines = samples
      .map(({ series, at, value }) => `${series} ${at} ${value}`)
      .filter((text) => !text.startsWith('scrape_series_added'));
    return [
      outcome.problem,
      outcome.scraped,
      outcome.kept,
      outcome.repeated,
      lines.sort(),
      outcome.problem === null && Object.fromEntries(memory.families),
    ];
  };
  fc.assert(
    fc.property(fc.array(fc.tuple(format, answer), { minLength: 2, maxLength: 4 }), (answers) => {
      const memory = open();
      const [last = ['prometheus', new Uint8Array(0)]] = answers.slice(-1);
      for (const [kind, bytes] of answers.slice(0, -1)) read(memory, kind, bytes);
      assert.deepEqual(read(memory, ...last), read(open(), ...last));
    }),
    { numRuns: 3_000 },
  );
});
