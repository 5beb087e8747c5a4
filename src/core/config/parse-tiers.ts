import { formatDuration, parseDuration, DAY, MINUTE, type Millis } from '../base/time.ts';
import { parseMetricSelector } from '../promql/parse-metric-selector.ts';
import { fullText, listOf, type Note, positiveDuration, type Reader, record, required } from './readers.ts';
import type { MatchSettings, TierSettings } from './settings.ts';
import { entryOf, itemsOf, type Tree } from './tree.ts';

const RAW = 'raw';
const TIERS_LIMIT = 6;
/** Below, the buckets would be hardly fewer than the samples. */
const LEAST_WIDTH = MINUTE;
const MOST_WIDTH = 92 * DAY;
const LEAST_RAW = DAY;

const tier = record({ every: required(fullText), keep: required(positiveDuration) });
const list = listOf(tier);

/** The tiers, the samples first: `[{ every: raw, keep: 15d }, { every: 5m, keep: 90d }]`. */
export const tiers: Reader<TierSettings> = (tree, note) => {
  const given = list(tree, note);
  if (given === undefined) return undefined;
  const [raw, ...coarse] = given;
  if (raw?.every !== RAW) {
    note(tree, 'expected the samples first: { every: raw, keep: ... }');
    return undefined;
  }
  if (given.length > TIERS_LIMIT) {
    note(tree, `expected not more than ${TIERS_LIMIT} tiers, found ${given.length}`);
    return undefined;
  }
  const read: { every: Millis; keep: Millis }[] = [];
  let before = { every: 0, keep: raw.keep };
  for (const [i, { every: text, keep }] of coarse.entries()) {
    const every = parseDuration(text);
    const why = whyNoTier({ text, every, keep }, before, raw.keep);
    if (why !== null || every === null) {
      noteAt(tree, i + 1, why ?? ['every', 'expected a length of time'], note);
      return undefined;
    }
    before = { every, keep };
    read.push(before);
  }
  return { keep: raw.keep, tiers: read };
};

interface Given {
  readonly text: string;
  readonly every: Millis | null;
  readonly keep: Millis;
}

function whyNoTier(
  { text, every, keep }: Given,
  before: { every: Millis; keep: Millis },
  rawKeep: Millis,
): [key: string, why: string] | null {
  if (text === RAW) return ['every', 'the samples are one tier: the first'];
  if (every === null || every < LEAST_WIDTH) return ['every', `expected a width of 1m or more such as 5m, found ${JSON.stringify(text)}`];
  if (DAY % every !== 0 && every % DAY !== 0)
    return ['every', `a day cannot be divided into pieces of ${text}: take 5m, 10m, 1h, 6h, 1d and the like, or whole days: 7d, 30d`];
  if (every > MOST_WIDTH) return ['every', `expected 92d at most, found ${text}`];
  if (before.every > 0 && (every <= before.every || every % before.every !== 0))
    return ['every', `expected a multiple of the tier before, ${formatDuration(before.every)}, found ${text}`];
  if (every > DAY && before.every > 0 && before.keep < every + 2 * DAY)
    return ['every', `the tier before is kept for ${formatDuration(before.keep)}, too short to make a bucket of ${text} of it`];
  if (keep <= before.keep)
    return ['keep', `a coarser tier is kept longer than the one before, which is kept for ${formatDuration(before.keep)}`];
  if (rawKeep < LEAST_RAW) return ['every', 'the samples are kept for 1d at least when coarser tiers are made of them'];
  return null;
}

function noteAt(tree: Tree, index: number, [key, why]: readonly [key: string, why: string], note: Note): void {
  const item = itemsOf(tree)[index];
  note((item === undefined ? undefined : entryOf(item, key)?.value) ?? tree, why);
}

const kept = record({ match: required(fullText), keep: required(positiveDuration) });

/** Series that are kept shorter: `{ match: '{job="x"}', keep: 3d }`. */
export const keptMatch: Reader<MatchSettings> = (tree, note) => {
  const given = kept(tree, note);
  if (given === undefined) return undefined;
  const { value, problems } = parseMetricSelector(given.match);
  if (value === null) {
    note(entryOf(tree, 'match')?.value ?? tree, problems.map(({ message }) => message).join(', '));
    return undefined;
  }
  return { ...given, matchers: value.matchers.map(({ name, op, value: text }) => ({ name, op, value: text })) };
};
