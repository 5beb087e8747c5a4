import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readWriteRequest } from '../../../test/doors/write-request.ts';
import { IntakeThread } from './intake-thread.ts';
import type { ScrapeAnswer, TargetRules } from './messages.ts';

const thread = new IntakeThread();
after(() => thread.stop());

const RULES: TargetRules = {
  target: { job: 'j' },
  honorLabels: false,
  honorTimestamps: true,
  trackTimestampsStaleness: false,
  histograms: 'classic',
  names: 'utf8',
  reportedTimeout: null,
  limits: { samples: 0, labels: 0, labelNameLength: 0, labelValueLength: 0, targets: 0, bodyBytes: 0, keepDroppedTargets: 0 },
  relabel: [{ action: 'drop', sourceLabels: ['__name__'], separator: ';', regex: 'go_.*', targetLabel: '', replacement: '$1', modulus: 0 }],
};
const TEXT = '# HELP a Ah.\n# TYPE a counter\na 1\ngo_b 2\n';

function scrape(target: number, text: string, at: number): Promise<ScrapeAnswer> {
  const fetched = { format: 'prometheus', body: gzipSync(text), encoding: 'gzip', limitBytes: 1 << 20 } as const;
  return thread.ask('scrape', { target, at, duration: 5, fetched });
}

const seriesOf = ({ bodies }: Pick<ScrapeAnswer, 'bodies'>): string[] =>
  bodies.flatMap(({ body, encoding }) => readWriteRequest(body, encoding)).map(({ series, value }) => `${series} ${value}`);

test('a scraped answer comes back as a write request, and what does not change is not said again', async () => {
  await thread.ask('open', { target: 1, rules: RULES });
  const first = await scrape(1, TEXT, 1_000);
  assert.deepEqual(seriesOf(first).slice(0, 2), ['a{job="j"} 1', 'up{job="j"} 1']);
  assert.deepEqual([first.outcome.scraped, first.outcome.kept, first.outcome.added], [2, 1, 1]);
  assert.deepEqual([...(first.families ?? [])], [['a', { type: 'counter', help: 'Ah.', unit: '' }]]);
  const again = await scrape(1, TEXT, 2_000);
  assert.deepEqual([again.outcome.added, again.families, again.bodies.length], [0, null, 1]);
  const ended = await thread.ask('close', { target: 1, at: 3_000 });
  assert.ok(seriesOf({ bodies: ended }).includes('a{job="j"} stale'));
  assert.equal((await scrape(1, TEXT, 4_000)).outcome.problem, 'the target is not known');
});

test('a thread that ended is followed by one that knows the targets', async () => {
  await thread.ask('open', { target: 2, rules: RULES });
  await thread.stop();
  const { outcome } = await scrape(2, TEXT, 1_000);
  assert.deepEqual([outcome.problem, outcome.kept], [null, 1]);
});
